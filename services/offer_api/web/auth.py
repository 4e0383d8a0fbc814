"""Who may ask: everything needs a token, except what `PUBLIC` lists."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Final

import structlog
from fastapi import Depends, Path, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from schemas.envelope import Id
from schemas.probe import is_probe
from services.kit.clock import to_datetime
from services.kit.db.faults import DatabaseAway
from services.offer_api.domain.scope import Scope, allows
from services.offer_api.domain.shown import Viewer
from services.offer_api.ports import KEY_PREFIX, Bearer, Caller, KeyHolder, TokenRefused
from services.offer_api.web.doors import Doors
from services.offer_api.web.errors import PROBLEMS, UNAUTHORISED, response_for
from services.offer_api.web.faults import NotAllowed, NotYours, ReservedAccount
from services.offer_api.web.public import PUBLIC
from services.offer_api.web.users import own_user

log = structlog.get_logger()

SCHEME: Final = "bearer "
CHALLENGE: Final = {"www-authenticate": 'Bearer realm="rung"'}
MAX_PLACEMENTS: Final = 32
_ACCOUNT: Final = TypeAdapter(Id)


class Authenticated:
    """Lets through only requests with a valid token or key, before anything else looks at them."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http" or scope["path"] in PUBLIC:
            await self._app(scope, receive, send)
            return
        try:
            token = _token(Headers(scope=scope))
            caller = await self._caller(token)
        except TokenRefused as refused:
            self._doors.metrics.unauthorised.inc()
            log.info("token refused", why=refused.why)
            await response_for(UNAUTHORISED, headers=CHALLENGE)(scope, receive, send)
        except DatabaseAway:
            await response_for(PROBLEMS[DatabaseAway])(scope, receive, send)
        else:
            scope.setdefault("state", {}).update(caller=caller, proof=sha256(token.encode()).hexdigest())
            await self._app(scope, receive, send)

    async def _caller(self, token: str) -> Caller:
        if token.startswith(KEY_PREFIX):
            return await self._doors.keys.read(token)
        return await self._doors.tokens.read(token, to_datetime(self._doors.clock.now_us()))


def _token(headers: Headers) -> str:
    given = headers.getlist("authorization")
    if len(given) != 1 or not given[0].lower().startswith(SCHEME):
        raise TokenRefused("no bearer token")
    return given[0][len(SCHEME) :].strip()


# dependencies are asynchronous though they wait for nothing: others each go through a thread, for 0.3 ms


async def _caller_of(request: Request) -> Caller:
    caller = request.state.caller
    assert isinstance(caller, Bearer | KeyHolder)  # noqa: S101 - without it the request could not have come here
    return caller


async def _proof_of(request: Request) -> str:
    return str(request.state.proof)


TheProof = Annotated[str, Depends(_proof_of)]
"""What stands for the token or key in counts, and is of no use to anybody else."""

TheCaller = Annotated[Caller, Depends(_caller_of)]


async def _bearer_of(caller: TheCaller) -> Bearer:
    if not isinstance(caller, Bearer):
        raise NotAllowed
    return caller


TheBearer = Annotated[Bearer, Depends(_bearer_of)]
"""Somebody of an account, with a token; a key speaks for nobody."""


def _operator(caller: Caller) -> KeyHolder:
    if not isinstance(caller, KeyHolder) or not allows(caller.scopes, Scope.READ):
        raise NotAllowed
    return caller


async def _operator_of(caller: TheCaller) -> KeyHolder:
    return _operator(caller)


TheOperator = Annotated[KeyHolder, Depends(_operator_of)]
"""Who may look at every account: a key with the scope `Scope.READ`."""


async def _any_account(account: Annotated[str, Path()], _: TheOperator) -> str:
    return _possible(account)


AnyAccount = Annotated[str, Depends(_any_account)]
"""The account in the path, whichever it is, asked for by who may look at every account."""


def _possible(account: str) -> str:
    try:
        return _ACCOUNT.validate_python(account)
    except ValidationError:
        raise NotYours from None


def _own(account: str, bearer: Bearer) -> str:
    if account != bearer.account:
        raise NotYours
    if bearer.probe is not is_probe(account):
        raise ReservedAccount
    return account


async def _own_account(account: Annotated[str, Path()], bearer: TheBearer) -> str:
    return _own(account, bearer)


OwnAccount = Annotated[str, Depends(_own_account)]
"""The account in the path, which is the token's."""


def viewer(account: str, caller: Caller, user: str | None, placements: Iterable[str] = ()) -> Viewer:
    """Who asks about offers of ``account``. Raises `NotYours`, `NotAllowed`."""
    if isinstance(caller, Bearer):
        return Viewer(_own(account, caller), own_user(caller, user), frozenset(placements), staff=caller.staff)
    _operator(caller)
    return Viewer(_possible(account), user, frozenset(placements), staff=True)


async def _reader(
    account: Annotated[str, Path()], caller: TheCaller, user: Annotated[Id | None, Query()] = None
) -> Viewer:
    return viewer(account, caller, user)


TheReader = Annotated[Viewer, Depends(_reader)]
"""Who asks about an offer, wherever it is shown: its own account, or whoever may look at every account."""


async def _viewer(
    asking: TheReader, placement: Annotated[list[Id] | None, Query(max_length=MAX_PLACEMENTS)] = None
) -> Viewer:
    return replace(asking, placements=frozenset(placement or ()))


TheViewer = Annotated[Viewer, Depends(_viewer)]
"""Who looks for offers, and at which places."""
