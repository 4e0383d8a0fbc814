"""The funnel: every offer of every moment that fired together goes through the stages in their order."""

from collections.abc import Callable, Iterable
from typing import Final

from schemas.decisions import Reason, Stage
from services.trigger_engine.domain.deciding.arbitrated import placed
from services.trigger_engine.domain.deciding.candidate import Candidate, Shared, Withheld
from services.trigger_engine.domain.deciding.eligible import eligible
from services.trigger_engine.domain.deciding.meant import meant
from services.trigger_engine.domain.deciding.suitable import suitable
from services.trigger_engine.domain.deciding.within_bounds import within_bounds
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.situation import Situation

FUNNEL: Final[tuple[tuple[Stage, Callable[[Candidate, Situation], Withheld | None]], ...]] = (
    (Stage.ELIGIBLE, meant),
    (Stage.ELIGIBLE, eligible),
    (Stage.SUITABLE, suitable),
    (Stage.WITHIN_BOUNDS, within_bounds),
    (Stage.ARBITRATED, placed),
)
"""What looks at each candidate by itself; arbitration then looks at all that is left, the holdout at what has won."""


def considered(passed: Passed, attempt: int, situation: Situation) -> list[Candidate]:
    """The offers of a moment, each with the stage that it reached by itself and the reason it went no further."""
    rules, shared = situation.rules, Shared()
    candidates = [
        Candidate(offer, rules.alike[offer.name], passed, shared, attempt=attempt)
        for offer in rules.offers.get(passed.moment.name, ())
    ]
    for candidate in candidates:
        for candidate.stage, look in FUNNEL:
            candidate.withheld = look(candidate, situation)
            if candidate.withheld is not None:
                break
    return candidates


def reason_of(candidates: Iterable[Candidate]) -> Reason:
    """Why nothing was offered, in one word: the reason of the candidate that came furthest, the first of them."""
    order = list(Stage)
    furthest = max(candidates, key=lambda candidate: order.index(candidate.stage), default=None)
    if furthest is None or furthest.withheld is None:
        return Reason.NO_OFFER
    return furthest.withheld.reason
