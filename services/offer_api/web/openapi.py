"""The document of the API: what FastAPI finds in the routes, and what it can not find there."""

from typing import Any, Final

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from services.offer_api.web.errors import BY_STATUS, MEDIA_TYPE
from services.offer_api.web.examples import BY_MODEL, STREAM
from services.offer_api.web.models import GoneOut, OfferOut, ProblemOut
from services.offer_api.web.public import PUBLIC

REFERENCE: Final = "#/components/schemas/{model}"
STREAM_PATH: Final = "/v1/accounts/{account}/offers/stream"
RESPONSES_PATH: Final = "/v1/accounts/{account}/responses"

ALWAYS: Final = {
    401: "There is no valid token or key",
    403: "The token or key is not for this",
    404: "It does not exist, or is not the bearer's: nobody can tell which",
    414: BY_STATUS[414].title,
    422: "Not of the shape asked for; `errors` says where",
    429: "Asked too often, or too many streams are open",
    431: BY_STATUS[431].title,
    503: "Something that is needed is away; try again after Retry-After",
}
WITH_BODY: Final = {
    400: "The body can not be read",
    408: BY_STATUS[408].title,
    413: BY_STATUS[413].title,
    415: BY_STATUS[415].title,
}
OVER: Final = {409: "An offer's life is over; `refused` says in which state, and none of the request was taken"}

POSITION: Final = {
    "type": "string",
    "pattern": "^[0-9]+-[0-9]+$",
    "description": "Send the newest one back as Last-Event-ID. Absent when the clock alone made the change.",
}

RATE_HEADERS: Final = {
    "RateLimit-Limit": "Requests of the scarcest window: of this token, account or address",
    "RateLimit-Remaining": "What is left of it",
    "RateLimit-Reset": "Seconds until it begins anew",
}


def document(app: FastAPI) -> dict[str, Any]:
    """OpenAPI of ``app``, with problems, limits, examples, and the events of the stream."""
    made: dict[str, Any] = app.openapi()
    schemas = made["components"]["schemas"]
    _, extra = models_json_schema(
        [(model, "serialization") for model in (ProblemOut, OfferOut, GoneOut)], ref_template=REFERENCE
    )
    schemas.update(extra["$defs"])
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for name, example in BY_MODEL.items():
        schemas[name]["examples"] = [example]
    made["components"]["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A JSON Web Token for one account, or a service key. Never in an address.",
        }
    }
    made["components"]["headers"] = {
        name: {"description": meaning, "schema": {"type": "integer"}} for name, meaning in RATE_HEADERS.items()
    }
    for path, methods in made["paths"].items():
        for method, route in methods.items():
            if path in PUBLIC:
                _describe_health(route)
            else:
                _describe(route, path, method)
    made["paths"][STREAM_PATH]["get"]["responses"]["200"] = _stream()
    return made


def _describe(route: dict[str, Any], path: str, method: str) -> None:
    route["security"] = [{"bearer": []}]
    told = {**ALWAYS, **(WITH_BODY if method == "post" else {}), **(OVER if path == RESPONSES_PATH else {})}
    for status, meaning in told.items():
        route["responses"][str(status)] = _problem(meaning)
    if any(one["name"] == "if-none-match" for one in route["parameters"]):
        route["responses"]["304"] = {"description": "What is held, as If-None-Match says, is still so"}
    for response in route["responses"].values():
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_HEADERS}


def _describe_health(route: dict[str, Any]) -> None:
    said = {"content": {"text/plain": {"schema": {"type": "string"}}}}
    route["responses"] = {
        "200": {"description": "All is well", **said},
        "503": {"description": "What is not", **said},
    }


def _problem(meaning: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="ProblemOut")}}}
    return {"description": meaning, "content": content}


def _stream() -> dict[str, Any]:
    """`itemSchema` is of OpenAPI 3.2: one event as its fields."""
    events = {"offer": "OfferOut", "gone": "GoneOut"}
    items: list[dict[str, Any]] = [
        {
            "type": "object",
            "properties": {"event": {"const": name}, "id": POSITION, "data": _json(REFERENCE.format(model=model))},
            "required": ["event", "data"],
        }
        for name, model in events.items()
    ]
    resync = {"event": {"const": "resync"}, "id": {"const": ""}, "data": {"const": "{}"}}
    items.append(
        {
            "type": "object",
            "description": "Forget all offers you hold, and your position: what follows is everything.",
            "properties": resync,
            "required": list(resync),
        }
    )
    content = {"schema": {"type": "string"}, "itemSchema": {"oneOf": items}, "example": STREAM}
    return {
        "description": "Events, until the stream's life or the token is over; then come back after `retry` ms",
        "content": {"text/event-stream": content},
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_HEADERS},
    }


def _json(reference: str) -> dict[str, Any]:
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": {"$ref": reference}}
