"""How many different values a rolling window holds, exactly, and an estimate that says so beyond the bound."""

from decimal import Decimal

import msgspec
import pytest

from services.trigger_engine.domain.meters.marks import mark
from services.trigger_engine.domain.meters.rolling_marks import MAX_ENTRIES, MarksState, RollingMarks

SPAN = 100
WINDOW = RollingMarks(SPAN)
FLOOR = -(10**18)
Told = list[tuple[int, int]]


def kept(told: Told, floor: int = FLOOR, window: RollingMarks = WINDOW) -> MarksState:
    state = MarksState()
    for at, value in told:
        state = window.seen(state, value, at, floor)
    return state


@pytest.mark.parametrize(
    ("told", "at", "holds"),
    [
        pytest.param([(0, 1), (10, 2), (20, 1)], 20, 2, id="each value once"),
        pytest.param([(0, 1), (10, 2)], 99, 2, id="up to a span later"),
        pytest.param([(0, 1), (10, 2)], 100, 1, id="and no longer"),
        pytest.param([(0, 1), (60, 1)], 100, 1, id="seen again it stays"),
        pytest.param([(60, 1), (0, 1)], 30, 1, id="a late one is seen where it was"),
        pytest.param([(0, 1), (50, 1), (100, 1)], 60, 1, id="what is left out in between is not missed"),
        pytest.param([(0, 1), (150, 1), (300, 1)], 200, 1, id="what stands alone is kept"),
    ],
)
def test_what_a_window_holds(told: Told, at: int, holds: int) -> None:
    assert WINDOW.value(kept(told), at) == holds


def test_only_times_that_a_window_needs_are_kept() -> None:
    assert kept([(0, 1), (50, 1), (100, 1)]).times == {1: (0, 100)}
    assert kept([(0, 1), (50, 1), (101, 1)]).times == {1: (0, 50, 101)}
    assert kept([(0, 1), (150, 1), (300, 1)], floor=200).times == {1: (150, 300)}


def test_what_has_left_is_forgotten_before_there_is_much_of_it() -> None:
    state, most = MarksState(), 0
    for number in range(2000):
        state = WINDOW.seen(state, mark(Decimal(number)), number * 10, number * 10 - SPAN)
        most = max(most, state.entries)
    live = 2 * SPAN // 10
    assert live <= most <= 2 * live + 2


@pytest.mark.parametrize(
    ("told", "at", "highest"),
    [
        pytest.param([(0, 1), (50, 2)], 50, (2, 50), id="in order: what it stands at"),
        pytest.param([(50, 2), (99, 3), (0, 1)], 0, (3, 99), id="late: what it would have come to"),
        pytest.param([(100, 2), (0, 1)], 0, (1, 0), id="but not in a window it had left"),
        pytest.param([(-60, 2), (40, 3), (0, 1)], 0, (2, 0), id="one leaves as another comes"),
    ],
)
def test_a_late_value_raises_what_came_after_it(told: Told, at: int, highest: tuple[int, int]) -> None:
    assert WINDOW.peak(kept(told), at) == highest


@pytest.mark.parametrize(
    ("target", "falls"),
    [
        pytest.param(3, 60, id="it has already"),
        pytest.param(2, 110, id="with the first that leaves"),
        pytest.param(1, 150, id="with the last"),
        pytest.param(0, None, id="nothing is never below nothing"),
    ],
)
def test_a_window_falls_below_a_mark_when_enough_has_left(target: int, falls: int | None) -> None:
    assert WINDOW.falls_below(kept([(10, 1), (50, 2), (0, 2)]), Decimal(target), 60) == falls


# --- at the bound -------------------------------------------------------------------------------

MANY = [(number, mark(Decimal(number))) for number in range(2000)]
WIDE = RollingMarks(10**6)


def test_it_is_exact_up_to_the_bound() -> None:
    state = kept(MANY[:MAX_ENTRIES], window=WIDE)
    assert (state.exact, WIDE.value(state, MAX_ENTRIES)) == (True, MAX_ENTRIES)


@pytest.mark.parametrize("count", [MAX_ENTRIES + 1, 1000, 2000])
def test_beyond_the_bound_it_is_an_estimate_and_says_so(count: int) -> None:
    state = kept(MANY[:count], window=WIDE)
    assert not state.exact
    assert 0.91 * count < WIDE.value(state, count) < 1.09 * count
    assert sum(map(len, state.times.values())) == state.entries <= MAX_ENTRIES
    assert state.left_out == max(at for at, value in MANY[:count] if value not in state.times)


def test_the_newest_that_was_left_out_is_remembered_in_any_order() -> None:
    state = kept(MANY[::-1], window=WIDE)
    assert state.left_out == max(at for at, value in MANY if value not in state.times)


def test_the_order_of_arrival_makes_no_difference() -> None:
    assert WIDE.value(kept(MANY[::-1], window=WIDE), 2000) == WIDE.value(kept(MANY, window=WIDE), 2000)


def test_it_is_exact_again_once_all_that_was_left_out_would_have_left() -> None:
    state = kept(MANY, window=WIDE)
    assert state.left_out is not None
    almost = WIDE.seen(state, 1, 10**7, state.left_out + 10**6 - 1)
    assert not almost.exact
    again = WIDE.seen(almost, 1, 10**7, state.left_out + 10**6)
    assert (again.exact, WIDE.value(again, 10**7)) == (True, 1)


def test_what_is_left_out_late_keeps_it_an_estimate() -> None:
    state = kept(MANY, window=WIDE)
    assert state.below is not None
    later = WIDE.seen(state, state.below, 5000, FLOOR)
    assert later == MarksState(state.times, state.entries, state.below, 5000, state.needed)


def test_a_full_window_is_a_part_of_a_slice_and_survives_its_bytes() -> None:
    state = kept([(10**15 + at, value) for at, value in MANY], window=WIDE)
    raw = msgspec.msgpack.encode(state)
    assert msgspec.msgpack.decode(raw, type=MarksState) == state
    assert len(raw) < 11 * 1024


def test_with_less_room_it_is_exact_up_to_fewer() -> None:
    narrow, state = RollingMarks(WIDE.span_us, 32), MarksState()
    for number, value in enumerate(MANY[:33]):
        assert state.exact
        state = narrow.seen(state, value[1], number, 0)
    assert (state.exact, state.entries) == (False, 32)
