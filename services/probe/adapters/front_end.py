"""A front end's way to the offer API: GET and the stream, with a token of its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import quote

import httpx

from schemas.probe import CLAIM, OFFER
from services.kit.signing import Signer
from services.probe.domain.passes import Failed, Failure

SERVER_ERRORS: Final = 500
"""HTTP statuses from here on are the server's fault, below the asker's."""

TOKEN_MINUTES: Final = 2
"""A pass takes seconds."""


class HttpFrontEnds:
    """`FrontEnds` of the offer API at ``base``; each page has a connection of its own, as a browser's has."""

    def __init__(self, base: str, signer: Signer, within_s: float) -> None:
        self._base = base.rstrip("/")
        self._signer = signer
        self._within_s = within_s

    @asynccontextmanager
    async def of(self, account: str, user: str) -> AsyncIterator["HttpFrontEnd"]:
        """The page of ``user``, for the block."""
        token = self._signer.token(account, user, TOKEN_MINUTES, **{CLAIM: True})
        headers = {"authorization": f"Bearer {token}"}
        # its settings are its own: a proxy of the environment is for other things
        async with httpx.AsyncClient(headers=headers, timeout=self._within_s, trust_env=False) as client:
            yield HttpFrontEnd(client, f"{self._base}/v1/accounts/{quote(account, safe='')}/offers")


class HttpFrontEnd:
    """`FrontEnd` by HTTP."""

    def __init__(self, client: httpx.AsyncClient, offers: str) -> None:
        self._client = client
        self._offers = offers

    async def has_offer(self) -> bool:
        """Whether the offer can be fetched now. Raises `Failed`."""
        try:
            response = await self._client.get(self._offers)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        _refuse_errors(response)
        return any(_is_ours(offer) for offer in response.json()["offers"])

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[asyncio.Event]:
        """Follow the stream for the block; the event is set when the offer has come. Raises `Failed`."""
        come = asyncio.Event()
        try:
            request = self._client.build_request("GET", f"{self._offers}/stream")
            response = await self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        try:
            _refuse_errors(response)
            reading = asyncio.create_task(_read(response, come))
            try:
                yield come
            finally:
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading
        finally:
            await response.aclose()


async def _read(response: httpx.Response, come: asyncio.Event) -> None:
    """Set ``come`` at the event ``offer`` that is ours; a stream that ends, ends."""
    name = ""
    with suppress(httpx.HTTPError):
        async for line in response.aiter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data" and name == "offer" and _is_ours(json.loads(value)):
                come.set()


def _is_ours(offer: Any) -> bool:
    return bool(offer["offer"] == OFFER)


def _refuse_errors(response: httpx.Response) -> None:
    if response.is_success:
        return
    refused = response.status_code < SERVER_ERRORS
    raise Failed(Failure.REFUSED if refused else Failure.UNREACHABLE, f"the offer API answers {response.status_code}")


def _unreachable(error: httpx.HTTPError) -> Failed:
    return Failed(Failure.UNREACHABLE, f"{type(error).__name__}: {error}")
