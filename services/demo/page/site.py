"""The backend of the page: who visits, what they do, a token for whom the cookie says they are."""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services.demo.acts import Send
from services.demo.front_end import SignFor
from services.demo.page.visitors import NoSuchAct, Visitor

STATIC: Final = Path(__file__).parent / "static"
COOKIE: Final = "visitor"
USER: Final = "you"
"""The person at the browser, in the visitor's account."""

Tell = Callable[[str, Send], Awaitable[object]]
"""Account and what happened; returns once Kafka has it."""


class Site:
    """The product. ``api``: where pages find the offer API; ``tell`` sends events, ``sign`` signs tokens."""

    def __init__(self, api: str, tell: Tell, sign: SignFor) -> None:
        self._api = api
        self._tell = tell
        self._sign = sign
        self._visitors: dict[str, Visitor] = {}
        self.app = Starlette(
            routes=[
                Route("/", self._page),
                Route("/token", self._token),
                Route("/me", self._me),
                Route("/acts/{act}", self._act, methods=["POST"]),
                Mount("/static", StaticFiles(directory=STATIC)),
            ]
        )

    async def _page(self, request: Request) -> Response:
        response = FileResponse(STATIC / "index.html")
        # offers are text; should one ever be taken for more, the browser still runs nothing of it
        response.headers["content-security-policy"] = (
            f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {self._api}; base-uri 'none'"
        )
        if request.cookies.get(COOKIE) not in self._visitors:
            key = secrets.token_urlsafe(16)
            visitor = self._visitors[key] = Visitor(f"visitor-{secrets.token_hex(3)}")
            await self._tell(visitor.account, visitor.begin())
            response.set_cookie(COOKIE, key, httponly=True, samesite="strict")
        return response

    async def _token(self, request: Request) -> Response:
        return PlainTextResponse(
            self._sign(self._visitor(request).account, USER), headers={"cache-control": "no-store"}
        )

    async def _me(self, request: Request) -> Response:
        return self._told(self._visitor(request))

    async def _act(self, request: Request) -> Response:
        visitor = self._visitor(request)
        try:
            happened = visitor.does(request.path_params["act"], request.query_params.get("option"))
        except NoSuchAct:
            raise HTTPException(404) from None
        await self._tell(visitor.account, _by(USER, happened))
        return self._told(visitor)

    def _visitor(self, request: Request) -> Visitor:
        visitor = self._visitors.get(request.cookies.get(COOKIE, ""))
        if visitor is None:
            raise HTTPException(403)
        return visitor

    def _told(self, visitor: Visitor) -> Response:
        told: dict[str, Any] = {**visitor.shown(), "api": self._api}
        return JSONResponse(told, headers={"cache-control": "no-store"})


def _by(user: str, happened: Send) -> Send:
    """Usage has somebody who did it; facts are true of the account."""
    if happened.type.startswith("rung."):
        return happened
    return Send(happened.type, {"user": user, **happened.data})
