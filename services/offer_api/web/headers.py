"""Headers that every answer has: it is data, to be shown by nobody as a page, and by no other name."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS: Final = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "cross-origin-resource-policy": "same-origin",
}
"""The last one keeps pages from loading answers past CORS, as a picture or a script; browsers pass over the one about
transport on plain HTTP.
"""

_ALWAYS: Final = [(name.encode(), value.encode()) for name, value in ALWAYS.items()]


class SecurityHeaders:
    """Adds `ALWAYS`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_ALWAYS]
            await send(message)

        await self._app(scope, receive, adding)
