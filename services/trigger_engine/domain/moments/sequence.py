"""A sequence: several things happen in a given order, within some time."""

from msgspec import Struct

from services.trigger_engine.domain.moments.times import earliest_from, latest_until, with_time
from services.trigger_engine.domain.playbook.moments import SequenceMoment


class SequenceState(Struct, frozen=True, array_like=True, tag="sequence"):
    """Late times of each step, in microseconds since 1970 UTC; ``began``: begin of the run that fired last."""

    times: dict[str, tuple[int, ...]] = {}
    began: int | None = None
    arm: int = 0


def observe(
    moment: SequenceMoment, state: SequenceState, step: str, at: int, floor: int
) -> tuple[SequenceState, int | None]:
    """When the sequence was completed (event time of its last step), if this step at ``at`` makes it one.

    Steps are put in order by their own times, so a late one completes what came before and after it; two at the same
    time are in order. Fires once per window: re-arms with a run that begins more than ``within`` after the one that
    fired began. No event from before ``floor`` can come any more.
    """
    if step not in moment.steps:
        return state, None
    kept = {name: known for name, known in state.times.items() if name in moment.steps}
    times = kept | {step: with_time(kept.get(step, ()), at, floor - moment.within_us, moment.kept)}
    place = moment.steps.index(step)
    begin: int | None = at
    for earlier in reversed(moment.steps[:place]):
        begin = None if begin is None else latest_until(times.get(earlier, ()), begin)
    end: int | None = at
    for later in moment.steps[place + 1 :]:
        end = None if end is None else earliest_from(times.get(later, ()), end)
    if begin is None or end is None or not _is_new_run(moment, state, begin, end):
        return SequenceState(times, state.began, state.arm), None
    return SequenceState(times, begin, state.arm + (state.began is not None)), end


def _is_new_run(moment: SequenceMoment, state: SequenceState, begin: int, end: int) -> bool:
    armed = state.began is None or begin > state.began + moment.within_us
    return armed and end - begin <= moment.within_us
