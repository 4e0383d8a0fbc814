"""Stage 4: of all that is left, at most one offer is made."""

from collections.abc import Sequence

from schemas.decisions import Reason
from services.trigger_engine.domain.account import OpenOffer
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.gates import GATES
from services.trigger_engine.domain.deciding.replacing import replaced
from services.trigger_engine.domain.playbook.verbs import SellBundle
from services.trigger_engine.domain.situation import Situation


def placed(candidate: Candidate) -> Withheld | None:
    """Whether its place is free, or can be taken from what is there."""
    for offer in in_the_way(candidate):
        if offer.score is None or candidate.score is None or candidate.score <= offer.score:
            shared = min(set(offer.placements) & set(candidate.offer.placements))
            return Withheld(Reason.PLACEMENT_TAKEN, f"{shared} by {offer.offer}", until=offer.expires_at)
    return None


def in_the_way(candidate: Candidate) -> list[OpenOffer]:
    """Open offers in one of its placements, oldest first; the lower step that it replaces is in nobody's way.

    A task has the queue that it lies in to itself: nobody is shown it, and a queue has room for many.
    """
    shown = candidate.shared.shown
    if not shown or not GATES[candidate.offer.verb].caps:
        return []
    own, places = replaced(candidate), candidate.offer.placements
    return [offer for offer in shown if offer is not own and not set(places).isdisjoint(offer.placements)]


def arbitrate(candidates: Sequence[Candidate], situation: Situation) -> Candidate | None:
    """The one that wins; the others are marked with the reason. Score, then family, then offer: no chance in it.

    What a bundle contains is not offered beside it, whatever its score.
    """
    left = [candidate for candidate in candidates if candidate.withheld is None]
    for bundle in left if situation.rules.product.bundles else ():
        items = _items(bundle, situation)
        for single in left if items else ():
            if single.withheld is None and single.target in items:
                single.withheld = Withheld(Reason.IN_BUNDLE, bundle.offer.name)
    free = [candidate for candidate in left if candidate.withheld is None]
    if not free:
        return None
    most = max(candidate.score or 0 for candidate in free)
    best = (candidate for candidate in free if (candidate.score or 0) == most)
    winner = min(best, key=lambda candidate: (candidate.offer.family, candidate.offer.name))
    outscored = Withheld(Reason.OUTSCORED, winner.offer.name)
    for candidate in free:
        if candidate is not winner:
            candidate.withheld = outscored
    return winner


def _items(candidate: Candidate, situation: Situation) -> tuple[str, ...]:
    does = candidate.offer.does
    return situation.rules.product.bundles[does.bundle].items if isinstance(does, SellBundle) else ()
