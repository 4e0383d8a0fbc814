"""The application that front ends reach."""

from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from services.offer_api.web import checking, decisions, errors, health, offers, responses, stream
from services.offer_api.web.auth import Authenticated
from services.offer_api.web.doors import Doors
from services.offer_api.web.event_stream import going_on
from services.offer_api.web.headers import SecurityHeaders
from services.offer_api.web.limits import BoundedRequest
from services.offer_api.web.rates import RateLimited, by_address, by_caller
from services.offer_api.web.timing import Timed

VERSION: Final = "/v1"

ASKED: Final = ("authorization", "content-type", "if-none-match", "last-event-id", "traceparent")
TOLD: Final = ("etag", "retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
"""Headers that a page of another origin may send, and those that it may read."""

PREFLIGHT_S: Final = 600
"""How long a browser need not ask again."""


class App(FastAPI):
    """The framework, with streams that go on outside of it."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await going_on(super().__call__, scope, receive, send)


def make_app(doors: Doors) -> FastAPI:
    """All routes. Docs stay off this port: a path that is not listed in `PUBLIC` needs a token."""
    app = App(
        title="Rung offers",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # its own spans and logs would tell of paths, which name accounts, and of what people sent
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.doors = doors
    errors.install(app)
    for routes in (stream, offers, checking, responses, decisions):
        app.include_router(routes.router, prefix=VERSION)
    app.include_router(health.router)
    # what is added last comes first: from the inside out
    app.add_middleware(BoundedRequest)
    app.add_middleware(RateLimited, rates=doors.rates, who=by_caller)
    app.add_middleware(Authenticated, doors=doors)
    app.add_middleware(RateLimited, rates=doors.rates, who=by_address)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=doors.origins,
        allow_methods=("GET", "POST"),
        allow_headers=ASKED,
        expose_headers=TOLD,
        max_age=PREFLIGHT_S,
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Timed, clock=doors.clock, metrics=doors.metrics)
    return app
