"""An absence: something that should follow on something else does not, within some time."""

from collections.abc import Iterator

from msgspec import Struct

from services.trigger_engine.domain.moments.times import earliest_from, with_time
from services.trigger_engine.domain.playbook.moments import AbsenceMoment


class AbsenceState(Struct, frozen=True, array_like=True, tag="absence"):
    """Late times of what opens a window and of what answers it, in microseconds since 1970 UTC.

    ``settled``: windows that opened before are over for good; ``fired``: opening of the newest that fired.
    """

    opened: tuple[int, ...] = ()
    answered: tuple[int, ...] = ()
    settled: int | None = None
    fired: int | None = None
    arm: int = 0


class Window(Struct, frozen=True):
    """Opened at ``opens``, answered at ``answer`` (None: not), and the next opens at ``next`` or later."""

    opens: int
    answer: int | None
    next: int


def observe(
    moment: AbsenceMoment, state: AbsenceState, event: str, at: int, floor: int
) -> tuple[AbsenceState, int | None]:
    """The state after an ``event`` at ``at``, and the deadline that fired if that is undone by it.

    A window opens with ``after`` and is answered by the event within the time, at its end included; whatever opens
    again meanwhile is of the same window. All goes by event time: a late answer from before the deadline undoes what
    the timer said. No event from before ``floor`` can come any more.
    """
    state = _settled(moment, state, floor)
    keep_from = min((floor - moment.within_us, *state.opened[:1]))
    opened = with_time(state.opened, at, keep_from, moment.kept) if event == moment.after else state.opened
    answered = with_time(state.answered, at, keep_from, moment.kept) if event == moment.event else state.answered
    undone = None
    if state.fired is not None and _answer(moment, state.fired, state.answered) is None:
        undone = None if _answer(moment, state.fired, answered) is None else state.fired + moment.within_us
    return AbsenceState(opened, answered, state.settled, state.fired, state.arm), undone


def due(moment: AbsenceMoment, state: AbsenceState) -> int | None:
    """When the next window ends without an answer, as far as is known; None when none is open."""
    window = _next(moment, state)
    return None if window is None else window.opens + moment.within_us


def timed(moment: AbsenceMoment, state: AbsenceState, reached: int) -> tuple[AbsenceState, int | None]:
    """The deadline that fires once time has ``reached`` it; to be asked again while another is due.

    Fires by timer, also for an account that is silent, once per window. Re-arms with what opens the next one.
    """
    window = _next(moment, state)
    if window is None or reached < window.opens + moment.within_us:
        return state, None
    arm = state.arm + (state.fired is not None)
    fired = AbsenceState(state.opened, state.answered, state.settled, window.opens, arm)
    return fired, window.opens + moment.within_us


def _settled(moment: AbsenceMoment, state: AbsenceState, floor: int) -> AbsenceState:
    """The state without the windows that nothing can change any more: told of, and over before ``floor``."""
    settled = state.settled
    for window in _windows(moment, state):
        is_told = window.answer is not None or (state.fired is not None and window.opens <= state.fired)
        if not is_told or window.next > floor:
            break
        settled = window.next
    opened = tuple(time for time in state.opened if settled is None or time >= settled)
    return AbsenceState(opened, state.answered, settled, state.fired, state.arm)


def _next(moment: AbsenceMoment, state: AbsenceState) -> Window | None:
    return next(
        (
            window
            for window in _windows(moment, state)
            if window.answer is None and (state.fired is None or window.opens > state.fired)
        ),
        None,
    )


def _windows(moment: AbsenceMoment, state: AbsenceState) -> Iterator[Window]:
    """Windows that are not settled, one after the other."""
    free = state.settled
    for opens in state.opened:
        if free is not None and opens < free:
            continue
        answer = _answer(moment, opens, state.answered)
        free = opens + moment.within_us + 1 if answer is None else answer
        yield Window(opens, answer, free)


def _answer(moment: AbsenceMoment, opens: int, answered: tuple[int, ...]) -> int | None:
    answer = earliest_from(answered, opens)
    return None if answer is None or answer > opens + moment.within_us else answer
