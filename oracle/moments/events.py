"""Moments of events alone: sequences and absences."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from oracle.moments import state as kept
from oracle.moments.times import first_from, last_until, with_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oracle.language.moment import Absence, Sequence


def sequence(
    moment: Sequence, state: kept.Sequence, event: str, at: int, floor: int
) -> tuple[kept.Sequence, int | None]:
    """After one of its steps; and when it was completed, if that makes it a run, once in each span."""
    if event not in moment.steps:
        return state, None
    times = {name: known for name, known in state.times.items() if name in moment.steps}
    times[event] = with_time(times.get(event, ()), at, floor - moment.within, moment.kept)
    place = moment.steps.index(event)
    begin: int | None = at
    for name in reversed(moment.steps[:place]):
        begin = None if begin is None else last_until(times.get(name, ()), begin)
    end: int | None = at
    for name in moment.steps[place + 1 :]:
        end = None if end is None else first_from(times.get(name, ()), end)
    is_run = begin is not None and end is not None and end - begin <= moment.within
    is_new = is_run and (state.began is None or (begin or 0) > state.began + moment.within)
    if not is_new:
        return kept.Sequence(times, state.began, state.arm), None
    return kept.Sequence(times, begin, state.arm + (state.began is not None)), end


class Window(NamedTuple):
    """Opened at ``opens``, answered at ``answer`` (None: not), and the next one opens at ``next`` at the earliest."""

    opens: int
    answer: int | None
    next: int


def absence(moment: Absence, state: kept.Absence, event: str, at: int, floor: int) -> tuple[kept.Absence, int | None]:
    """After what opens a window, or answers it; and the deadline that had fired, if that is undone by it."""
    settled = _settled(moment, state, floor)
    opened = tuple(time for time in state.opened if settled is None or time >= settled)
    keep_from = min((floor - moment.within, *opened[:1]))
    answered = state.answered
    if event == moment.after:
        opened = with_time(opened, at, keep_from, moment.kept)
    if event == moment.event:
        answered = with_time(answered, at, keep_from, moment.kept)
    undone = None
    if state.fired is not None and _answer(moment, state.fired, state.answered) is None:
        undone = None if _answer(moment, state.fired, answered) is None else state.fired + moment.within
    return kept.Absence(opened, answered, settled, state.fired, state.arm), undone


def absence_due(moment: Absence, state: kept.Absence) -> int | None:
    """When the next window ends without an answer, as far as is known."""
    window = _next(moment, state)
    return None if window is None else window.opens + moment.within


def missed(moment: Absence, state: kept.Absence, reached: int) -> tuple[kept.Absence, int | None]:
    """The deadline that fires once time has reached it."""
    window = _next(moment, state)
    if window is None or reached < window.opens + moment.within:
        return state, None
    arm = state.arm + (state.fired is not None)
    after = kept.Absence(state.opened, state.answered, state.settled, window.opens, arm)
    return after, window.opens + moment.within


def _settled(moment: Absence, state: kept.Absence, floor: int) -> int | None:
    """Until when all windows are told of, and nothing can change them any more."""
    settled = state.settled
    for window in _windows(moment, state):
        is_told = window.answer is not None or (state.fired is not None and window.opens <= state.fired)
        if not is_told or window.next > floor:
            break
        settled = window.next
    return settled


def _next(moment: Absence, state: kept.Absence) -> Window | None:
    for window in _windows(moment, state):
        if window.answer is None and (state.fired is None or window.opens > state.fired):
            return window
    return None


def _windows(moment: Absence, state: kept.Absence) -> Iterator[Window]:
    free = state.settled
    for opens in state.opened:
        if free is None or opens >= free:
            answer = _answer(moment, opens, state.answered)
            free = opens + moment.within + 1 if answer is None else answer
            yield Window(opens, answer, free)


def _answer(moment: Absence, opens: int, answered: tuple[int, ...]) -> int | None:
    answer = first_from(answered, opens)
    return None if answer is None or answer > opens + moment.within else answer
