"""An absence fires when time has passed without what should have followed."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.moments.absence import AbsenceState, due, observe, timed
from services.trigger_engine.domain.moments.times import MAX_TIMES
from services.trigger_engine.domain.playbook.moments import AbsenceMoment
from tests.trigger_engine.domain.building import D
from tests.trigger_engine.domain.reference.moments import unanswered

STALLED = AbsenceMoment("stalled", "b", "a", 7, D)
END = 60
Happened = list[tuple[str, int]]


class Told:
    """What fired, less what was undone; time is let pass up to each arrival, and to the end."""

    def __init__(self, lateness: int = 1000) -> None:
        self.lateness = lateness
        self.state = AbsenceState()
        self.fired: list[int] = []
        self.undone: list[int] = []
        self.reached = -1

    def wait(self, until: int) -> None:
        self.reached = max(self.reached, until)
        while (deadline := due(STALLED, self.state)) is not None and deadline <= self.reached:
            self.state, fires = timed(STALLED, self.state, self.reached)
            assert fires == deadline
            self.fired.append(fires)

    def happens(self, happened: Happened, *, in_time: bool = True) -> "Told":
        for event, at in happened:
            if in_time:
                self.wait(at - 1)
            self.state, undone = observe(STALLED, self.state, event, at, self.reached - self.lateness)
            self.undone.extend([] if undone is None else [undone])
        self.wait(END)
        return self

    @property
    def left(self) -> list[int]:
        return sorted(set(self.fired) - set(self.undone))


@pytest.mark.parametrize(
    ("happened", "fired"),
    [
        pytest.param([], [], id="nothing opened it"),
        pytest.param([("b", 1)], [], id="an answer to nothing"),
        pytest.param([("a", 1)], [8], id="no answer"),
        pytest.param([("a", 1), ("b", 5)], [], id="answered"),
        pytest.param([("a", 1), ("b", 1)], [], id="answered at once"),
        pytest.param([("a", 1), ("b", 8)], [], id="answered just in time"),
        pytest.param([("a", 1), ("b", 9)], [8], id="answered too late"),
        pytest.param([("a", 1), ("a", 5)], [8], id="once per window"),
        pytest.param([("a", 1), ("a", 8)], [8], id="its end is of the window"),
        pytest.param([("a", 1), ("a", 9)], [8, 16], id="the next window is armed again"),
        pytest.param([("a", 1), ("b", 3), ("a", 5)], [12], id="answered, and opened again"),
        pytest.param([("a", 1), ("a", 5), ("b", 3)], [12], id="told in another order"),
        pytest.param([("b", 3), ("a", 1)], [], id="the answer told first"),
    ],
)
def test_it_fires_when_its_time_has_passed(happened: Happened, fired: list[int]) -> None:
    assert Told().happens(happened).fired == fired


def test_a_late_answer_of_its_own_time_undoes_what_the_timer_said() -> None:
    told = Told().happens([("a", 1)])
    assert told.fired == [8]
    told.happens([("b", 8)])
    assert (told.undone, told.left) == ([8], [])
    told.happens([("b", 7)])
    assert told.undone == [8]


def test_an_answer_from_after_the_deadline_undoes_nothing() -> None:
    told = Told().happens([("a", 1)]).happens([("b", 9)])
    assert (told.fired, told.undone) == ([8], [])


def test_what_opens_a_window_late_does_not_fire_it_again() -> None:
    told = Told().happens([("a", 5)]).happens([("a", 3)])
    assert told.fired == [12]


happened = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 45)), max_size=14)


def reference(events: Happened) -> list[int]:
    return unanswered([at for e, at in events if e == "a"], [at for e, at in events if e == "b"], 7, END)


@given(happened)
def test_in_order_it_fires_when_ticking_through_all_time_finds_it(events: Happened) -> None:
    told = Told().happens(sorted(events, key=lambda one: one[1]))
    assert (told.fired, told.undone) == (reference(events), [])


@given(happened)
def test_told_before_any_deadline_the_order_makes_no_difference(events: Happened) -> None:
    assert Told().happens(events, in_time=False).left == reference(events)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 45), st.integers(0, 5)), max_size=14))
def test_late_answers_come_to_the_same(late: list[tuple[str, int, int]]) -> None:
    """What opens comes in time, answers up to 5 late, and nothing older is kept than that needs."""
    arrivals = sorted(late, key=lambda one: one[1] + (one[2] if one[0] == "b" else 0))
    told = Told(lateness=5)
    for event, at, delay in arrivals:
        told.wait(at + (delay if event == "b" else 0) - 1)
        told.state, undone = observe(STALLED, told.state, event, at, told.reached + 1 - 5)
        told.undone.extend([] if undone is None else [undone])
    told.wait(END)
    assert told.left == reference([(event, at) for event, at, _ in late])


def test_a_deadline_that_nobody_asked_for_yet_is_not_forgotten() -> None:
    state, _ = observe(STALLED, AbsenceState(), "a", 1, -1000)
    state, _ = observe(STALLED, state, "a", 100, 90)
    assert due(STALLED, state) == 8
    state, fires = timed(STALLED, state, 100)
    assert (fires, due(STALLED, state)) == (8, 107)


def test_a_crowd_is_thinned_and_nothing_grows_without_end() -> None:
    told = Told(lateness=1).happens([("a", number) for number in range(END)])
    assert len(told.state.opened) <= 10
    crowd = Told(lateness=10**6).happens([("a", number) for number in range(END)] * 3)
    assert len(crowd.state.opened) <= MAX_TIMES
    raw = msgspec.msgpack.encode(crowd.state)
    assert msgspec.msgpack.decode(raw, type=AbsenceState) == crowd.state
    assert len(raw) < 2 * 10 * MAX_TIMES


def test_each_arming_has_a_number_of_its_own() -> None:
    told = Told()
    arms = []
    for at in (1, 20, 40):
        told.happens([("a", at)])
        arms.append(told.state.arm)
        told.reached = -1
    assert arms == [0, 1, 2]
