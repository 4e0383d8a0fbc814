"""Stage 4: of all that is left, at most one offer is made."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from schemas.decisions import Reason, Stage
from schemas.offers import MomentKind
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.replacing import replaced
from services.trigger_engine.domain.numbers import times
from services.trigger_engine.domain.situation import Situation

CONTEXT: Final[Mapping[MomentKind, Decimal]] = {
    MomentKind.LIMIT: Decimal("1.5"),
    MomentKind.MILESTONE: Decimal("1.5"),
    MomentKind.ONBOARDING: Decimal("1.5"),
    MomentKind.ATTEMPT: Decimal(1),
    MomentKind.HABIT: Decimal(1),
    MomentKind.GROWTH: Decimal(1),
    MomentKind.TENURE: Decimal(1),
    MomentKind.FORECAST: Decimal(1),
    MomentKind.BECOMES: Decimal(1),
    MomentKind.SEQUENCE: Decimal(1),
    MomentKind.ABSENCE: Decimal(1),
    MomentKind.OUTCOME: Decimal(1),
}
"""How well an offer fits the moment; success moments and limits are what a customer is ready to talk about."""


def arbitrate(candidates: Sequence[Candidate], situation: Situation) -> Candidate | None:
    """The one that wins; the others are marked with the reason. Score, then family, then offer: no chance in it."""
    left = [candidate for candidate in candidates if candidate.withheld is None]
    for candidate in left:
        candidate.stage = Stage.ARBITRATED
        candidate.score = times(CONTEXT[candidate.passed.moment.kind], candidate.offer.boost)
        candidate.withheld = _placement_taken(candidate, situation)
    free = sorted(
        (candidate for candidate in left if candidate.withheld is None),
        key=lambda candidate: (-(candidate.score or 0), candidate.offer.family, candidate.offer.name),
    )
    for loser in free[1:]:
        loser.withheld = Withheld(Reason.OUTSCORED, free[0].offer.name)
    return free[0] if free else None


def _placement_taken(candidate: Candidate, situation: Situation) -> Withheld | None:
    """At most one open offer per account and placement; the one to be replaced does not count."""
    own = replaced(candidate, situation.account)
    for offer in situation.account.open_offers():
        if offer is not own and (shared := set(offer.placements) & set(candidate.offer.placements)):
            return Withheld(Reason.PLACEMENT_TAKEN, f"{min(shared)} by {offer.offer}")
    return None
