"""A higher step of the same moment takes the place of the open offer of the lower one."""

from services.trigger_engine.domain.account import AccountSlice, OpenOffer
from services.trigger_engine.domain.deciding.candidate import Candidate


def replaced(candidate: Candidate, account: AccountSlice) -> OpenOffer | None:
    """The open offer that this candidate would replace, if any."""
    step = candidate.passed.step
    if step is None:
        return None
    for offer in account.open_offers():
        same = (offer.offer, offer.moment, offer.user) == (
            candidate.offer.name,
            candidate.passed.moment.name,
            candidate.passed.user,
        )
        if same and offer.step is not None and offer.step < step:
            return offer
    return None
