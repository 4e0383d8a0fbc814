"""`/healthz` and `/readyz`, for the load balancer in front of this port."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from services.kit.telemetry.listener import Check
from services.offer_api.web.doors import TheDoors

router = APIRouter()


@router.get("/healthz")
async def healthz(doors: TheDoors) -> PlainTextResponse:
    """200 while this process need not be restarted."""
    return _answer(doors.alive)


@router.get("/readyz")
async def readyz(doors: TheDoors) -> PlainTextResponse:
    """200 while requests may be sent here."""
    return _answer(doors.ready)


def _answer(check: Check) -> PlainTextResponse:
    fault = check()
    return PlainTextResponse("ok\n") if fault is None else PlainTextResponse(fault + "\n", 503)
