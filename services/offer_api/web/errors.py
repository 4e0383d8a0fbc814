"""Every error as a problem document (RFC 9457): one table gives an exception its status and its code."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from services.kit.db.faults import DatabaseAway
from services.offer_api.feed.hub import Draining, TailLost
from services.offer_api.ports import LogUnavailable
from services.offer_api.web.faults import NotAllowed, NotYours, OffersOver, ReservedAccount, TooManyStreams

MEDIA_TYPE: Final = "application/problem+json"
URN: Final = "urn:rung:problem:"


@dataclass(frozen=True)
class Problem:
    """What a client is told. ``retry_after_s``: when it makes sense to try again."""

    status: int
    code: str
    title: str
    retry_after_s: int | None = None


NOT_FOUND: Final = Problem(404, "not-found", "There is no such thing here")
UNAUTHORISED: Final = Problem(401, "unauthorised", "A valid bearer token is needed")
MALFORMED: Final = Problem(422, "malformed", "The request is not of the shape asked for")
TOO_MANY: Final = Problem(429, "too-many-requests", "Asked too often; see the headers RateLimit and Retry-After")
BROKEN: Final = Problem(500, "internal", "Something went wrong here")

PROBLEMS: Final[Mapping[type[Exception], Problem]] = {
    NotYours: NOT_FOUND,  # also what belongs to someone else: nobody learns that it exists
    NotAllowed: Problem(403, "forbidden", "This token or key is not for this"),
    ReservedAccount: Problem(
        403, "reserved-account", "Accounts of the probe are for tokens with the claim probe, and these for no others"
    ),
    OffersOver: Problem(409, "offer-over", "The offer's life is over"),  # carries the state it ended in
    LogUnavailable: Problem(503, "log-unavailable", "The response could not be kept", retry_after_s=5),
    DatabaseAway: Problem(503, "database-unavailable", "The offers can not be read just now", retry_after_s=5),
    TailLost: Problem(503, "stream-unavailable", "Changes can not be followed just now", retry_after_s=2),
    TooManyStreams: Problem(429, "too-many-streams", "As many streams are open as may be", retry_after_s=30),
    Draining: Problem(503, "stopping", "This process is about to stop", retry_after_s=1),
}

BY_STATUS: Final[Mapping[int, Problem]] = {
    404: NOT_FOUND,
    405: Problem(405, "method-not-allowed", "This can not be done here"),
    408: Problem(408, "too-slow", "The request took too long to arrive"),
    413: Problem(413, "too-large", "The request is too large"),
    414: Problem(414, "address-too-long", "Path and query are too long"),
    415: Problem(415, "encoding-unknown", "A body comes as it is, or as gzip"),
    431: Problem(431, "headers-too-large", "The headers are too large"),
}


def response_for(problem: Problem, extra: Mapping[str, Any] | None = None, headers: Any = None) -> JSONResponse:
    """The document for ``problem``, with ``extra`` members."""
    body = {"type": URN + problem.code, "title": problem.title, "status": problem.status, **(extra or {})}
    sent = {"cache-control": "no-store", **(headers or {})}
    if problem.retry_after_s is not None:
        sent["retry-after"] = str(problem.retry_after_s)
    return JSONResponse(body, problem.status, sent, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let ``app`` answer every error so; also those of the framework, and what nobody expected."""
    for kind, problem in PROBLEMS.items():
        app.add_exception_handler(kind, _told_as(problem))
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(Exception, _told_as(BROKEN))


def _told_as(problem: Problem) -> Any:
    async def tell(_: Request, error: Exception) -> JSONResponse:
        extra = {"refused": error.refused} if isinstance(error, OffersOver) else None
        return response_for(problem, extra)

    return tell


async def _malformed(_: Request, error: Exception) -> JSONResponse:
    """Say where and what, never repeat what was sent."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    errors = [{"at": ".".join(str(part) for part in fault["loc"]), "what": fault["msg"]} for fault in found]
    return response_for(MALFORMED, {"errors": errors})


async def _of_framework(_: Request, error: Exception) -> JSONResponse:
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    problem = BY_STATUS.get(status) or Problem(status, f"http-{status}", HTTPStatus(status).phrase)
    return response_for(problem, headers=headers)
