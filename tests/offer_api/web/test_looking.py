"""What is read without the framework is what the framework reads. Needs neither Kafka nor PostgreSQL."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response

from services.offer_api.web.auth import MAX_PLACEMENTS, TheViewer
from services.offer_api.web.caching import IfNoneMatch  # noqa: TC001 - the framework reads it
from services.offer_api.web.doors import TheDoors  # noqa: TC001 - the framework reads it
from services.offer_api.web.looking import Looking
from tests.offer_api.running import without_kafka

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.offer_api.signing import Signer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"

GOOD = [
    "",
    "placement=banner",
    "placement=banner&placement=modal&placement=banner",
    "placement=%C3%BCber+uns&user=u%2F7",
    "user=u-7",
    "user=u-7&user=u-7",
    "unknown=1&placement=a",
    "&".join(["placement=a"] * MAX_PLACEMENTS),
]
BAD = [
    "placement=",
    "user=",
    "user",
    "placement=a&placement=",
    "placement=%00",
    f"user={'x' * 257}",
    f"placement={'%C3%BC' * 129}",
    "&".join(["placement=a"] * (MAX_PLACEMENTS + 1)),
]


async def echo(viewer: TheViewer, doors: TheDoors, if_none_match: IfNoneMatch = None) -> Response:
    """What was read."""
    read = {
        "account": viewer.account,
        "user": viewer.user,
        "placements": sorted(viewer.placements),
        "staff": viewer.staff,
        "held": if_none_match,
        "doors": doors.stream_life_s,
    }
    return JSONResponse(read)


@asynccontextmanager
async def both_ways(signer: Signer) -> AsyncIterator[httpx.AsyncClient]:
    """The application with the same function behind two routes, ``/plain`` and ``/quick``."""
    async with without_kafka(NOWHERE, signer.jwks) as served:
        for name, kind in (("plain", APIRoute), ("quick", Looking)):
            routes = APIRouter(route_class=kind)
            routes.add_api_route(f"/{name}/{{account:path}}/offers", echo, response_class=Response)
            served.app.include_router(routes)
        yield served.http


@pytest.mark.parametrize(("query", "status"), [*((one, 200) for one in GOOD), *((one, 422) for one in BAD)])
async def test_both_ways_read_the_same(query: str, status: int, signer: Signer) -> None:
    whose: list[tuple[str, dict[str, str]]] = [
        ("acme", signer.headers()),
        ("acme", {**signer.headers(staff=True), "if-none-match": '"a"'}),
        ("acme", signer.headers(user="u-7")),
        ("acme", signer.headers(user="u-8")),
        ("other", signer.headers()),
        ("a/b", signer.headers("a/b")),
    ]
    async with both_ways(signer) as http:
        for number, (account, headers) in enumerate(whose):
            ways = [f"/{name}/{quote(account, safe='')}/offers?{query}" for name in ("plain", "quick")]
            plain, quick = [await http.get(way, headers=headers) for way in ways]
            assert (plain.status_code, plain.json()) == (quick.status_code, quick.json())
            assert number > 0 or plain.status_code == status
