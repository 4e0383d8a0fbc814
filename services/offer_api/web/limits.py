"""How much a request may bring."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.envelope import MAX_ID_BYTES
from services.offer_api.web.models import MAX_RESPONSES

FIELDS: Final = 8
MAX_BODY_BYTES: Final = MAX_RESPONSES * FIELDS * MAX_ID_BYTES
"""A full list of responses with the longest ids: 200 KiB."""


class BoundedBody:
    """Refuses bodies beyond `MAX_BODY_BYTES`, also those that do not say how long they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)
