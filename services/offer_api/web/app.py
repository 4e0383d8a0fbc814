"""The application that front ends reach."""

from typing import Final

from fastapi import FastAPI

from services.offer_api.web import checking, errors, health, offers, responses, stream
from services.offer_api.web.auth import Authenticated
from services.offer_api.web.doors import Doors
from services.offer_api.web.limits import BoundedBody

VERSION: Final = "/v1"


def make_app(doors: Doors) -> FastAPI:
    """All routes. Docs stay off this port: a path that is not listed in `auth.PUBLIC` needs a token."""
    app = FastAPI(title="Rung offers", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.doors = doors
    errors.install(app)
    for routes in (stream, offers, checking, responses):
        app.include_router(routes.router, prefix=VERSION)
    app.include_router(health.router)
    app.add_middleware(BoundedBody)
    # added last, so it comes first
    app.add_middleware(Authenticated, doors=doors)
    return app
