"""Answers that a browser may keep, and asks about again: the same answer twice costs 200 bytes."""

from hashlib import blake2b
from typing import Annotated, Final

from fastapi import Header
from pydantic import BaseModel
from starlette.responses import Response

CACHE_CONTROL: Final = "private, no-cache"
"""Nobody on the way may keep it, and the browser may not show it without asking first."""

VARY: Final = "authorization"
"""Another token may see other offers under the same address."""

TAG_BYTES: Final = 16
"""Two answers of one account that differ and share a tag: not in the life of this universe."""

IfNoneMatch = Annotated[str | None, Header(description="The ETag of the answer that is held already.")]


def answer(body: BaseModel, held: str | None) -> Response:
    """``body`` as JSON with its tag; 304 without it when ``held``, as If-None-Match says it, names that tag."""
    content = body.model_dump_json(exclude_none=True).encode()
    tag = f'"{blake2b(content, digest_size=TAG_BYTES).hexdigest()}"'
    headers = {"etag": tag, "cache-control": CACHE_CONTROL, "vary": VARY}
    if held is not None and _names(held, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")


def _names(held: str, tag: str) -> bool:
    """A proxy that compresses an answer makes its tag a weak one: ``W/"..."``."""
    return held.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in held.split(","))
