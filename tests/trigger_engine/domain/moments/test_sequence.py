"""A sequence fires when its steps follow each other in time."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.moments.sequence import SequenceState, observe
from services.trigger_engine.domain.moments.times import MAX_TIMES
from services.trigger_engine.domain.playbook.moments import SequenceMoment
from tests.trigger_engine.domain.building import D
from tests.trigger_engine.domain.reference.moments import has_run

BOTH = SequenceMoment("tried_both", ("a", "b"), 10, D)
THREE = SequenceMoment("tried_all", ("a", "b", "c"), 10, D)
FLOOR = -(10**9)
Happened = list[tuple[str, int]]


def run(moment: SequenceMoment, happened: Happened, lateness: int | None = None) -> tuple[SequenceState, list[int]]:
    state, found, newest = SequenceState(), [], FLOOR
    for step, at in happened:
        newest = max(newest, at)
        floor = FLOOR if lateness is None else newest - lateness
        state, completed = observe(moment, state, step, at, floor)
        found.extend([] if completed is None else [completed])
    return state, found


@pytest.mark.parametrize(
    ("moment", "happened", "at"),
    [
        pytest.param(BOTH, [("a", 0)], [], id="a beginning"),
        pytest.param(BOTH, [("a", 0), ("b", 10)], [10], id="just in time"),
        pytest.param(BOTH, [("a", 0), ("b", 11)], [], id="too late"),
        pytest.param(BOTH, [("b", 0), ("a", 5)], [], id="the wrong way round"),
        pytest.param(BOTH, [("b", 5), ("a", 0)], [5], id="told the wrong way round, it happened the right way"),
        pytest.param(BOTH, [("a", 5), ("b", 5)], [5], id="at the same time is in order"),
        pytest.param(BOTH, [("b", 5), ("a", 5)], [5], id="whichever is told first"),
        pytest.param(BOTH, [("a", 0), ("x", 1), ("b", 2)], [2], id="something else in between"),
        pytest.param(BOTH, [("a", 0), ("a", 6), ("b", 12)], [12], id="from the last beginning that is in time"),
        pytest.param(BOTH, [("a", 0), ("b", 1), ("b", 2), ("a", 3), ("b", 4)], [1], id="once per window"),
        pytest.param(BOTH, [("a", 0), ("b", 1), ("a", 10), ("b", 11)], [1], id="a window is as long as the time"),
        pytest.param(BOTH, [("a", 0), ("b", 1), ("a", 11), ("b", 12)], [1, 12], id="then it is armed again"),
        pytest.param(THREE, [("a", 0), ("c", 9), ("b", 5)], [9], id="a late step in the middle completes it"),
        pytest.param(THREE, [("a", 0), ("c", 4), ("b", 5)], [], id="but not what came before it"),
        pytest.param(THREE, [("c", 9), ("b", 5), ("a", 0)], [9], id="all late"),
        pytest.param(THREE, [("a", 0), ("b", 5), ("c", 11)], [], id="from first to last"),
    ],
)
def test_steps_follow_each_other_in_their_own_time(moment: SequenceMoment, happened: Happened, at: list[int]) -> None:
    assert run(moment, happened)[1] == at


happened = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), max_size=12)


@given(happened)
def test_whether_it_fires_does_not_hang_on_the_order_of_arrival(events: Happened) -> None:
    """Promise (b), against every choice of one event a step."""
    assert bool(run(THREE, events)[1]) == has_run(events, THREE.steps, THREE.within_us)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40), st.integers(0, 15)), max_size=12))
def test_what_is_forgotten_is_not_missed_within_the_lateness(late: list[tuple[str, int, int]]) -> None:
    events = [(step, at) for step, at, delay in sorted(late, key=lambda one: one[1] + one[2])]
    assert run(THREE, events, lateness=15)[1] == run(THREE, events)[1]


def test_a_beginning_is_kept_for_as_long_as_an_end_may_come() -> None:
    assert run(BOTH, [("a", 0), ("a", 25), ("b", 10)], lateness=15)[1] == [10]
    state, _ = run(BOTH, [("a", 0), ("a", 26)], lateness=15)
    assert state.times == {"a": (26,)}


@given(happened)
def test_no_two_runs_that_fire_begin_in_one_window(events: Happened) -> None:
    state, begins = SequenceState(), []
    for step, at in events:
        state, completed = observe(BOTH, state, step, at, FLOOR)
        begins.extend([] if completed is None else [state.began or 0])
    assert all(later - earlier > BOTH.within_us for earlier, later in pairwise(begins))


def test_each_arming_has_a_number_of_its_own() -> None:
    assert run(BOTH, [("a", 0), ("b", 1)])[0].arm == 0
    assert run(BOTH, [("a", 0), ("b", 1), ("a", 20), ("b", 21)])[0].arm == 1


def test_a_crowd_is_thinned_and_its_ends_stay() -> None:
    state, _ = run(BOTH, [("a", number) for number in range(200)])
    times = state.times["a"]
    assert (len(times), times[0], times[-1]) == (MAX_TIMES, 0, 199)
    assert observe(BOTH, state, "b", 209, FLOOR)[1] == 209
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=SequenceState) == state


def test_steps_that_are_no_more_in_the_playbook_are_forgotten() -> None:
    state, _ = run(BOTH, [("a", 0)])
    other = SequenceMoment("tried_both", ("c", "b"), 10, D)
    assert observe(other, state, "b", 1, FLOOR)[0].times == {"b": (1,)}
