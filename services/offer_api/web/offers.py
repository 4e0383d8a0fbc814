"""`GET /v1/accounts/{account}/offers`: what may be shown now."""

from fastapi import APIRouter
from starlette.responses import Response

from services.kit.clock import to_datetime
from services.offer_api.domain.shown import best_first, is_shown
from services.offer_api.web.auth import TheViewer
from services.offer_api.web.caching import IfNoneMatch, answer
from services.offer_api.web.doors import TheDoors
from services.offer_api.web.looking import Looking
from services.offer_api.web.models import OfferOut, OffersOut

router = APIRouter(route_class=Looking)


@router.get("/accounts/{account:path}/offers", response_model=OffersOut)  # noqa: FAST003 - `TheViewer` takes it
async def offers(viewer: TheViewer, doors: TheDoors, if_none_match: IfNoneMatch = None) -> Response:
    """Offers of the account that may be shown now, best first; none when nothing is known of it."""
    rows = await doors.offers.not_over(viewer.account)
    now = to_datetime(doors.clock.now_us())
    shown = best_first(row for row in rows if viewer.looks_at(row) and is_shown(row, now))
    return answer(OffersOut(offers=tuple(OfferOut.of(row, now) for row in shown)), if_none_match)
