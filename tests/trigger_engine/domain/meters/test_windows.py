"""Windows follow each other; one is kept while events may still come for it."""

from decimal import Decimal
from functools import partial

import msgspec

from services.trigger_engine.domain.meters.distinct import DistinctTally, seen
from services.trigger_engine.domain.meters.marks import mark
from services.trigger_engine.domain.meters.windows import (
    EVER,
    MOST,
    NumberTally,
    WindowsState,
    tallied,
    windows_of,
)

WINDOWS = windows_of(MOST)


def more(tally: NumberTally) -> NumberTally:
    return NumberTally(tally.value + 1)


def counted(windows: list[int], over: int | None = None) -> WindowsState:
    state = WindowsState()
    for window in windows:
        state = tallied(state, window, NumberTally(), more, over)
    return state


def told(state: WindowsState) -> dict[int, int]:
    return {name: int(tally.value) for name, tally in state.open.items()}


def test_each_window_has_a_number_of_its_own() -> None:
    assert told(counted([2, 1, 2])) == {1: 1, 2: 2}
    assert told(counted([EVER, EVER])) == {EVER: 2}


def test_what_gets_no_more_events_is_forgotten() -> None:
    assert told(counted([1, 2, 3], over=2)) == {2: 1, 3: 1}


def test_a_forgotten_window_stands_at_nothing() -> None:
    assert counted([1, 2], over=2).of(1, NumberTally()) == NumberTally()


def test_at_the_bound_the_oldest_window_is_closed_and_counts_nowhere() -> None:
    state = counted(list(range(WINDOWS)))
    assert state.closed is None
    state = tallied(state, WINDOWS, NumberTally(), more, None)
    assert (state.closed, len(state.open), state.is_closed(0), state.is_closed(1)) == (0, WINDOWS, True, False)
    assert tallied(state, 0, NumberTally(), more, None) is state


def test_many_values_in_many_windows_close_the_oldest() -> None:
    state = WindowsState()
    for window in range(4):
        for number in range(400):
            state = tallied(state, window, DistinctTally(), partial(seen, mark=mark(Decimal(number))), None)
    assert (state.closed, list(state.open)) == (1, [2, 3])
    assert len(msgspec.msgpack.encode(state)) < 2 * MOST * 10


def test_the_state_survives_its_bytes() -> None:
    state = tallied(counted([5, 7]), 8, DistinctTally(), lambda tally: seen(tally, mark("a")), None)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=WindowsState) == state
    assert WindowsState() == msgspec.msgpack.decode(msgspec.msgpack.encode(WindowsState()), type=WindowsState)


def test_where_fewer_values_are_told_apart_fewer_windows_are_kept() -> None:
    state = WindowsState()
    for window in range(40):
        state = tallied(state, window, NumberTally(), more, None, 64)
    assert (len(state.open), state.closed) == (windows_of(64), 31)
