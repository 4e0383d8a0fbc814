"""Stage 3: has the account heard enough, or said no?"""

from collections.abc import Sequence

from schemas.decisions import Reason
from services.trigger_engine.domain.account import AccountSlice, Made
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.replacing import replaced
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.product import MAX_COUNTED, Cap, Each, Product
from services.trigger_engine.domain.situation import Situation


def within_bounds(candidate: Candidate, situation: Situation) -> Withheld | None:
    """What a no closed, then the caps. A higher step of an open offer is the same offer, and was counted already."""
    closed = _closed(candidate, situation)
    if closed is not None or replaced(candidate, situation.account) is not None:
        return closed
    return _capped(candidate, situation)


def _closed(candidate: Candidate, situation: Situation) -> Withheld | None:
    closed = situation.account.closed.get(candidate.offer.family)
    if closed is None:
        return None
    if closed.step is not None:
        step = candidate.passed.step
        return None if step is not None and step > closed.step else Withheld(Reason.DISMISSED, "until a higher step")
    if closed.until is None:
        return Withheld(Reason.DISMISSED, "for good")
    if closed.until <= situation.now:
        return None
    return Withheld(Reason.DISMISSED, f"until {to_datetime(closed.until):%Y-%m-%d %H:%M}")


def _capped(candidate: Candidate, situation: Situation) -> Withheld | None:
    for cap in situation.rules.product.caps:
        since = situation.now - cap.per_us
        lately = [made for made in situation.account.made if made.at > since]
        counted = _counted(cap, lately, candidate.offer)
        if counted >= cap.at_most:
            return Withheld(Reason.CAPPED, f"{counted} of {cap.at_most} for each {cap.each}")
    return None


def _counted(cap: Cap, lately: Sequence[Made], offer: OfferDefinition) -> int:
    match cap.each:
        case Each.ACCOUNT | Each.USER:  # a cap by user is refused when published, until offers are counted by user
            return len(lately)
        case Each.OFFER:
            return sum(made.offer == offer.name for made in lately)
        case Each.FAMILY:
            return sum(made.family == offer.family for made in lately)
        case Each.PLACEMENT:  # of its placements the fullest
            return max(sum(place in made.placements for made in lately) for place in offer.placements)


def forget_counted(account: AccountSlice, product: Product, now: int) -> None:
    """Drop what no cap counts any more, and the oldest beyond what one cap can count."""
    longest = max((cap.per_us for cap in product.caps), default=0)
    account.made = [made for made in account.made if made.at > now - longest][-MAX_COUNTED:]
