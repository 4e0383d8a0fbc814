"""Whether an open offer still fits the account: looked at when something changed that a fact or a set tells."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from schemas.decisions import Reason
from schemas.offers import Option, Revoked
from services.trigger_engine.domain.account import AccountSlice, OpenOffer
from services.trigger_engine.domain.deciding.candidate import About, Candidate, Shared
from services.trigger_engine.domain.deciding.eligible import eligible
from services.trigger_engine.domain.deciding.gates import GATES
from services.trigger_engine.domain.deciding.holding import recalled
from services.trigger_engine.domain.deciding.meant import over_at
from services.trigger_engine.domain.deciding.periods import ends_at
from services.trigger_engine.domain.deciding.states import STATES, WEEK_US, newest
from services.trigger_engine.domain.deciding.still import answered, still
from services.trigger_engine.domain.deciding.within_bounds import closed
from services.trigger_engine.domain.moments.draws import seed
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import AbsenceMoment, AttemptMoment, LimitMoment, meter_of
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.product import Quiet
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.profile import term_ends
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import values_of

NO_MORE: Final[Mapping[Reason, Revoked]] = {
    Reason.OWNED: Revoked.OWNED,
    Reason.TOP_RUNG: Revoked.PLAN_CHANGED,
    Reason.NOT_ADJACENT: Revoked.PLAN_CHANGED,
    Reason.NOT_ON_LADDER: Revoked.PLAN_CHANGED,
    Reason.LIFTS_NOTHING: Revoked.PLAN_CHANGED,
    Reason.NOTHING_FITS: Revoked.PLAN_CHANGED,
    Reason.TOO_LITTLE_NEW: Revoked.PLAN_CHANGED,
}
"""What another plan, term, number of seats or product can make of an offer that made sense before."""

OF_A_LIMIT: Final = (LimitMoment, AttemptMoment)
"""Moments whose offers hold for as long as the limit is reached, in its period."""


def why_unfit(offer: OpenOffer, situation: Situation) -> Revoked | None:
    """Why the offer is to be taken back; None when it may stay. What is shown to nobody stays until its time is out."""
    if offer.held_out:
        return None
    return next(_all_unfit(offer, situation), None)


def fits_still(offer: OpenOffer, situation: Situation) -> None:
    """It was looked at, and stays: from now on it stands on what the account has now."""
    passed = _passed(offer, situation.rules)
    if passed is not None:
        offer.basis = basis_of(passed, situation)


def ends_by_time(offer: OpenOffer, account: AccountSlice, rules: CompiledSet) -> list[tuple[int, Revoked]]:
    """When the offer will have to be taken back though nothing happens, and why."""
    definition = rules.offer(offer.offer)
    if definition is None or offer.held_out:
        return []
    passed = _passed(offer, rules)
    period = None if passed is None else ends_at(passed.moment, passed.period, account, rules.product)
    times = [
        (over_at(definition.runs, account), Revoked.RUN_OVER),
        (period if passed is not None and isinstance(passed.moment, OF_A_LIMIT) else None, Revoked.PERIOD_OVER),
        (_renewal_week(offer, definition, account, rules), Revoked.RENEWAL_WEEK),
    ]
    return [(max(at, offer.made_at), why) for at, why in times if at is not None]


def basis_of(passed: Passed, situation: Situation) -> int:
    """What the account has, as far as an offer at this moment stands on it, as one number."""
    account, product = situation.account, situation.rules.product
    meter = meter_of(passed.moment)
    limit = None if meter is None else account.limit(meter, product)
    has = (account.plan(product), account.term(), account.seats(), limit)
    return seed("basis", *("" if part is None else str(part) for part in has), *account.owned())


def shown_by(target: str | None, options: Sequence[Option]) -> int:
    """What an offer puts before the account, as one number."""
    return seed("shown", target or "", *(word for option in options for word in (option.id, *option.items)))


def _all_unfit(offer: OpenOffer, situation: Situation) -> Iterator[Revoked]:
    if offer.offer in situation.rules.paused:
        yield Revoked.PAUSED
    definition = situation.rules.offer(offer.offer)
    if definition is None:
        yield Revoked.WITHDRAWN
        return
    yield from (why for at, why in ends_by_time(offer, situation.account, situation.rules) if at <= situation.now)
    if GATES[definition.verb].caps and closed(offer.family, offer.step, situation) is not None:
        yield Revoked.DISMISSED
    yield from _all_quiet(offer, definition, situation)
    passed = _passed(offer, situation.rules)
    if passed is None:
        return
    if isinstance(passed.moment, AbsenceMoment) and answered(passed.moment, passed, situation):
        yield Revoked.UNDONE
    if basis_of(passed, situation) != offer.basis:
        yield from _changed(offer, definition, passed, situation)


def _all_quiet(offer: OpenOffer, definition: OfferDefinition, situation: Situation) -> Iterator[Revoked]:
    """The states that keep such an offer away, and that hold now. What is only cooling down takes nothing back."""
    gates, bounds = GATES[definition.verb], situation.rules.bounds[definition.playbook]
    for state in bounds.quiet:
        reason, look = STATES[state]
        found = newest(look(situation, offer.user)) if state in gates.quiet else None
        if found is not None and found.ended is None:
            yield Revoked(reason.value)
    for segment in bounds.quiet_segments if gates.quiet_segments else ():
        if values_of(situation).judge(segment.condition).holds:
            yield Revoked.QUIET


def _changed(offer: OpenOffer, definition: OfferDefinition, passed: Passed, situation: Situation) -> Iterator[Revoked]:
    """What becomes of it with another plan, term, number of seats, product or limit."""
    if isinstance(passed.moment, OF_A_LIMIT) and still(passed, situation) is None:
        yield Revoked.PLAN_CHANGED
    candidate = Candidate(definition, situation.rules.alike[definition.name], passed, Shared())
    found = eligible(candidate, situation)
    if isinstance(found, About):
        if shown_by(found.target, found.show()) != offer.shown:
            yield Revoked.PLAN_CHANGED
    elif found.reason in NO_MORE:
        yield NO_MORE[found.reason]


def _passed(offer: OpenOffer, rules: CompiledSet) -> Passed | None:
    return None if offer.happened is None else recalled(offer.happened, rules)


def _renewal_week(
    offer: OpenOffer, definition: OfferDefinition, account: AccountSlice, rules: CompiledSet
) -> int | None:
    quiet = rules.bounds[definition.playbook].quiet
    if Quiet.RENEWAL_WEEK not in quiet or Quiet.RENEWAL_WEEK not in GATES[definition.verb].quiet:
        return None
    ends = term_ends(account, rules.product, offer.made_at)
    return None if ends is None or ends - WEEK_US <= offer.made_at else ends - WEEK_US
