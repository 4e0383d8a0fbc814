"""Every offer of a moment goes through the stages in their order; what comes through is arbitrated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oracle.deciding.arbitrating import placed
from oracle.deciding.candidate import STAGES, Candidate
from oracle.deciding.eligible import eligible
from oracle.deciding.meant import meant
from oracle.deciding.suitable import suitable
from oracle.deciding.within_bounds import within_bounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene

FUNNEL: Final = (
    ("eligible", meant),
    ("eligible", eligible),
    ("suitable", suitable),
    ("within_bounds", within_bounds),
    ("arbitrated", placed),
)


def considered(fired: Fired, attempt: int, scene: Scene) -> list[Candidate]:
    """The offers of a moment, each with how far it comes by itself."""
    candidates = [Candidate(offer, fired, attempt=attempt) for offer in scene.rules.offers_on(fired.moment)]
    for candidate in candidates:
        for stage, look in FUNNEL:
            candidate.stage = stage
            candidate.withheld = look(candidate, scene)
            if candidate.withheld is not None:
                break
    return candidates


def reason_of(candidates: Sequence[Candidate]) -> str:
    """Why nothing was offered: the reason of the candidate that came furthest, the first of them."""
    furthest = max(candidates, key=lambda candidate: STAGES.index(candidate.stage), default=None)
    return "no_offer" if furthest is None or furthest.withheld is None else furthest.withheld.reason
