"""The funnel: every offer of every moment that fired together goes through the stages in their order."""

from collections.abc import Callable, Sequence
from typing import Final

from schemas.decisions import Reason, Stage
from services.trigger_engine.domain.deciding.arbitrated import arbitrate
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.eligible import eligible
from services.trigger_engine.domain.deciding.suitable import suitable
from services.trigger_engine.domain.deciding.within_bounds import within_bounds
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.situation import Situation

FUNNEL: Final[tuple[tuple[Stage, Callable[[Candidate, Situation], Withheld | None]], ...]] = (
    (Stage.ELIGIBLE, eligible),
    (Stage.SUITABLE, suitable),
    (Stage.WITHIN_BOUNDS, within_bounds),
)
"""What looks at each candidate by itself; arbitration looks at all that is left."""


def consider(fired: Sequence[Passed], situation: Situation) -> tuple[list[Candidate], Candidate | None]:
    """All candidates, each with the stage it reached and the reason it went no further, and the one that is made."""
    candidates = [
        Candidate(offer, passed) for passed in fired for offer in situation.rules.offers.get(passed.moment.name, ())
    ]
    for candidate in candidates:
        for stage, look in FUNNEL:
            candidate.stage = stage
            candidate.withheld = look(candidate, situation)
            if candidate.withheld is not None:
                break
    return candidates, arbitrate(candidates, situation)


def reason_of(candidates: Sequence[Candidate]) -> Reason:
    """Why nothing was offered, in one word: the reason of the candidate that came furthest, the first of them."""
    order = list(Stage)
    furthest = max(candidates, key=lambda candidate: order.index(candidate.stage), default=None)
    if furthest is None or furthest.withheld is None:
        return Reason.NO_OFFER
    return furthest.withheld.reason
