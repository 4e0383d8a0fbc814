"""Levels: the first that holds, and none while one before it is unknown."""

from decimal import Decimal

import pytest

from tests.trigger_engine.domain.playbook.whole_product import WHOLE, reading

ENGAGEMENT = reading(WHOLE)[0].levels["engagement"]
BY_USE = reading(WHOLE.replace("medium: meters.active_days >= 4", "medium: account.vip"))[0].levels["engagement"]


@pytest.mark.parametrize(
    ("days", "level"),
    [(12, "high"), ("11.5", "medium"), (4, "medium"), (3, "low"), (0, "low")],
)
def test_an_account_is_put_down_as_the_first_that_holds(days: int | str, level: str) -> None:
    assert ENGAGEMENT.judge({"meters.active_days": Decimal(days)})[0] == level


def test_a_level_is_unknown_when_one_before_it_might_have_held() -> None:
    name, verdict = BY_USE.judge({"account.vip": True})
    assert (name, verdict.why) == (None, "unknown: meters.active_days")


def test_a_level_is_known_when_what_is_unknown_stands_behind_it() -> None:
    assert BY_USE.judge({"meters.active_days": Decimal(12)})[0] == "high"


def test_the_last_is_never_reached_past_what_is_unknown() -> None:
    assert BY_USE.judge({"meters.active_days": Decimal(1)})[0] is None


def test_a_level_is_read_as_flags() -> None:
    assert ENGAGEMENT.flags({"meters.active_days": Decimal(5)}) == {
        "engagement.high": False,
        "engagement.medium": True,
        "engagement.low": False,
    }
    assert set(ENGAGEMENT.flags({}).values()) == {None}
