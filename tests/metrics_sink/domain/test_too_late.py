from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.metrics_sink.domain.too_late import FAR_WAIT, FURTHEST, Beyond, Ready, beyond, too_late

AT = datetime(2026, 3, 4, tzinfo=UTC)
ASKED = {"team_plan": {"exports": Decimal(2), "files": Decimal(10)}, "suite": {"exports": Decimal(5)}, "plain": {}}


def ready(account: str, days: int = 1, times: str | None = None) -> Ready:
    came_to = None if times is None else Beyond("exports", Decimal(times), Decimal(1))
    return Ready(account, AT, timedelta(days=days), 3, "capped", came_to)


@pytest.mark.parametrize(
    ("meters", "offers", "found"),
    [
        ({"exports": "7"}, ["team_plan"], Beyond("exports", Decimal(7), Decimal(2))),
        ({"exports": "7", "files": "200"}, ["team_plan"], Beyond("files", Decimal(200), Decimal(10))),
        ({"exports": "7"}, ["suite", "team_plan"], Beyond("exports", Decimal(7), Decimal(2))),
        ({"exports": "2"}, ["team_plan"], Beyond("exports", Decimal(2), Decimal(2))),
        ({"exports": "1.9"}, ["team_plan"], None),
        ({"storage": "7"}, ["team_plan"], None),
        ({"exports": "7"}, ["plain", "of_an_older_set"], None),
    ],
)
def test_how_far_beyond_an_account_is_goes_by_what_its_offers_ask(
    meters: dict[str, str], offers: list[str], found: Beyond | None
) -> None:
    assert beyond(meters, offers, ASKED) == found


def test_the_furthest_by_its_meter_comes_first_and_then_who_waited_longest() -> None:
    found = too_late([ready("b", 9), ready("a", 9), ready("c", 1, "14"), ready("d", 10), ready("e", 90, "1.5")])
    assert [one.account for one in found.furthest] == ["c", "e", "d", "a", "b"]


def test_far_is_by_time_or_by_a_meter() -> None:
    found = too_late(
        [ready("a", FAR_WAIT.days), ready("b", FAR_WAIT.days - 1), ready("c", 0, "2"), ready("d", 0, "1.9")]
    )
    assert (found.accounts, found.far) == (4, 2)
    assert {one.account for one in found.furthest if one.is_far} == {"a", "c"}


def test_all_are_counted_and_few_are_named() -> None:
    found = too_late(ready(f"a-{number}", 40) for number in range(3 * FURTHEST))
    assert (found.accounts, found.far, len(found.furthest)) == (3 * FURTHEST, 3 * FURTHEST, FURTHEST)
