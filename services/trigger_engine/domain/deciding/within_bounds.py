"""Stage 3: has the account heard enough, or said no?"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from schemas.decisions import Reason
from schemas.offers import Verb
from services.trigger_engine.domain.deciding import asking
from services.trigger_engine.domain.deciding.back_off import backing_off
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.caps import Close, capped, close
from services.trigger_engine.domain.deciding.gates import GATES
from services.trigger_engine.domain.deciding.replacing import replaced
from services.trigger_engine.domain.deciding.states import minute
from services.trigger_engine.domain.playbook.product import DISENGAGED
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import values_of

MAX_TASKS: Final = 16
"""Tasks of one account that can be open."""


def within_bounds(candidate: Candidate, situation: Situation) -> Withheld | None:
    """Who it is not for, what a no closed, back-off, caps; for a task, that the last one is done.

    A higher step of an open offer is the same offer: it was counted already, and time does not keep it away.
    """
    gates, counted = GATES[candidate.offer.verb], replaced(candidate) is not None
    if not gates.caps:
        return None if counted else _task_open(candidate, situation)
    heard = _heard(candidate, situation)
    found = None if gates.disengaged else heard.disengaged
    found = found or closed(candidate.offer.family, candidate.passed.step, situation)
    if found is not None or counted:
        return found
    return heard.back_off or capped(candidate, heard.close, situation)


def closed(family: str, step: Decimal | None, situation: Situation) -> Withheld | None:
    """Whether a no has closed the family, for an offer at this ``step`` (None: at none)."""
    no = situation.account.closed.get(family)
    if no is None:
        return None
    if no.step is not None:
        return None if step is not None and step > no.step else Withheld(Reason.DISMISSED, "until a higher step")
    if no.until is None:
        return Withheld(Reason.DISMISSED, "for good")
    if no.until <= situation.now:
        return None
    return Withheld(Reason.DISMISSED, f"until {minute(no.until)}", until=no.until)


class Heard(NamedTuple):
    """What the account has heard, as far as it is the same for all offers of a playbook."""

    disengaged: Withheld | None
    back_off: Withheld | None
    close: list[Close]


def _heard(candidate: Candidate, situation: Situation) -> Heard:
    kept, playbook = situation.kept("heard"), candidate.offer.playbook
    if playbook not in kept:
        disengaged = next(_all_disengaged(situation), None)
        kept[playbook] = Heard(disengaged, backing_off(playbook, situation), close(playbook, situation))
    found: Heard = kept[playbook]
    return found


def _all_disengaged(situation: Situation) -> Iterator[Withheld]:
    """Levels that put the account down as not using the product; one that is unknown might."""
    values = values_of(situation)
    for name, level in situation.rules.product.levels.items():
        if DISENGAGED not in level.values:
            continue
        value, verdict = values.level(name)
        if value is None:
            yield asking.unknown(name, verdict, values, situation)
        elif value == DISENGAGED:
            yield Withheld(Reason.DISENGAGED, name)


def _task_open(candidate: Candidate, situation: Situation) -> Withheld | None:
    """One task of a moment at a time, and no more than somebody could look through."""
    tasks = [offer for offer in situation.account.open_offers() if offer.verb is Verb.TASK]
    own = next((offer for offer in tasks if offer.moment == candidate.passed.moment.name), None)
    if own is not None:
        return Withheld(Reason.TASK_OPEN, own.offer)
    return Withheld(Reason.TASK_OPEN, f"{MAX_TASKS} tasks are open") if len(tasks) >= MAX_TASKS else None
