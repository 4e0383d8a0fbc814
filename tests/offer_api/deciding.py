"""Decisions as the engine tells of them; each names only what matters to the test."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from schemas.codec import decode_decision
from schemas.decisions import Candidate, Decided, Reason, Stage, Verdict
from tests.contracts.golden import EXAMPLES
from tests.offer_api.makers import NOW

if TYPE_CHECKING:
    from schemas.decisions import Decision

GOLDEN = decode_decision((EXAMPLES / "rung.decided.json").read_bytes())


def a_decision(decision_id: str = "d1", minutes: float = 0, **changes: Any) -> Decision:
    """Made ``minutes`` after `NOW`; by itself it withholds ``more_storage``."""
    usual = {
        "decision_id": decision_id,
        "at": NOW + timedelta(minutes=minutes),
        "verdict": Verdict.WITHHELD,
        "reason": Reason.CAPPED,
        "offer_id": None,
        "candidates": (withheld(),),
    }
    return GOLDEN.data.model_copy(update={**usual, **changes})


def withheld(offer: str = "more_storage", reason: Reason | None = Reason.CAPPED) -> Candidate:
    return Candidate(offer=offer, moment="storage_full", stage=Stage.WITHIN_BOUNDS, reason=reason)


def decided(account: str = "acme", decision: Decision | None = None) -> Decided:
    data = decision or a_decision()
    return GOLDEN.model_copy(update={"id": data.decision_id, "subject": account, "data": data})


def offered(decision_id: str = "d1", offer_id: str = "o1", minutes: float = 0) -> Decision:
    return a_decision(
        decision_id,
        minutes,
        verdict=Verdict.OFFERED,
        reason=None,
        offer_id=offer_id,
        candidates=(withheld(reason=None), withheld("team_plan", Reason.OUTSCORED)),
    )
