"""How long requests wait for their answer."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.clock import Clock
from services.offer_api.metrics import Answer, Door, Metrics

DOORS: Final = {
    ("GET", "offers"): Door.OFFERS,
    ("POST", "responses"): Door.RESPONSES,
    ("POST", "check"): Door.CHECK,
}
"""By method and the last word of the path."""

REFUSED: Final = 400
FAILED: Final = 500
"""The least status of each kind."""


class Timed:
    """Times each request that has a `Door`, from its head to the head of its answer, all else included."""

    def __init__(self, app: ASGIApp, clock: Clock, metrics: Metrics) -> None:
        self._app = app
        self._clock = clock
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        door = DOORS.get((scope["method"], scope["path"].rpartition("/")[2])) if scope["type"] == "http" else None
        if door is None:
            await self._app(scope, receive, send)
            return
        began = self._clock.monotonic()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.answered(door, _how(message["status"]), self._clock.monotonic() - began)
            await send(message)

        await self._app(scope, receive, timed)


def _how(status: int) -> Answer:
    if status < REFUSED:
        return Answer.GIVEN
    return Answer.REFUSED if status < FAILED else Answer.FAILED
