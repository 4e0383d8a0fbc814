"""An outcome: an earlier offer came to something, soon enough after it was made."""

from typing import Final

from msgspec import Struct

from schemas.outcomes import Change
from services.trigger_engine.domain.playbook.moments import Ending, OutcomeMoment

MAX_OFFERS: Final = 32
"""Offers remembered as having fired, at 37 bytes each; the oldest is forgotten at the bound, long after it was over."""


class Judged(Struct, frozen=True):
    """A change in the life of an offer, as the engine judged it at ``at``; ``presented``: it had been seen by then.

    Times in microseconds since 1970 UTC.
    """

    offer: str
    offer_id: str
    change: Change
    made_at: int
    at: int
    presented: bool


class OutcomeState(Struct, frozen=True, array_like=True, tag="outcome"):
    """Ids of the offers that fired, in that order; ``arm`` counts them."""

    offers: tuple[str, ...] = ()
    arm: int = 0


def observe(moment: OutcomeMoment, state: OutcomeState, judged: Judged) -> tuple[OutcomeState, bool]:
    """Whether the moment fires, now that an offer's life has changed.

    Ignored is what expired after it was seen. Re-arms with the next offer: each fires once at most.
    """
    if judged.offer != moment.offer or judged.offer_id in state.offers or not _is(moment.ending, judged):
        return state, False
    if moment.within_us is not None and judged.at > judged.made_at + moment.within_us:
        return state, False
    return OutcomeState((*state.offers, judged.offer_id)[-MAX_OFFERS:], state.arm + 1), True


def _is(ending: Ending, judged: Judged) -> bool:
    if ending is Ending.IGNORED:
        return judged.change is Change.EXPIRED and judged.presented
    return ending.value == judged.change.value
