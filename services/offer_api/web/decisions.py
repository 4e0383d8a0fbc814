"""`GET /v1/accounts/{account}/decisions`, `…/why` and `…/why-not/{offer}`: what operators ask."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from schemas.decisions import Decision, Verdict
from schemas.envelope import Id
from services.kit.clock import to_datetime
from services.offer_api.domain.shown import best_first, is_shown, state_at
from services.offer_api.web.auth import AnyAccount
from services.offer_api.web.caching import IfNoneMatch, answer
from services.offer_api.web.decided import (
    CandidateOut,
    DecisionOut,
    DecisionsOut,
    WhyAllOut,
    WhyNotAllOut,
    WhyNotOut,
    WhyOut,
)
from services.offer_api.web.doors import TheDoors
from services.offer_api.web.faults import NotYours

router = APIRouter()

MOST: Final = 100
MAX_OFFSET: Final = 2**63 - 1

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many of the newest.")]
Before = Annotated[int | None, Query(ge=0, le=MAX_OFFSET, description="`next` of the answer before.")]
OfferName = Annotated[Id | None, Query(description="Only those in which the offer of this name competed.")]
OfferId = Annotated[Id | None, Query(description="The `id` of one offer, also of one that is over.")]
ACCOUNT: Final = "/accounts/{account:path}"


@router.get(f"{ACCOUNT}/why-not/{{offer}}", response_model=WhyNotAllOut)
async def why_not(
    account: AnyAccount,
    offer: Annotated[Id, Path(description="The operator's name of the offer.")],
    doors: TheDoors,
    limit: Limit = 10,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Why the account did not get the offer: each time that it competed, where it ended and for which reason."""
    found = await doors.decisions.newest(account, limit, offer=offer)
    told = tuple(_not(one.decision, offer) for one in found)
    return answer(WhyNotAllOut(offer=offer, withheld=tuple(one for one in told if one.candidates)), if_none_match)


@router.get(f"{ACCOUNT}/decisions", response_model=DecisionsOut)
async def decisions(
    account: AnyAccount,
    doors: TheDoors,
    limit: Limit = 20,
    before: Before = None,
    offer: OfferName = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """What was decided about the account, newest first, also when nothing was offered."""
    found = await doors.decisions.newest(account, limit, before, offer)
    following = found[-1].offset if len(found) == limit else None
    told = tuple(DecisionOut.model_validate(one.decision) for one in found)
    return answer(DecisionsOut(decisions=told, next=following), if_none_match)


@router.get(f"{ACCOUNT}/why", response_model=WhyAllOut)
async def why(
    account: AnyAccount, doors: TheDoors, offer: OfferId = None, if_none_match: IfNoneMatch = None
) -> Response:
    """Why the account has the offers that it may be shown now, or why it got one of them."""
    now = to_datetime(doors.clock.now_us())
    if offer is None:
        rows = best_first(row for row in await doors.offers.not_over(account) if is_shown(row, now))
    else:
        rows = list((await doors.offers.find(account, [offer])).values())
        if not rows:
            raise NotYours
    made = await doors.decisions.that_made(account, [row.offer.offer_id for row in rows])
    told = tuple(
        WhyOut(
            id=row.offer.offer_id,
            offer=row.offer.offer,
            state=state_at(row, now),
            decision=_out(made.get(row.offer.offer_id)),
        )
        for row in rows
    )
    return answer(WhyAllOut(offers=told), if_none_match)


def _out(decision: Decision | None) -> DecisionOut | None:
    return None if decision is None else DecisionOut.model_validate(decision)


def _not(decision: Decision, offer: str) -> WhyNotOut:
    """Of a decision, what became of ``offer``; without candidates when it was made."""
    shown_to_nobody = decision.verdict is Verdict.HELD_OUT
    candidates = [
        one for one in decision.candidates if one.offer == offer and (one.reason is not None or shown_to_nobody)
    ]
    return WhyNotOut(
        decision_id=decision.decision_id,
        at=decision.at,
        verdict=decision.verdict.value,
        version=decision.version,
        attempt=decision.attempt,
        held=any(one.moment in decision.held for one in candidates),
        candidates=tuple(CandidateOut.model_validate(one) for one in candidates),
    )
