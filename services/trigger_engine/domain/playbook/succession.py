"""Which set is in force after one more record on the log of sets. It depends on the log alone."""

from schemas.playbooks import OfferPaused, OfferResumed, PlaybookEvent, SetPublished, SetRolledBack
from services.trigger_engine.domain.instants import FIRST_US, to_us
from services.trigger_engine.domain.playbook.sets import CompiledSet, compile_set


class NotInForce(Exception):
    """A record refers to something that is not in force.

    Attributes:
        why: What, and what is.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def following(
    before: CompiledSet | None, event: PlaybookEvent, version: int, *, in_backfill: bool = False
) -> CompiledSet:
    """The set after ``event``, a record at offset ``version``; what was paused stays so under a new text.

    What is new in it counts as published at the time of ``event``, but before all time where history is replayed under
    it: because the record says so, or the engine is ``in_backfill``.

    Raises `NotInForce` or `SetRefused`; then ``before`` stays in force.
    """
    match event:
        case SetPublished() | SetRolledBack():
            if event.data.expects is not None and event.data.expects != (before.version if before else None):
                raise NotInForce(f"expects set {event.data.expects} before it, and {_named(before)} is in force")
            made = compile_set([(file.path, file.text) for file in event.data.files], version)
            return made.after(before, FIRST_US if in_backfill or event.data.backfill else to_us(event.time))
        case OfferPaused() | OfferResumed():
            offer = event.data.offer
            if before is None or not before.has_offer(offer):
                raise NotInForce(f"no offer {offer!r}, and {_named(before)} is in force")
            paused = before.paused | {offer} if isinstance(event, OfferPaused) else before.paused - {offer}
            return before.pausing(paused, version)


def _named(rules: CompiledSet | None) -> str:
    return "none" if rules is None else f"set {rules.version}"
