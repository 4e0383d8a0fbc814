"""Read offers and answer them, with and without an event loop."""

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import httpx

from rung_client.model import Check, Offer
from rung_client.problems import Away
from rung_client.requests import (
    TRIES,
    Asked,
    Auth,
    Response,
    check_of,
    for_check,
    for_offers,
    for_responses,
    offers_of,
    settled,
    wait_s,
)

TIMEOUT_S: Final = 5.0
"""For each try; the API answers in milliseconds."""


class AsyncOffers:
    """The offer API at ``url``. Use as an async context manager. All calls raise ``Problem`` and ``Away``.

    ``auth`` gives the token of an account (and user): a `TokenSigner`, or anything that is called like one.
    """

    def __init__(self, url: str, auth: Auth, *, timeout_s: float = TIMEOUT_S) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout_s)
        self._auth = auth

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._http.aclose()

    async def offers(self, account: str, user: str | None = None, placements: Sequence[str] = ()) -> tuple[Offer, ...]:
        """What may be shown now, best first."""
        return offers_of(await self._ask(account, user, for_offers(account, user, placements)))

    async def check(self, account: str, offer: str, user: str | None = None) -> Check:
        """Whether ``offer`` (its id) still holds: ask just before it is shown, if it was fetched a while ago."""
        return check_of(await self._ask(account, user, for_check(account, offer, user)))

    async def respond(self, account: str, *responses: Response) -> None:
        """Tell what people did; returns when it is safe. All are taken or none; raises ``OfferOver``, too."""
        await self._ask(account, None, for_responses(account, responses))

    async def _ask(self, account: str, user: str | None, asked: Asked) -> Any:
        answer: httpx.Response | None = None
        for tries in range(TRIES):
            if tries:
                await asyncio.sleep(wait_s(tries, answer))
            try:
                answer = await self._http.request(
                    asked.method,
                    asked.path,
                    params=list(asked.params),
                    json=asked.body,
                    headers={"authorization": f"Bearer {self._auth(account, user)}"},
                )
            except httpx.TransportError:
                answer = None
                continue
            if (told := settled(answer)) is not None:
                return told
        raise Away


class Offers:
    """As `AsyncOffers`, for programs without an event loop; for any thread."""

    def __init__(self, url: str, auth: Auth, *, timeout_s: float = TIMEOUT_S) -> None:
        self._http = httpx.Client(base_url=url, timeout=timeout_s)
        self._auth = auth

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self._http.close()

    def offers(self, account: str, user: str | None = None, placements: Sequence[str] = ()) -> tuple[Offer, ...]:
        """As `AsyncOffers.offers`."""
        return offers_of(self._ask(account, user, for_offers(account, user, placements)))

    def check(self, account: str, offer: str, user: str | None = None) -> Check:
        """As `AsyncOffers.check`."""
        return check_of(self._ask(account, user, for_check(account, offer, user)))

    def respond(self, account: str, *responses: Response) -> None:
        """As `AsyncOffers.respond`."""
        self._ask(account, None, for_responses(account, responses))

    def _ask(self, account: str, user: str | None, asked: Asked) -> Any:
        answer: httpx.Response | None = None
        for tries in range(TRIES):
            if tries:
                time.sleep(wait_s(tries, answer))
            try:
                answer = self._http.request(
                    asked.method,
                    asked.path,
                    params=list(asked.params),
                    json=asked.body,
                    headers={"authorization": f"Bearer {self._auth(account, user)}"},
                )
            except httpx.TransportError:
                answer = None
                continue
            if (told := settled(answer)) is not None:
                return told
        raise Away
