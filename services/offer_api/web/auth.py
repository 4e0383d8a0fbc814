"""Who may ask: everything needs a token, except what is listed here."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final

import structlog
from fastapi import Depends, Path, Query, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.envelope import Id
from services.kit.clock import Clock, to_datetime
from services.offer_api.domain.shown import Viewer
from services.offer_api.metrics import Metrics
from services.offer_api.ports import Bearer, TokenRefused, Tokens
from services.offer_api.web.errors import UNAUTHORISED, response_for
from services.offer_api.web.faults import NotYours

log = structlog.get_logger()

PUBLIC: Final = frozenset({"/healthz", "/readyz"})
"""Paths that need no token: they tell a load balancer whether to send anybody here, and nothing of any account."""

SCHEME: Final = "bearer "
CHALLENGE: Final = {"www-authenticate": 'Bearer realm="rung"'}
MAX_PLACEMENTS: Final = 32


class Authenticated:
    """Lets through only requests with a valid token, before anything else looks at them."""

    def __init__(self, app: ASGIApp, tokens: Tokens, clock: Clock, metrics: Metrics) -> None:
        self._app = app
        self._tokens = tokens
        self._clock = clock
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http" or scope["path"] in PUBLIC:
            await self._app(scope, receive, send)
            return
        try:
            bearer = self._bearer(Headers(scope=scope), to_datetime(self._clock.now_us()))
        except TokenRefused as refused:
            self._metrics.unauthorised.inc()
            log.info("token refused", why=refused.why)
            await response_for(UNAUTHORISED, headers=CHALLENGE)(scope, receive, send)
            return
        scope.setdefault("state", {})["bearer"] = bearer
        await self._app(scope, receive, send)

    def _bearer(self, headers: Headers, now: datetime) -> Bearer:
        given = headers.getlist("authorization")
        if len(given) != 1 or not given[0].lower().startswith(SCHEME):
            raise TokenRefused("no bearer token")
        return self._tokens.read(given[0][len(SCHEME) :].strip(), now)


def _bearer_of(request: Request) -> Bearer:
    bearer = request.state.bearer
    assert isinstance(bearer, Bearer)  # noqa: S101 - without it the request could not have come here
    return bearer


TheBearer = Annotated[Bearer, Depends(_bearer_of)]


def _own_account(account: Annotated[str, Path()], bearer: TheBearer) -> str:
    if account != bearer.account:
        raise NotYours
    return account


OwnAccount = Annotated[str, Depends(_own_account)]
"""The account in the path, which is the token's."""


def _reader(account: OwnAccount, bearer: TheBearer, user: Annotated[Id | None, Query()] = None) -> Viewer:
    return Viewer(account, own_user(bearer, user), staff=bearer.staff)


TheReader = Annotated[Viewer, Depends(_reader)]
"""Who asks about an offer, wherever it is shown."""


def _viewer(
    reader: TheReader, placement: Annotated[list[Id] | None, Query(max_length=MAX_PLACEMENTS)] = None
) -> Viewer:
    return replace(reader, placements=frozenset(placement or ()))


TheViewer = Annotated[Viewer, Depends(_viewer)]
"""Who looks for offers, and at which places."""


def own_user(bearer: Bearer, asked: str | None) -> str | None:
    """The user to act for: the token's own, or whom the request names when the token is for the whole account."""
    if bearer.user is not None and asked not in (None, bearer.user):
        raise NotYours
    return bearer.user or asked
