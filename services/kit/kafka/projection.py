"""Fold a topic into a store that keeps its own positions: exactly once, whatever dies, and whoever else reads too."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

import structlog
from aiokafka.errors import KafkaError

from services.kit.clock import MS_PER_S, US_PER_S, Clock
from services.kit.db.faults import DatabaseAway
from services.kit.kafka.group import Chunk, Group
from services.kit.kafka.reader import Record
from services.kit.tasks import cancel

log = structlog.get_logger()

Ready = TypeVar("Ready")

POLL_MS: Final = 200
"""Longest wait for records; also how soon a stop is noticed."""

BATCH: Final = 500
"""Records in one transaction at most: some 100 ms of work for PostgreSQL."""

FINISH_S: Final = 2.0
"""How long a stop waits for the step in hand: a transaction takes some 100 ms, a broker that is gone never answers."""

FIRST_RETRY_S: Final = 0.1
LAST_RETRY_S: Final = 5.0
"""Waits between tries while the store is away, doubling from the first to the last."""


HOUSEKEEPING_S: Final = 5.0
"""How often the ends are looked up for `Projection.lag`, and positions told to lag tools."""


class PositionMoved(Exception):
    """The store's position of a partition is not what this reader believed: another one owns it, or did since."""


class Store(Protocol[Ready]):
    """Where a topic is folded into.

    Records are read while those before them are still being folded: so this process and the database work at once.
    """

    async def positions(self) -> dict[int, int]:
        """Partition to the offset of the next record to fold; one that is missing begins at the log's start.

        Raises `DatabaseAway`.
        """

    async def read(self, records: Sequence[Record]) -> Ready:
        """What `apply` needs of ``records``, which may be empty: what lay there was aborted.

        It may never be applied, and the same records be read again. Raises `DatabaseAway` as `apply` does.
        """

    async def apply(self, partition: int, ready: Ready, before: int, after: int) -> None:
        """Fold what was read and move the position from ``before`` to ``after``, in one transaction.

        A missing position counts as ``before``. Raises `PositionMoved` when the position is not ``before``, and
        `DatabaseAway`; then nothing was folded, or (of a commit whose answer was lost) all of it.
        """


class Watch(Protocol):
    """Told what a projection does, for metrics."""

    def applied(self, records: int, seconds: float, delay_s: float) -> None:
        """``records`` were folded in one transaction that took ``seconds``, ``delay_s`` after the oldest was written.

        0 of no records. By their producer's clock and ours, which may disagree by a little; never less than 0.
        """

    def paused(self, *, paused: bool) -> None:
        """Whether folding stands still because the store or the log is away. Told when it changes."""


class Projection:
    """Reads ``group``'s share of its topic, from the store's positions, into the store.

    One transaction is under way at a time, *in hand*, while the next records are polled and read. These follow it only
    if it went well, from where it ended: so each is of all that lies between two positions, whatever happens meanwhile.
    """

    def __init__(self, group: Group, store: Store[Any], clock: Clock, watch: Watch | None = None) -> None:
        self._group = group
        self._store = store
        self._clock = clock
        self._watch = watch
        self._next: dict[int, int] = {}
        self._polled: dict[int, int] = {}
        self._in_hand: asyncio.Task[None] | None = None
        self._goals: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._caught_up = False
        self._polled_at = clock.monotonic()
        self._retry_at = 0.0
        self._retry_s = FIRST_RETRY_S
        self._trouble: str | None = None

    @property
    def caught_up(self) -> bool:
        """Whether everything that was in the log when this reader joined has been folded; stays true."""
        return self._caught_up

    @property
    def last_poll_age_s(self) -> float:
        """Seconds since the log was last asked; grows when this reader hangs, not when a dependency is away."""
        return self._clock.monotonic() - self._polled_at

    @property
    def trouble(self) -> str | None:
        """What keeps this reader from folding just now; None when all is well."""
        return self._trouble

    def lag(self) -> int:
        """Records not folded yet in this reader's partitions, with markers; at most `HOUSEKEEPING_S` old."""
        owned = self._group.waiting.union(self._group.placed)
        return sum(max(0, end - self._next[p]) for p, end in self._ends.items() if p in owned and p in self._next)

    async def run(self, stop: asyncio.Event) -> None:
        """Fold until ``stop`` is set.

        Raises `PositionLost`, `GroupFault`, `KafkaUnreachable`, and what the store raises beyond its contract.
        """
        await self._group.start()
        housekeeping = asyncio.create_task(self._keep_house())
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await self._step_or(stopping)
                if housekeeping.done():
                    housekeeping.result()
        finally:
            await cancel(housekeeping, stopping)
            await asyncio.gather(*self._give_up(), return_exceptions=True)
            await self._group.leave(self._next)

    async def _step_or(self, stopping: asyncio.Task[bool]) -> None:
        """One step; given up when it outlives a stop, which costs nothing: the position tells how far it came."""
        step = asyncio.create_task(self._step())
        try:
            await asyncio.wait({step, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                with suppress(TimeoutError):
                    async with asyncio.timeout(FINISH_S):
                        await asyncio.wait({step})
                        await self._settled()
            if step.done():
                step.result()
        finally:
            step.cancel()
            await asyncio.gather(step, return_exceptions=True)

    async def _step(self) -> None:
        if self._group.waiting and self._clock.monotonic() >= self._retry_at:
            await self._settled()
            await self._place_waiting()
        chunks = await self._group.poll(POLL_MS, BATCH)
        self._polled_at = self._clock.monotonic()
        for partition, chunk in chunks.items():
            await self._follow(partition, chunk)
        if self._in_hand is None or self._in_hand.done():
            await self._settled()
        if self._in_hand is None:
            self._look_whether_all_is_well()

    async def _place_waiting(self) -> None:
        """Begin where the store is, not where the group thinks."""
        waiting = tuple(self._group.waiting)
        try:
            positions = await self._store.positions()
            starts = await self._group.starts(waiting)
            ends = await self._group.ends(waiting)
        except (DatabaseAway, KafkaError, TimeoutError) as fault:
            self._back_off(fault)
            return
        for partition in waiting:
            self._next[partition] = self._polled[partition] = positions.get(partition, starts[partition])
            self._goals.setdefault(partition, ends[partition])
            self._ends[partition] = ends[partition]
            self._group.place(partition, self._next[partition])

    async def _follow(self, partition: int, chunk: Chunk) -> None:
        """Take in hand what was polled, once what was before it is done with."""
        before, self._polled[partition] = self._polled.get(partition), chunk.after
        if before is None or before == chunk.after:
            return
        try:
            ready = await self._store.read(chunk.records)
        except DatabaseAway as fault:
            await self._settled()
            self._back_off(fault)
            return
        await self._settled()
        # taken away, or held back, since the poll: whoever places it again reads these records again
        if self._group.holds(partition):
            self._in_hand = asyncio.create_task(self._fold(partition, ready, before, chunk))

    async def _settled(self) -> None:
        """Wait for what is in hand; raises what the store raised beyond its contract."""
        if self._in_hand is not None:
            await asyncio.wait({self._in_hand})
            done, self._in_hand = self._in_hand, None
            done.result()

    def _give_up(self) -> Sequence[asyncio.Task[None]]:
        if self._in_hand is None:
            return ()
        self._in_hand.cancel()
        return (self._in_hand,)

    async def _fold(self, partition: int, ready: object, before: int, chunk: Chunk) -> None:
        began = self._clock.monotonic()
        try:
            await self._store.apply(partition, ready, before, chunk.after)
        except PositionMoved:
            log.info("position moved by another owner", topic=self._group.topic, partition=partition, before=before)
            self._group.hold([partition])
        except DatabaseAway as fault:
            self._back_off(fault)
        else:
            self._next[partition] = chunk.after
            if self._watch is not None:
                seconds = self._clock.monotonic() - began
                self._watch.applied(len(chunk.records), seconds, self._age_s(chunk.records))
            self._look_whether_all_is_well()

    def _age_s(self, records: Sequence[Record]) -> float:
        return max(0.0, self._clock.now_us() / US_PER_S - records[0].timestamp_ms / MS_PER_S) if records else 0.0

    def _back_off(self, fault: Exception) -> None:
        """Hold all back: the next try asks for the positions again, since a commit in doubt may have moved one."""
        self._group.hold(self._group.placed)
        self._retry_at = self._clock.monotonic() + self._retry_s
        self._retry_s = min(self._retry_s * 2, LAST_RETRY_S)
        if self._trouble is None:
            log.warning("folding pauses", topic=self._group.topic, fault=type(fault).__name__, detail=str(fault))
            self._tell_paused(paused=True)
        self._trouble = f"{type(fault).__name__}: {fault}"

    def _look_whether_all_is_well(self) -> None:
        if not self._group.joined or self._group.waiting:
            return
        self._caught_up = self._caught_up or all(self._next[p] >= self._goals[p] for p in self._group.placed)
        self._retry_s = FIRST_RETRY_S
        if self._trouble is not None:
            log.info("folding goes on", topic=self._group.topic)
            self._tell_paused(paused=False)
        self._trouble = None

    def _tell_paused(self, *, paused: bool) -> None:
        if self._watch is not None:
            self._watch.paused(paused=paused)

    async def _keep_house(self) -> None:
        """Apart from folding: each of these calls may hang for seconds, and none of them matters to what is folded."""
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            owned = {*self._group.placed, *self._group.waiting}
            await self._group.tell({p: self._next[p] for p in self._group.placed})
            try:
                self._ends = await self._group.ends(owned) if owned else {}
            except (KafkaError, TimeoutError):
                log.debug("ends unknown", topic=self._group.topic)
