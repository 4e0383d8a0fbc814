"""`POST /v1/accounts/{account}/responses`: what people did with offers."""

from fastapi import APIRouter

from services.offer_api.web.auth import OwnAccount, TheBearer
from services.offer_api.web.doors import TheDoors
from services.offer_api.web.models import ReceiptOut, ResponsesIn

router = APIRouter()


@router.post("/accounts/{account:path}/responses", status_code=202)  # noqa: FAST003 - `OwnAccount` takes it
async def respond(_: OwnAccount, bearer: TheBearer, responses: ResponsesIn, doors: TheDoors) -> ReceiptOut:
    """Keep one response or a list of them; 202 when they are safe in the log."""
    return await doors.take(bearer, responses)
