"""Habits through the core."""

from __future__ import annotations

import pytest

from schemas.facts import PeriodStarted
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import PRODUCT, T0, Bench, D, H
from tests.trigger_engine.domain.watching.kinds import fired, said, since_start, watching


def bench(meter: str, reaches: int = 3) -> Bench:
    product = PRODUCT.replace("shares: {count: file.shared}", f"shares: {{{meter}}}")
    made = Bench(watching(f"habit_: {{habit: shares, reaches: {reaches}}}", product=product))
    made.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + 10 * D))
    return made


@pytest.mark.parametrize(
    ("meter", "hours", "found"),
    [
        pytest.param("count: file.shared, over: 7d", [0, 1, 2, 3, 100], [2], id="as long as it comes back it is one"),
        pytest.param(
            "count: file.shared, over: 1d", [0, 1, 2, 30, 31, 32], [2], id="below for less than one full window"
        ),
        pytest.param(
            "count: file.shared, over: 1d", [0, 1, 2, 49, 50, 51], [2, 51], id="below for one full window re-arms"
        ),
        pytest.param(
            "count: file.shared, over: day", [0, 1, 2, 24, 48, 49, 50], [2, 50], id="a whole day without it re-arms"
        ),
        pytest.param("count: file.shared, over: day", [0, 1, 2, 24, 25, 26], [2], id="the next day with it does not"),
        pytest.param("days_with: file.shared, over: 7d", [0, 1, 24, 48], [48], id="days on which it happens"),
        pytest.param("count: file.shared, over: billing_period", [0, 1, 2, 3], [2], id="a billing period"),
        pytest.param("count: file.shared, over: 1d", [5, 0, 3], [5], id="completed late, it was one at its own time"),
    ],
)
def test_a_habit_fires_when_it_is_reached_and_re_arms_below_target_for_one_full_window(
    meter: str, hours: list[int], found: list[int]
) -> None:
    made = bench(meter)
    told = [event for hour in hours for event in made.use("file.shared", at=T0 + hour * H)]
    assert [at // H for at in since_start(told)] == found


def test_a_habit_of_a_user_is_for_that_user() -> None:
    made = bench("count: file.shared, over: 7d, by: user")
    told = [event for who in ("ann", "bob", "ann", "bob", "ann") for event in made.use("file.shared", user=who)]
    assert [said(moment, "value", "group") for moment in fired(told)] == [(3, None)]
    assert {event.data.user for event in told if event.type == "rung.decided"} == {"ann"}  # type: ignore[attr-defined]  # decisions have data


def test_a_habit_that_was_there_before_the_moment_is_still_one() -> None:
    """It is true now, as a limit is: no old success."""
    made = bench("count: file.shared, over: 7d")
    made.core.rules = watching("other: {milestone: exports, reaches: 9}", product=PRODUCT)
    later = bench("count: file.shared, over: 7d").core.rules.after(made.core.rules, T0 + D)
    made.core.rules = later
    told = [event for hour in (25, 26, 27) for event in made.use("file.shared", at=T0 + hour * H)]
    assert len(fired(told)) == 1
