"""Front ends that ask and answer without a pause, and write down what they were told."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.offer_api.makers import an_offer, made
from tests.offer_api.running import Api
from tests.offer_api.signing import Signer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from schemas.offers import OfferMade

OFFERS: Final = 60
"""Of each account, answered in turn; a row remembers the ids of 32 responses, which is enough for two minutes."""

PAUSE_S: Final = 0.06
"""One token may ask 1,200 times a minute."""


@dataclass
class Asking:
    """What several front ends were told. ``kept``: by response, the account and the offer, as the API acknowledged."""

    api: Api
    signer: Signer
    told: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    without_retry: list[str] = field(default_factory=list)
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)

    @staticmethod
    def offers(account: str) -> list[OfferMade]:
        """What there has to be before they begin."""
        return [made(account, an_offer(f"{account}/{number}")) for number in range(OFFERS)]

    @asynccontextmanager
    async def going_on(self, *accounts: str) -> AsyncIterator[None]:
        """One front end of each account responds, and another one reads."""
        stop = asyncio.Event()
        tasks = [asyncio.create_task(ask(account, stop)) for account in accounts for ask in (self._respond, self._read)]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    def count(self, what: str, status: int) -> int:
        """How often ``what`` was answered with ``status``."""
        return sum(count for (asked, code, _), count in self.told.items() if (asked, code) == (what, status))

    async def _respond(self, account: str, stop: asyncio.Event) -> None:
        headers = self.signer.headers(account)
        number = 0
        while not stop.is_set():
            offer, response = f"{account}/{number % OFFERS}", f"{account}-r{number}"
            body = {"id": response, "offer": offer, "response": "presented"}
            answer = await self.api.http.post(f"/v1/accounts/{account}/responses", json=body, headers=headers)
            self._note("respond", answer)
            if answer.status_code == 202:
                self.kept[response] = (account, offer)
            number += 1
            await asyncio.sleep(PAUSE_S)

    async def _read(self, account: str, stop: asyncio.Event) -> None:
        headers = self.signer.headers(f"{account}-looks")
        while not stop.is_set():
            self._note("read", await self.api.http.get(f"/v1/accounts/{account}-looks/offers", headers=headers))
            await asyncio.sleep(PAUSE_S)

    def _note(self, what: str, answer: httpx.Response) -> None:
        why = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
        self.told[what, answer.status_code, why] += 1
        if answer.status_code == 503 and not answer.headers.get("retry-after", "").isdigit():
            self.without_retry.append(answer.text)
