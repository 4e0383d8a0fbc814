"""A rolling window holds what happened in it, to the microsecond, and says when it can not."""

from decimal import Decimal

import msgspec
import pytest

from services.trigger_engine.domain.meters.rolling import MAX_ENTRIES, SECOND_US, Rolling, RollingState
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate

SPAN = 100
SUM = Rolling(SPAN, Aggregate.SUM)
MAX = Rolling(SPAN, Aggregate.MAX)
HOUR = Rolling(3600 * SECOND_US, Aggregate.COUNT)
FLOOR = -(10**18)
Told = list[tuple[int, int]]


def kept(rolling: Rolling, told: Told, floor: int = FLOOR) -> RollingState:
    state = RollingState()
    for at, by in told:
        state = rolling.counted(state, at, Decimal(by), floor)
    return state


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        pytest.param(99, 0, id="before it happened"),
        pytest.param(100, 1, id="when it happened"),
        pytest.param(199, 1, id="just before a span has passed"),
        pytest.param(200, 0, id="once a span has passed"),
    ],
)
def test_an_event_is_in_the_windows_that_end_within_a_span_of_it(at: int, holds: int) -> None:
    assert SUM.value(kept(SUM, [(100, 1)]), at) == holds


@pytest.mark.parametrize(
    ("rolling", "told", "at", "holds"),
    [
        pytest.param(SUM, [(10, 2), (10, 3)], 10, 5, id="what happens at once adds up"),
        pytest.param(SUM, [(10, 2), (20, -7)], 20, -5, id="a sum is never clamped"),
        pytest.param(MAX, [(10, 9), (20, 4)], 109, 9, id="the greatest while it is in"),
        pytest.param(MAX, [(10, 9), (20, 4)], 110, 4, id="then the next"),
        pytest.param(MAX, [(10, 9), (10, 4)], 10, 9, id="the greatest of what happens at once"),
        pytest.param(MAX, [(10, -4)], 10, 0, id="nothing is greater than below nothing"),
    ],
)
def test_what_a_window_holds(rolling: Rolling, told: Told, at: int, holds: int) -> None:
    assert rolling.value(kept(rolling, told), at) == holds


@pytest.mark.parametrize(
    ("rolling", "told", "at", "highest"),
    [
        pytest.param(SUM, [(0, 1), (50, 1)], 50, (2, 50), id="in order: what it stands at"),
        pytest.param(SUM, [(50, 1), (99, 1), (0, 1)], 0, (3, 99), id="late: what it would have come to"),
        pytest.param(SUM, [(100, 5), (0, 1)], 0, (1, 0), id="but not in a window it had left"),
        pytest.param(SUM, [(50, -1), (60, 1), (0, 1)], 0, (1, 0), id="the first of several as high"),
        pytest.param(MAX, [(60, 7), (0, 1)], 0, (7, 60), id="also of a greatest"),
        pytest.param(MAX, [(-50, 7), (0, 1)], 0, (7, 0), id="that came before"),
    ],
)
def test_a_late_event_raises_what_came_after_it(
    rolling: Rolling, told: Told, at: int, highest: tuple[int, int]
) -> None:
    most, when = rolling.peak(kept(rolling, told), at)
    assert (int(most), when) == highest


@pytest.mark.parametrize(
    ("told", "target", "at", "falls"),
    [
        pytest.param([(0, 1), (50, 1)], 2, 60, 100, id="with the first that leaves"),
        pytest.param([(0, 1), (50, 1)], 1, 60, 150, id="with the last"),
        pytest.param([(0, 1)], 2, 60, 60, id="it has already"),
        pytest.param([(0, 1)], 0, 60, None, id="nothing is never below nothing"),
        pytest.param([(0, 3), (10, -3), (20, 3)], 3, 20, 100, id="a correction may bring it back later"),
    ],
)
def test_a_window_falls_below_a_mark_when_enough_has_left(told: Told, target: int, at: int, falls: int | None) -> None:
    assert SUM.falls_below(kept(SUM, told), Decimal(target), at) == falls


def test_what_no_window_asks_for_any_more_is_forgotten() -> None:
    assert kept(SUM, [(0, 1), (99, 1), (200, 1)], floor=199).times == (200,)
    assert kept(SUM, [(0, 1), (100, 1), (200, 1)], floor=199).times == (100, 200)


# --- at the bound -------------------------------------------------------------------------------


def test_it_is_exact_up_to_the_bound() -> None:
    state = kept(HOUR, [(number, 1) for number in range(MAX_ENTRIES)])
    assert (state.exact, len(state.times)) == (True, MAX_ENTRIES)
    assert HOUR.value(state, MAX_ENTRIES - 1) == MAX_ENTRIES


def test_beyond_the_bound_times_are_those_of_a_grid_and_it_says_so() -> None:
    """700 events, 3 s apart: on a grid of 4 s there are 525 cells, of 8 s 263."""
    told = [(number * 3 * SECOND_US, 1) for number in range(700)]
    state = kept(HOUR, told)
    assert (state.exact, state.grid) == (False, 8)
    assert HOUR.value(state, told[-1][0]) == 700


def test_no_event_leaves_more_than_the_bound() -> None:
    state = kept(HOUR, [(number * 3 * SECOND_US, 1) for number in range(MAX_ENTRIES)])
    for number in range(MAX_ENTRIES, MAX_ENTRIES + 9):
        state = HOUR.counted(state, number * 3 * SECOND_US, Decimal(1), FLOOR)
        assert len(state.times) <= MAX_ENTRIES


def test_beyond_the_bound_an_event_leaves_at_most_one_cell_too_soon() -> None:
    told = [(number * 10 * SECOND_US + 7, 1) for number in range(1000)]
    state = kept(HOUR, told)
    cell = state.grid * SECOND_US
    for at in range(told[-1][0], told[-1][0] + 3600 * SECOND_US, 77 * SECOND_US):
        exact = sum(at - HOUR.span_us < time <= at for time, _ in told)
        least = sum(at - HOUR.span_us + cell < time <= at for time, _ in told)
        assert least <= HOUR.value(state, at) <= exact


def test_the_order_of_arrival_makes_no_difference_to_the_grid() -> None:
    told = [(number * 3 * SECOND_US, 1) for number in range(700)]
    assert kept(HOUR, told[::-1]) == kept(HOUR, told)


def test_it_is_exact_again_once_all_of_it_has_left() -> None:
    crowd = kept(HOUR, [(number * 3 * SECOND_US, 1) for number in range(700)])
    later = 10**6 * SECOND_US + 5
    state = HOUR.counted(crowd, later, Decimal(1), later)
    assert state == RollingState((later,), (Decimal(1),))


def test_a_full_window_is_a_part_of_a_slice_and_survives_its_bytes() -> None:
    longest = Decimal("-12345678901234567890.123456789012345678")
    state = RollingState()
    for number in range(MAX_ENTRIES):
        state = HOUR.counted(state, number * 10**15, longest, FLOOR)
    raw = msgspec.msgpack.encode(state)
    assert msgspec.msgpack.decode(raw, type=RollingState) == state
    assert len(raw) < 27 * 1024
    usual = kept(HOUR, [(10**15 + number, 1) for number in range(MAX_ENTRIES)])
    assert len(msgspec.msgpack.encode(usual)) < 7 * 1024


def test_long_numbers_take_the_place_of_others() -> None:
    """What a slice may have is bytes: of numbers of forty characters a fifth as many fit."""
    long = Decimal("1234567890.123456789012345678")
    state = RollingState()
    for number in range(300):
        state = HOUR.counted(state, number, long + number, 0)
    assert not state.exact
    assert len(msgspec.msgpack.encode(state)) < MAX_ENTRIES * 19
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=RollingState)
    for number in range(300, 900):
        state, again = (HOUR.counted(one, number, long, number) for one in (state, again))
        assert state == again
        assert state.length() == sum(len(str(amount)) for amount in state.amounts)


def test_with_less_room_it_is_exact_up_to_fewer() -> None:
    narrow = Rolling(HOUR.span_us, Aggregate.SUM, 32)
    state = RollingState()
    for number in range(33):
        assert (state.exact, len(state.times)) == (True, number)
        state = narrow.counted(state, number, Decimal(1), 0)
    assert not state.exact
    assert narrow.value(state, SECOND_US) == 33
