"""Usage that flows while faults happen. What must come of it is known by how it is made.

Each account exports one report and stores 0.9 GB twice, of a limit of 2: that is one offer at the first report, and
one at 80 % of the limit, at exactly 1.8 GB. A lost event loses an offer or changes the 1.8; a doubled one changes the
1.8 or passes the 100 % besides. Every event is sent once more a while later: duplicates must change nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from aiokafka import AIOKafkaProducer

from schemas import topics
from services.kit.kafka.partitioning import partition_of

if TYPE_CHECKING:
    from types import TracebackType

    from tests.flow.deployment import Deployment

STORED_GB: Final = 0.9
EVIDENCE: Final = "1.8"
AGAIN_AFTER: Final = 60
"""Events between an event and its copy: both may be in one transaction, or in two."""

PAUSE_S: Final = 0.03
"""About 200 events a second: a busy machine reads faster than that."""

FLUSH_S: Final = 60
"""A broker that was killed takes 15 s to come back on a busy machine."""


class Traffic:
    """Sends until the end of the context, or only when told to; in the end everything sent is acknowledged."""

    def __init__(self, deployment: Deployment, *, flowing: bool = True, name: str = "acc") -> None:
        self.accounts: list[str] = []
        self.events = 0
        self._deployment = deployment
        self._flowing = flowing
        self._name = name
        self._old: list[dict[str, Any]] = []
        self._sent: list[asyncio.Future[Any]] = []
        self._stop = asyncio.Event()
        self._producer = AIOKafkaProducer(
            bootstrap_servers=deployment.bootstrap, enable_idempotence=True, max_batch_size=256 * 1024
        )
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._producer.start()
        if self._flowing:
            self._sending = asyncio.create_task(self._send())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        try:
            if self._sending is not None:
                await self._sending
            await self.flush()
        finally:
            await self._producer.stop()

    async def _send(self) -> None:
        while not self._stop.is_set():
            await self.some(1)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), PAUSE_S)

    async def some(self, accounts: int) -> None:
        """Send the events of so many new accounts, and copies of old ones."""
        for _ in range(accounts):
            await self._account()

    async def flush(self) -> None:
        """Wait until the broker has all that was sent."""
        await asyncio.wait_for(asyncio.gather(*self._sent), FLUSH_S)

    async def _account(self) -> None:
        account = f"{self._name}-{len(self.accounts)}"
        self.accounts.append(account)
        event = self._deployment.event
        for made in (
            event(account, "report.exported"),
            event(account, "file.stored", properties={"size_gb": STORED_GB}),
            event(account, "file.stored", properties={"size_gb": STORED_GB}),
        ):
            await self._put(made)
            self._old.append(made)
        while len(self._old) > AGAIN_AFTER:
            await self._put(self._old.pop(0))

    async def _put(self, event: dict[str, Any]) -> None:
        account = event["subject"]
        self._sent.append(
            await self._producer.send(
                topics.USAGE.under(self._deployment.prefix),
                json.dumps(event).encode(),
                key=account.encode(),
                partition=partition_of(account, self._deployment.partitions),
            )
        )
        self.events += 1

    async def assert_each_offer_was_made_once(self) -> None:
        """What the offers' log says of the accounts of this traffic is exactly what must be there."""
        wanted = Counter(
            {
                (account, "rung.offer_made", offer, value): 1
                for account in self.accounts
                for offer, value in (("report_insights", "1"), ("more_storage", EVIDENCE))
            }
        )
        events = await self._deployment.events(topics.OFFERS)
        mine = set(self.accounts)
        found = Counter(_told(event) for event in events if event["subject"] in mine)
        assert found == wanted, {"lost": wanted - found, "too many": found - wanted}


def _told(event: dict[str, Any]) -> tuple[str, str, str, str]:
    offer = event["data"].get("offer", {})
    evidence = offer.get("evidence", [{}]) if isinstance(offer, dict) else [{}]
    name = offer.get("offer") if isinstance(offer, dict) else offer
    return event["subject"], event["type"], str(name), str(evidence[0].get("value"))
