"""Outcomes, facts and decisions as the engine writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from schemas.codec import encode
from schemas.decisions import Candidate, Decided, Decision, Input, Reason, Stage, Verdict
from schemas.offers import Evidence, MomentKind, Verb
from schemas.outcomes import AcceptedFact, Change, FactAccepted, OfferJudged, Outcome

AT = datetime(2026, 3, 4, 10, 12, tzinfo=UTC)
SOURCE = "rung/engine"


def judged(offer_id: str, sequence: int, change: Change, account: str = "acme", **said: Any) -> OfferJudged:
    """One change of an offer; what is not said is as for any offer of a bigger plan."""
    plain: dict[str, Any] = {
        "at": AT,
        "offer": "team_plan",
        "playbook": "storage",
        "family": "storage",
        "verb": Verb.UPGRADE_TO,
        "target": "team",
        "moment": "storage_full",
        "moment_kind": MomentKind.LIMIT,
        "version": 41,
        "made_at": AT,
        "decision_id": f"d-{offer_id}",
    }
    data = Outcome(offer_id=offer_id, sequence=sequence, change=change, **{**plain, **said})
    return OfferJudged(id=f"{offer_id}/{sequence}", source=SOURCE, subject=account, time=AT, data=data)


def life(offer_id: str, *changes: Change, **said: Any) -> list[OfferJudged]:
    """All changes of one offer, from the first."""
    return [judged(offer_id, sequence, change, **said) for sequence, change in enumerate(changes, start=1)]


def fact(
    fact_id: str,
    account: str = "acme",
    kind: str = "rung.plan_changed",
    at: datetime = AT,
    pays: int | str | None = None,
    once: int | str | None = None,
    **value: Any,
) -> FactAccepted:
    """One accepted fact, what the account pays a month since, and what was paid once by it."""
    monthly, paid_once = (None if paid is None else Decimal(paid) for paid in (pays, once))
    currency = None if pays is None and once is None else "USD"
    data = AcceptedFact(
        fact=kind,
        fact_id=fact_id,
        fact_source="billing",
        at=at,
        value=value,
        monthly=monthly,
        once=paid_once,
        currency=currency,
    )
    return FactAccepted(id=f"f-{fact_id}", source=SOURCE, subject=account, time=at, data=data)


def erased(account: str = "acme", at: datetime = AT, judged_at: datetime | None = None) -> FactAccepted:
    """An accepted erasure; taken by the engine at once when nothing else is said."""
    told = fact(f"erase-{account}-{at.isoformat()}", account, "rung.account_erased", at)
    return told.model_copy(update={"time": judged_at or at})


def decided(decision_id: str, reason: Reason | None = None, account: str = "acme", **said: Any) -> Decided:
    """One decision: withheld for ``reason``, or offered when there is none."""
    offered = reason is None
    candidate = Candidate(
        offer="team_plan", moment="storage_full", stage=Stage.ARBITRATED if offered else Stage.SUITABLE, reason=reason
    )
    plain: dict[str, Any] = {
        "verdict": Verdict.OFFERED if offered else Verdict.WITHHELD,
        "reason": reason,
        "at": AT,
        "version": 41,
        "input": Input(stream="usage", partition=0, offset=1),
        "moments": (Evidence(moment="storage_full", kind=MomentKind.LIMIT, happened_at=AT),),
        "candidates": (candidate,),
    }
    data = Decision(decision_id=decision_id, **{**plain, **said})
    return Decided(id=decision_id, source=SOURCE, subject=account, time=AT, data=data)


def value(event: OfferJudged | FactAccepted | Decided) -> bytes:
    """``event`` as it lies in the log."""
    return encode(event)[0]
