"""`python -m tests.faults.engine_with_faults`: the engine as it is shipped, with a trap in its ways to the broker.

Only what lies between the engine and the broker is wrapped; the fault itself is a real one: a SIGKILL of the process,
or a request or answer that does not arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import RequestTimedOutError
from aiokafka.protocol.transaction import EndTxnRequest
from typing_extensions import override

from services.kit import process
from services.kit.clock import SystemClock
from services.kit.telemetry import logs
from services.trigger_engine import settings, wiring
from services.trigger_engine.adapters.answers import OnlyOnce
from services.trigger_engine.adapters.logs import KafkaLogs
from services.trigger_engine.adapters.transactions import KafkaTransactions
from services.trigger_engine.ports import Logs
from tests.faults.settings import TrapSettings
from tests.faults.trap import Point, Trap

if TYPE_CHECKING:
    from services.kit.kafka.reader import Bounds, Log, Raw

Call = Callable[..., Awaitable[Any]]

ON_ITS_WAY_S: Final = 0.002
"""The client hands a request to the kernel at once; an answer takes a broker longer."""


class TrappedTransactions(KafkaTransactions):
    """Falls into the trap at the points of a commit."""

    trap: Trap

    @override
    async def fence(self) -> None:
        self.trap.mark("fence", self._partition)
        await super().fence()
        self.trap.reached(Point.FENCED, self._partition)
        producer = self._producer
        assert producer is not None
        guard = producer.client.send
        assert isinstance(guard, OnlyOnce)
        guard.send = self._sending(guard.send)
        for name, wrap in (
            ("begin_transaction", self._beginning),
            ("send_batch", self._batching),
            ("commit_transaction", self._ending),
        ):
            setattr(producer, name, wrap(getattr(producer, name)))

    def _beginning(self, begin: Call) -> Call:
        async def begun() -> None:
            await begin()
            self.trap.reached(Point.BEGUN, self._partition)

        return begun

    def _batching(self, send_batch: Call) -> Call:
        async def sent(*args: Any, **more: Any) -> Any:
            acknowledged = await send_batch(*args, **more)
            if self.trap.springs(Point.HALF_SENT, self._partition):
                await acknowledged
                self.trap.kill()
            return acknowledged

        return sent

    def _ending(self, end: Call) -> Call:
        async def ended() -> None:
            self.trap.reached(Point.SENT, self._partition)
            await end()
            self.trap.reached(Point.ENDED, self._partition)

        return ended

    def _sending(self, send: Call) -> Call:
        async def sent(node_id: int, request: object, **more: Any) -> Any:
            if not isinstance(request, EndTxnRequest):
                return await send(node_id, request, **more)
            if self.trap.springs(Point.REQUEST_LOST, self._partition):
                raise RequestTimedOutError
            self.trap.mark("end", self._partition)
            answer = asyncio.ensure_future(send(node_id, request, **more))
            if self.trap.springs(Point.ENDING, self._partition):
                await asyncio.sleep(ON_ITS_WAY_S)
                self.trap.kill()
            found = await answer
            if self.trap.springs(Point.ANSWER_LOST, self._partition):
                raise RequestTimedOutError
            return found

        return sent


class TrappedReading(Logs):
    """Falls into the trap after the first records of a restore."""

    def __init__(self, reading: Logs, trap: Trap) -> None:
        self._reading = reading
        self._trap = trap

    @override
    def assign(self, positions: Mapping[Log, int]) -> None:
        self._reading.assign(positions)

    @override
    async def read(self, timeout_ms: int, limit: int | None = None) -> Mapping[Log, Sequence[Raw]]:
        found = await self._reading.read(timeout_ms, limit)
        for log in found:
            self._trap.reached(Point.RESTORING, log.partition)
        return found

    @override
    def position(self, log: Log) -> int | None:
        return self._reading.position(log)

    @override
    def at_end(self, log: Log) -> bool:
        return self._reading.at_end(log)

    @override
    async def bounds(self, log: Log) -> Bounds:
        return await self._reading.bounds(log)


class TrappedLogs(KafkaLogs):
    """Opens readers; those of a restore have the trap."""

    trap: Trap

    @asynccontextmanager
    @override
    async def __call__(self, purpose: str) -> AsyncIterator[Logs]:
        async with super().__call__(purpose) as reading:
            yield TrappedReading(reading, self.trap) if purpose.startswith("restore-") else reading


def main() -> None:
    """Run the engine with the trap that the environment names."""
    told, wanted = settings.read(), TrapSettings()
    logs.configure(wiring.SERVICE)
    trap = Trap(Point(wanted.at), wanted.nth, wanted.marks)
    TrappedTransactions.trap = TrappedLogs.trap = trap
    # the composition root names these two classes; in this process, it names ours
    vars(wiring).update(KafkaTransactions=TrappedTransactions, KafkaLogs=TrappedLogs)

    async def run(stop: asyncio.Event) -> None:
        await wiring.run(told, SystemClock(), stop)

    process.run(wiring.SERVICE, run)


if __name__ == "__main__":
    main()
