"""The funnel: every offer of every moment that fired together goes through the stages in their order."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from schemas.decisions import Reason, Stage
from schemas.offers import Verb
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.deciding.arbitrated import placed
from services.trigger_engine.domain.deciding.candidate import FINE, About, Candidate, Shared, Withheld, Worth
from services.trigger_engine.domain.deciding.eligible import eligible
from services.trigger_engine.domain.deciding.meant import meant
from services.trigger_engine.domain.deciding.replacing import lower_steps
from services.trigger_engine.domain.deciding.scoring import scored
from services.trigger_engine.domain.deciding.suitable import suitable
from services.trigger_engine.domain.deciding.within_bounds import within_bounds
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.alike import Alike
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.situation import Situation

FUNNEL: Final[tuple[tuple[Stage, Callable[[Candidate, Situation], Withheld | About | Worth | None]], ...]] = (
    (Stage.ELIGIBLE, meant),
    (Stage.ELIGIBLE, eligible),
    (Stage.SUITABLE, suitable),
    (Stage.WITHIN_BOUNDS, within_bounds),
    (Stage.ARBITRATED, scored),
)
"""What looks at each candidate by itself, once for all that are `Alike` in the number of the same place.

Arbitration then looks at all that is left, the holdout at what has won.
"""

LAST: Final = FUNNEL[-1][0]

PAUSED: Final = -1
"""The number that all have in common that are paused; those of a set are 0 or above."""


def considered(passed: Passed, attempt: int, situation: Situation) -> list[Candidate]:
    """The offers of a moment, each with the stage that it reached by itself and the reason it went no further."""
    shared = _shared(passed, situation.account)
    alike, known = _alike(shared, situation.rules), shared.known
    offers = situation.rules.offers.get(passed.moment.name, ())
    candidates = [Candidate(offer, alike[offer.name], passed, shared, attempt) for offer in offers]
    for candidate in candidates:
        # a thousand offers may go through here: nothing is called for what is known, and nothing written twice
        for number, stage in zip(candidate.alike, FUNNEL, strict=True):
            found = known.get(number)
            if found is None:
                found = known[number] = stage[1](candidate, situation) or FINE
            if found is FINE:
                continue
            if isinstance(found, About):
                candidate.about = found
            elif isinstance(found, Worth):
                candidate.stage, candidate.worth = LAST, found
            else:
                candidate.stage, candidate.withheld = stage[0], found
                break
        if shared.shown and candidate.withheld is None:
            candidate.withheld = placed(candidate)
    return candidates


def _shared(passed: Passed, account: AccountSlice) -> Shared:
    shown = [offer for offer in account.open_offers() if offer.verb is not Verb.TASK]
    return Shared(lower=lower_steps(passed, account), shown=shown)


def _alike(shared: Shared, rules: CompiledSet) -> Mapping[str, Alike]:
    """What offers have in common.

    Those that are paused are just that, and one that would take the place of its lower step is bound like no other.
    """
    if not (shared.lower or rules.paused):
        return rules.alike
    found = dict(rules.alike)
    for name in rules.paused & found.keys():
        found[name] = found[name]._replace(meant=PAUSED)
    for place, name in enumerate(shared.lower.keys() & found.keys(), 1):
        found[name] = found[name]._replace(bounds=PAUSED - place)
    return found


def reason_of(candidates: Iterable[Candidate]) -> Reason:
    """Why nothing was offered, in one word: the reason of the candidate that came furthest, the first of them."""
    order = list(Stage)
    furthest = max(candidates, key=lambda candidate: order.index(candidate.stage), default=None)
    if furthest is None or furthest.withheld is None:
        return Reason.NO_OFFER
    return furthest.withheld.reason
