"""A higher step of the same moment takes the place of the open offer of the lower one."""

from services.trigger_engine.domain.account import AccountSlice, OpenOffer
from services.trigger_engine.domain.deciding.candidate import Candidate
from services.trigger_engine.domain.moments.passed import Passed


def lower_steps(passed: Passed, account: AccountSlice) -> dict[str, OpenOffer]:
    """The open offers of lower steps of this moment, by name; of two of a name the older."""
    step, found = passed.step, dict[str, OpenOffer]()
    if step is None:
        return found
    for offer in account.open_offers():
        same = (offer.moment, offer.user) == (passed.moment.name, passed.user)
        if same and offer.step is not None and offer.step < step:
            found.setdefault(offer.offer, offer)
    return found


def replaced(candidate: Candidate) -> OpenOffer | None:
    """The open offer that this candidate would replace, if any."""
    return candidate.shared.lower.get(candidate.offer.name)
