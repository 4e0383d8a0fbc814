"""`POST /v1/accounts/{account}/offers/{id}/check`: whether an offer still holds, asked just before it is shown."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from schemas.envelope import Id
from services.kit.clock import to_datetime
from services.offer_api.domain.shown import is_shown, state_at
from services.offer_api.web.auth import TheReader
from services.offer_api.web.doors import TheDoors
from services.offer_api.web.faults import NotYours
from services.offer_api.web.models import CheckOut, OfferOut

router = APIRouter()


@router.post("/accounts/{account:path}/offers/{offer}/check", response_model_exclude_none=True)  # noqa: FAST003 - as below
async def check(
    viewer: TheReader,  # takes the account
    offer: Annotated[Id, Path(description="The `id` of an offer that was handed out.")],
    doors: TheDoors,
    response: Response,
) -> CheckOut:
    """Whether the offer may be shown now: what was put on a page a while ago may have been taken back since."""
    response.headers["cache-control"] = "no-store"
    row = (await doors.offers.find(viewer.account, [offer])).get(offer)
    if row is None or not viewer.may_see(row):
        raise NotYours
    now = to_datetime(doors.clock.now_us())
    holds = is_shown(row, now)
    return CheckOut(id=offer, holds=holds, state=state_at(row, now), offer=OfferOut.of(row, now) if holds else None)
