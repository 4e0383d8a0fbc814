"""Two places in which one schedule can be played: the simulated broker and a real one."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final, Protocol

from aiokafka import AIOKafkaProducer
from typing_extensions import override

from schemas import topics
from services.kit.kafka.admin import MAX_MESSAGE_BYTES, create_topics
from services.kit.kafka.reader import Log
from services.trigger_engine.adapters.logs import KafkaLogs
from services.trigger_engine.adapters.simulated.broker import Broker, Credentials
from services.trigger_engine.adapters.simulated.log import Fate
from services.trigger_engine.adapters.simulated.logs import SimulatedLogFactory
from services.trigger_engine.adapters.simulated.network import PerfectNetwork
from services.trigger_engine.adapters.simulated.transactions import SimulatedTransactions
from services.trigger_engine.adapters.transactions import KafkaTransactions
from services.trigger_engine.ports import Outgoing

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from services.trigger_engine.ports import LogFactory, Transactions

OWN: Final = "engine"
"""The transactional id that owners of the partition share."""

TIMEOUT_S: Final = 60.0


class Place(Protocol):
    """One partition somewhere. Use as an async context manager."""

    state: Log
    settle_s: float

    async def __aenter__(self) -> Self:
        """Set up."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Tidy up."""

    def owner(self) -> Transactions:
        """An owner of the partition, not fenced yet."""

    def logs(self) -> LogFactory:
        """Readers."""

    async def open(self, name: str, values: list[bytes]) -> None:
        """Somebody writes in a transaction under id ``name``, and does not end it."""

    async def end(self, name: str, *, commit: bool) -> None:
        """Whoever opened it ends it."""


class Simulated(Place):
    """The simulated broker."""

    settle_s = 0.0

    def __init__(self, prefix: str) -> None:
        self.state = Log(topics.ENGINE_SEEN.under(prefix), 0)
        self._network = PerfectNetwork()
        self._open: dict[str, Credentials] = {}

    @override
    async def __aenter__(self) -> Self:
        self._broker = Broker(lambda: 0, max_message_bytes=MAX_MESSAGE_BYTES)
        return self

    @override
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    @override
    def owner(self) -> Transactions:
        return SimulatedTransactions(self._network, self._broker, "owner", OWN, 0)

    @override
    def logs(self) -> LogFactory:
        return SimulatedLogFactory(self._network, self._broker, "reader")

    @override
    async def open(self, name: str, values: list[bytes]) -> None:
        who = self._open[name] = self._broker.initialise(name, TIMEOUT_S)
        self._broker.add(who, [self.state])
        self._broker.produce(who, self.state, 0, [Outgoing(self.state.topic, b"k", value) for value in values])

    @override
    async def end(self, name: str, *, commit: bool) -> None:
        self._broker.end(self._open.pop(name), Fate.COMMITTED if commit else Fate.ABORTED)


class Real(Place):
    """A real broker, by the adapters of the product."""

    settle_s = 0.2

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.state = Log(topics.ENGINE_SEEN.under(prefix), 0)
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._open: dict[str, AIOKafkaProducer] = {}
        self._stack = AsyncExitStack()

    @override
    async def __aenter__(self) -> Self:
        await create_topics(self._bootstrap, self._prefix, partitions=1, topics=(topics.ENGINE_SEEN,))
        return self

    @override
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @override
    def owner(self) -> Transactions:
        made = KafkaTransactions(self._bootstrap, f"{self._prefix}-{OWN}", 0)
        self._stack.push_async_callback(made.close)
        return made

    @override
    def logs(self) -> LogFactory:
        return KafkaLogs(self._bootstrap, "reader")

    @override
    async def open(self, name: str, values: list[bytes]) -> None:
        producer = self._open[name] = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, transactional_id=f"{self._prefix}-{name}"
        )
        await producer.start()
        self._stack.push_async_callback(producer.stop)
        await producer.begin_transaction()
        for value in values:
            await producer.send_and_wait(self.state.topic, value, b"k", partition=0)

    @override
    async def end(self, name: str, *, commit: bool) -> None:
        producer = self._open.pop(name)
        await (producer.commit_transaction() if commit else producer.abort_transaction())


async def settle(place: Place) -> None:
    """Wait until markers are written: on a real broker that is some milliseconds after the answer."""
    await asyncio.sleep(place.settle_s)
