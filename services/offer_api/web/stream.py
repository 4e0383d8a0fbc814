"""`GET /v1/accounts/{account}/offers/stream`: what may be shown, and every change of it, as server-sent events."""

from typing import Annotated, Final

from fastapi import APIRouter, Header
from fastapi.sse import format_sse_event
from pydantic import BaseModel
from starlette.responses import Response

from services.kit.clock import US_PER_S
from services.offer_api.domain.watch import Gone, Shown
from services.offer_api.feed.following import ComeBack, KeepAlive, Resync, Sent, Told
from services.offer_api.ports import Bearer, Caller
from services.offer_api.web.auth import TheCaller, TheProof, TheViewer
from services.offer_api.web.doors import Doors, TheDoors
from services.offer_api.web.event_stream import EventStream
from services.offer_api.web.models import GoneOut, OfferOut

router = APIRouter()

MIN_LIFE_S: Final = 1.0
"""Life of a stream whose token ends at once: its reader gets what is there and comes back with a new token."""


@router.get("/accounts/{account:path}/offers/stream", response_class=Response)  # noqa: FAST003 - `TheViewer` takes it
async def stream(
    viewer: TheViewer,
    caller: TheCaller,
    proof: TheProof,
    doors: TheDoors,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Events ``offer`` (as GET gives it), ``gone`` (id, why) and ``resync`` (forget all you hold and your position)."""
    leave = doors.streams.enter(proof, viewer.account)
    try:
        start = await doors.following.open(viewer, last_event_id)
    except BaseException:
        leave()
        raise

    def ended() -> None:
        leave()
        doors.following.forget(start)

    return EventStream(doors.following.run(start, _life_s(caller, doors)), _written, start.left, ended)


def _life_s(caller: Caller, doors: Doors) -> float:
    if not isinstance(caller, Bearer):
        return doors.stream_life_s
    until_token_ends_s = caller.expires_s - doors.clock.now_us() / US_PER_S
    return max(MIN_LIFE_S, min(doors.stream_life_s, until_token_ends_s))


def _written(sent: Sent) -> bytes:
    match sent:
        case Told():
            return _told(sent)
        case ComeBack(after_ms=after_ms):
            return format_sse_event(retry=after_ms)
        case Resync():
            return format_sse_event(event="resync", data_str="{}", id="")
        case KeepAlive():
            return format_sse_event(comment="")


def _told(told: Told) -> bytes:
    match told.said:
        case Shown(row=row):
            return _event("offer", OfferOut.of(row, told.now), told.at)
        case Gone(offer_id=offer_id, why=why):
            return _event("gone", GoneOut(id=offer_id, why=why), told.at)


def _event(name: str, body: BaseModel, at: object) -> bytes:
    data = body.model_dump_json(exclude_none=True)
    return format_sse_event(event=name, data_str=data, id=None if at is None else str(at))
