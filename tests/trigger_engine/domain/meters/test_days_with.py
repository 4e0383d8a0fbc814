"""On how many days something happened, whichever day is told first."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.meters.days_with import MAX_DAYS, DaysTally, happened

FULL = range(20_000, 20_000 + MAX_DAYS)


def told(days: list[int]) -> DaysTally:
    tally = DaysTally()
    for day in days:
        tally = happened(tally, day)
    return tally


@given(st.lists(st.integers(-300, 300), max_size=40))
def test_each_day_counts_once(days: list[int]) -> None:
    assert told(days).value == len(set(days))


@given(
    st.lists(st.integers(-300, 300), max_size=12).flatmap(lambda days: st.tuples(st.just(days), st.permutations(days)))
)
def test_the_order_of_arrival_makes_no_difference(orders: tuple[list[int], list[int]]) -> None:
    assert told(orders[0]) == told(orders[1])


def test_a_day_before_1970_is_a_day() -> None:
    assert told([-1, 0, -1]).value == 2


@pytest.mark.parametrize(
    ("days", "value"),
    [
        pytest.param([*FULL], MAX_DAYS, id="all days up to the bound"),
        pytest.param([*FULL, FULL[-1] + 1], MAX_DAYS + 1, id="one more"),
        pytest.param([*FULL, FULL[-1] + 1, FULL[-1] + 2], MAX_DAYS + 2, id="and one more"),
        pytest.param([*FULL, FULL[-1] + 2, FULL[-1] + 2], MAX_DAYS + 1, id="and a gap"),
        pytest.param([*FULL, FULL[-1] + MAX_DAYS, FULL[-1] + MAX_DAYS], MAX_DAYS + 1, id="as long again"),
        pytest.param([*FULL, FULL[-1] + 9, FULL[0]], MAX_DAYS + 1, id="what is only a number counts no more"),
        pytest.param([FULL[-1] + 1, FULL[0]], 1, id="nor what comes eleven years late"),
    ],
)
def test_at_the_bound_the_oldest_days_are_only_a_number(days: list[int], value: int) -> None:
    tally = told(days)
    assert tally.value == value
    assert len(tally.bits) <= MAX_DAYS // 8
    assert len(msgspec.msgpack.encode(tally)) < 540
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(tally), type=DaysTally) == tally
