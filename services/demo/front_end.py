"""The front end of the made-up product: fetches offers, follows them, tells what people did with them."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from schemas.responses import ResponseKind

SignFor = Callable[[str, str | None], str]
"""Account, and user or None, to a bearer token."""

TIMEOUT_S: Final = 10.0
Offer = dict[str, Any]
"""An offer as the API gives it."""


class FrontEnd:
    """Speaks HTTP to one offer API. Use as an async context manager; raises ``httpx.HTTPError``."""

    def __init__(self, base_url: str, sign: SignFor) -> None:
        # the environment may name a proxy, which would sit in the middle of what is measured
        self._http = httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S, trust_env=False)
        self._sign = sign
        self._tokens: dict[tuple[str, str | None], str] = {}

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._http.aclose()

    async def offers(self, account: str, user: str | None = None) -> list[Offer]:
        """What may be shown now."""
        answer = await self._http.get(_path(account, "offers"), headers=self._headers(account, user))
        answer.raise_for_status()
        return list(answer.json()["offers"])

    async def respond(self, account: str, user: str | None, response: dict[str, Any]) -> None:
        """Report what somebody did."""
        headers = self._headers(account, user)
        (await self._http.post(_path(account, "responses"), json=response, headers=headers)).raise_for_status()

    @asynccontextmanager
    async def following(self, account: str, user: str | None = None) -> AsyncIterator[AsyncIterator[Offer]]:
        """Offers as they come down a stream, open when the block begins."""
        headers = self._headers(account, user)
        async with self._http.stream("GET", _path(account, "offers/stream"), headers=headers) as stream:
            stream.raise_for_status()
            yield _offers(stream)

    def _headers(self, account: str, user: str | None) -> dict[str, str]:
        who = (account, user)
        if who not in self._tokens:
            self._tokens[who] = self._sign(account, user)
        return {"authorization": f"Bearer {self._tokens[who]}"}


def response(response_id: str, offer: Offer, kind: ResponseKind) -> dict[str, Any]:
    """What a front end says when somebody did ``kind`` with ``offer``, in the first of its places."""
    said = {"id": response_id, "offer": offer["id"], "response": kind.value, "placement": offer["placements"][0]}
    if kind is ResponseKind.ACCEPTED:
        said["option"] = offer["options"][0]["id"]
    return said


async def _offers(stream: httpx.Response) -> AsyncIterator[Offer]:
    name = ""
    async for line in stream.aiter_lines():
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data" and name == "offer":
            yield json.loads(value)


def _path(account: str, rest: str) -> str:
    return f"/v1/accounts/{quote(account, safe='')}/{rest}"
