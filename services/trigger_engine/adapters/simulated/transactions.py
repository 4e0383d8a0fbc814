"""Transactions on the simulated broker, with the rules that the real adapter keeps to."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from typing_extensions import override

from services.kit.kafka.reader import Log
from services.trigger_engine.adapters.simulated.broker import (
    Broker,
    Credentials,
    Outdated,
    OversizeRecord,
    Refused,
    Retriable,
)
from services.trigger_engine.adapters.simulated.log import Fate
from services.trigger_engine.adapters.simulated.network import Network, Request, Unanswered
from services.trigger_engine.ports import Batch, Doubt, Fenced, Outgoing, TooLarge, Transactions

T = TypeVar("T")

CALL_LIMIT_S: Final = 2.0
"""For each call of the port. Shorter than on a real network, since nothing here is slow by itself."""

TRANSACTION_TIMEOUT_S: Final = 1.5
"""Below the sessions of simulated groups, as the real one is below the real."""

BACKOFF_S: Final = 0.003


class SimulatedTransactions(Transactions):
    """Writes to partition ``partition`` under a transactional id that belongs to it alone.

    An answer that does not come ends the producer: it sends nothing more under its epoch, since whatever is still
    under way could end up in a later transaction.
    """

    def __init__(self, network: Network, broker: Broker, client: str, transactional_id: str, partition: int) -> None:
        self.credentials: Credentials | None = None
        self._network = network
        self._broker = broker
        self._client = client
        self._id = transactional_id
        self._partition = partition
        self._sequences: dict[Log, int] = {}
        self._is_fenced = False

    @override
    async def fence(self) -> None:
        """Raise the epoch; the broker aborts what was open."""
        self.credentials = None
        self._is_fenced = False
        self._sequences = {}
        self.credentials = await self._ask(
            Request.INITIALISE, lambda: self._broker.initialise(self._id, TRANSACTION_TIMEOUT_S), self._deadline()
        )

    @override
    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        """1. begin  2. send the batches, each awaited  3. commit."""
        who, self.credentials = self.credentials, None
        if self._is_fenced:
            raise Fenced
        if who is None:
            raise Doubt("no producer: fence first")
        deadline = self._deadline()
        rows = {Log(topic, self._partition): batch.rows(topic) for topic, batch in batches.items()}
        await self._ask(Request.ADD, lambda: self._broker.add(who, list(rows)), deadline)
        try:
            written = await self._send(who, rows, deadline)
        except OversizeRecord as error:
            raise TooLarge from error
        await self._end(who, Fate.COMMITTED, deadline)
        self.credentials = who
        return {where.topic: offset for where, offset in written.items()}

    async def _end(self, who: Credentials, fate: Fate, deadline: float) -> None:
        await self._ask(Request.END, lambda: self._broker.end(who, fate), deadline)

    async def _send(
        self, who: Credentials, batches: Mapping[Log, Sequence[Outgoing]], deadline: float
    ) -> dict[Log, int]:
        """Two requests, one after the other, as the real client may need: what is between them can be the end of it."""
        logs = list(batches)
        written: dict[Log, int] = {}
        for part in (logs[: len(logs) // 2], logs[len(logs) // 2 :]):
            written |= await self._ask(
                Request.PRODUCE, self._request(who, {log: batches[log] for log in part}), deadline
            )
            for log in part:
                self._sequences[log] = self._sequences.get(log, 0) + len(batches[log])
        return written

    def _request(self, who: Credentials, batches: Mapping[Log, Sequence[Outgoing]]) -> Callable[[], dict[Log, int]]:
        first = {log: self._sequences.get(log, 0) for log in batches}

        def act() -> dict[Log, int]:
            self._broker.check_sizes(batches.values())
            return {log: self._broker.produce(who, log, first[log], batch) for log, batch in batches.items()}

        return act

    @override
    async def trim(self, topic: str, before: int) -> None:
        """Have older records deleted, if anybody hears of it."""
        log = self._broker.log(Log(topic, self._partition))
        with suppress(Unanswered):
            await self._network.call(self._client, Request.DELETE, lambda: log.delete(before), CALL_LIMIT_S)

    @override
    async def close(self) -> None:
        """Let go; what is open is undone by the next owner, or by time."""
        self.credentials = None

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + CALL_LIMIT_S

    async def _ask(self, request: Request, act: Callable[[], T], deadline: float) -> T:
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await self._network.call(self._client, request, act, deadline - loop.time())
            except Retriable as busy:
                if loop.time() + BACKOFF_S >= deadline:
                    raise Doubt(f"{request.name}: {busy}") from busy
                await asyncio.sleep(BACKOFF_S)
            except Unanswered as error:
                raise Doubt(f"{request.name}: no answer") from error
            except Outdated as error:
                self._is_fenced = True
                raise Fenced from error
            except OversizeRecord:
                raise
            except Refused as error:
                raise Doubt(f"{request.name}: {error}") from error
