"""Readers of simulated logs."""

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final

from typing_extensions import override

from services.kit.clock import MS_PER_S
from services.kit.kafka.reader import Bounds, Log, Record
from services.trigger_engine.adapters.simulated.broker import Broker
from services.trigger_engine.adapters.simulated.log import Fetched, OutOfRange
from services.trigger_engine.adapters.simulated.network import Network, Request, Unanswered
from services.trigger_engine.ports import Away, Logs

CALL_LIMIT_S: Final = 2.0
LEAST_MS: Final = 1
"""Looking takes time: where time is simulated, whoever looks again and again would stand still in it."""


class SimulatedLogFactory:
    """Opens readers for one client."""

    def __init__(self, network: Network, broker: Broker, client: str) -> None:
        self._network = network
        self._broker = broker
        self._client = client

    def __call__(self, purpose: str) -> "SimulatedLogs":
        """A reader of its own."""
        del purpose  # all are alike
        return SimulatedLogs(self._network, self._broker, self._client)


class SimulatedLogs(Logs):
    """Committed records of the assigned logs. As the real client, it asks again by itself while nobody answers."""

    def __init__(self, network: Network, broker: Broker, client: str, *, committed_only: bool = True) -> None:
        self._network = network
        self._broker = broker
        self._client = client
        self._committed_only = committed_only
        self._positions: dict[Log, int] = {}
        self._stable: dict[Log, int] = {}
        self._under_way: asyncio.Future[dict[Log, Fetched]] | None = None

    async def __aenter__(self) -> Logs:
        try:
            await self._network.call(self._client, Request.CONNECT, lambda: None, CALL_LIMIT_S)
        except Unanswered as error:
            raise Away("no answer") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._positions = {}

    @override
    def assign(self, positions: Mapping[Log, int]) -> None:
        """Read these logs from these offsets."""
        self._positions = dict(positions)
        self._stable = {}
        self._under_way = None

    @override
    async def read(self, timeout_ms: int, limit: int | None = None) -> dict[Log, list[Record]]:
        """The next records of each log; empty after ``timeout_ms`` without any."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + max(timeout_ms, LEAST_MS) / MS_PER_S
        while True:
            found = await self._fetch(deadline, limit)
            if found or loop.time() >= deadline:
                return found
            await self._change(deadline)

    async def _fetch(self, deadline: float, limit: int | None) -> dict[Log, list[Record]]:
        """What the fetch under way brings by then; it goes on beyond, and the next read finds what it brought."""
        if self._under_way is None:
            self._under_way = self._network.begin(self._client, Request.FETCH, self._request(limit), CALL_LIMIT_S)
        under_way = self._under_way
        if not under_way.done():
            await self._until(deadline, under_way)
        if not under_way.done():
            return {}
        self._under_way = None
        try:
            answer = under_way.result()
        except Unanswered:
            return {}
        except OutOfRange as error:
            raise Away(str(error)) from error
        self._positions |= {where: fetched.position for where, fetched in answer.items()}
        self._stable |= {where: fetched.stable for where, fetched in answer.items()}
        return {where: fetched.records for where, fetched in answer.items() if fetched.records}

    def _request(self, limit: int | None) -> Callable[[], dict[Log, Fetched]]:
        asked = dict(self._positions)

        def act() -> dict[Log, Fetched]:
            left, answer = limit, {}
            for where, position in asked.items():
                log = self._broker.log(where)
                answer[where] = fetched = log.fetch(position, left, committed_only=self._committed_only)
                left = None if left is None else left - len(fetched.records)
            return answer

        return act

    async def _until(self, deadline: float, event: "asyncio.Future[dict[Log, Fetched]]") -> None:
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        timer = loop.call_at(deadline, _resolve, woken)
        event.add_done_callback(lambda _: _resolve(woken))
        try:
            await woken
        finally:
            timer.cancel()

    async def _change(self, deadline: float) -> None:
        """Wait until there may be more to read."""
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        timer = loop.call_at(deadline, _resolve, woken)
        logs = list(self._positions)
        self._broker.watch(logs, woken)
        try:
            await woken
        finally:
            timer.cancel()
            self._broker.unwatch(logs, woken)

    @override
    def position(self, log: Log) -> int | None:
        """The next offset that will be looked at."""
        return self._positions.get(log)

    @override
    def at_end(self, log: Log) -> bool:
        """Whether everything that the last answer knew to be committed has been read."""
        stable = self._stable.get(log)
        return stable is not None and self._positions.get(log, -1) >= stable

    @override
    async def bounds(self, log: Log) -> Bounds:
        """What there is of ``log``."""
        try:
            return await self._network.call(
                self._client, Request.BOUNDS, lambda: self._broker.log(log).bounds(), CALL_LIMIT_S
            )
        except Unanswered as error:
            raise Away(f"bounds of {log}") from error


def _resolve(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
