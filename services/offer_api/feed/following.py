"""One stream: what is there, then every change, without a gap and without holding the database."""

import random
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from typing_extensions import override

from schemas.stages import Stage
from services.kit.clock import Clock, to_datetime
from services.kit.kafka.partitioning import partition_of
from services.kit.telemetry.logs import traced
from services.kit.telemetry.traces import UNTOLD, Traces
from services.offer_api.domain.row import UNKNOWN, Way
from services.offer_api.domain.shown import Viewer
from services.offer_api.domain.watch import Said, Watch
from services.offer_api.feed.hub import Heard, Hub, Subscription
from services.offer_api.feed.reach import Reach
from services.offer_api.metrics import DELIVER, Metrics, StreamEnd
from services.offer_api.ports import Backlog, Offers

log = structlog.get_logger()

CATCH_UP_S: Final = 2.0
"""How long a new stream waits for the database to reach what the tail has passed."""

RETRY_MS: Final = (1_000, 3_000)
"""When a reader should come back, drawn between these: those of a process that stopped should not come at once."""

MIN_WAIT_S: Final = 0.01
"""Shortest wait for the clock's next turn; it works in whole microseconds and must not spin."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where in ``rung.offers`` a reader is: the id of an event on a stream."""

    partition: int
    offset: int

    @override
    def __str__(self) -> str:
        return f"{self.partition}-{self.offset}"

    @classmethod
    def read(cls, text: str) -> "Position | None":
        """The position that ``text`` says; None when it says none."""
        partition, dash, offset = text.partition("-")
        valid = dash and all(
            part.isascii() and part.isdigit() and len(part) < MAX_DIGITS for part in (partition, offset)
        )
        return cls(int(partition), int(offset)) if valid else None


MAX_DIGITS: Final = 20
"""Digits of an offset: 2^63 has 19."""


@dataclass(frozen=True, slots=True)
class Told:
    """News of one offer, and the position that the reader has reached with it; None when the clock alone made it.

    ``way``: how it came about, if it made an offer fetchable.
    """

    said: Said
    at: Position | None
    now: datetime
    way: Way = UNKNOWN


@dataclass(frozen=True, slots=True)
class ComeBack:
    """How long to wait before coming back, should the stream end."""

    after_ms: int


class Resync:
    """Forget all offers you hold and your position: what follows, here or on the next stream, is everything."""


class KeepAlive:
    """Nothing happened."""


Sent = Told | ComeBack | Resync | KeepAlive


@dataclass(frozen=True, slots=True)
class Start:
    """A stream that may begin. ``backlog`` is None when the database did not catch up in time."""

    viewer: Viewer
    subscription: Subscription
    partition: int
    backlog: Backlog | None
    since: int | None
    resync: bool

    def left(self) -> None:
        """Its reader has gone: what runs of it ends."""
        self.subscription.end(StreamEnd.LEFT)


class Following:
    """Opens and runs streams."""

    keep_alive_s: float = 15.0
    """Longest silence on a stream; proxies cut idle connections after 30 to 60 s."""

    def __init__(
        self, offers: Offers, hub: Hub, partitions: int, clock: Clock, metrics: Metrics, traces: Traces = UNTOLD
    ) -> None:
        self._offers = offers
        self._hub = hub
        self._partitions = partitions
        self._clock = clock
        self._metrics = metrics
        self._traces = traces
        self._reach = Reach(offers, clock)

    async def open(self, viewer: Viewer, last_id: str | None) -> Start:
        """Listen first, then read what is stored: so nothing falls between the two.

        Raises `TailLost`, `Draining`, ``DatabaseAway``. The caller runs the start by `run`, which lets go of it.
        """
        partition = partition_of(viewer.account, self._partitions)
        subscription, head = self._hub.subscribe(viewer.account, partition)
        try:
            asked = Position.read(last_id) if last_id else None
            known = asked if asked is not None and asked.partition == partition else None
            backlog = await self._caught_up(viewer.account, partition, known.offset if known else None, head)
        except BaseException:
            self._hub.leave(viewer.account, subscription)
            raise
        since = self._since(known, backlog)
        return Start(viewer, subscription, partition, backlog, since, resync=bool(last_id) and since is None)

    def forget(self, start: Start) -> None:
        """Let go of a start, also of one that was never run. Does nothing when that was done."""
        self._hub.leave(start.viewer.account, start.subscription)

    async def run(self, start: Start, life_s: float) -> AsyncGenerator[Sent]:
        """What to send, until ``life_s`` seconds are over or the reader has to come back.

        Asking for the next item means that the one before was written.
        """
        why = StreamEnd.LEFT
        self._metrics.streams.inc()
        try:
            yield ComeBack(random.randint(*RETRY_MS))  # noqa: S311 - spreads load, guards nothing
            if start.backlog is None:
                yield Resync()
                why = StreamEnd.BEHIND
                return
            if start.resync:
                yield Resync()
            watch = Watch(start.viewer)
            for said in watch.begin(start.backlog.rows, start.since, self._now()):
                yield self._told(start, said)
            end_s = self._clock.monotonic() + life_s
            while news := await self._next(start, watch, end_s):
                for sent in news:
                    began_us = self._clock.now_us()
                    yield sent
                    self._delivered(start, sent, began_us)
            why = start.subscription.cut or StreamEnd.LIFE
            if why is StreamEnd.SLOW:
                yield Resync()
        finally:
            self.forget(start)
            self._metrics.streams.dec()
            self._metrics.streams_ended.labels(why.value).inc()

    async def _next(self, start: Start, watch: Watch, end_s: float) -> Sequence[Sent]:
        """What to send after all that was written, be it that nothing happened; nothing when the stream is over."""
        alive_s = self._clock.monotonic() + self.keep_alive_s
        while start.subscription.cut is None and (now_s := self._clock.monotonic()) < end_s:
            if now_s >= alive_s:
                return (KeepAlive(),)
            wait_s = min(alive_s - now_s, end_s - now_s, self._until_turn(watch))
            heard = await start.subscription.next(max(wait_s, MIN_WAIT_S))
            if news := self._news(start, watch, heard):
                return news
        return ()

    def _news(self, start: Start, watch: Watch, heard: Heard | None) -> list[Told]:
        """What the log has told, if anything, and what the clock has changed meanwhile."""
        now = self._now()
        said = [] if heard is None else watch.observe(heard.event, heard.offset, now)
        told = [self._told(start, one, UNKNOWN if heard is None else heard.way) for one in said]
        return [*told, *(self._told(start, one) for one in watch.turn(now))]

    def _delivered(self, start: Start, sent: Sent, began_us: int) -> None:
        if not isinstance(sent, Told) or sent.way is UNKNOWN:
            return
        now_us, way = self._clock.now_us(), sent.way
        if way.produced_ms is not None:
            self._metrics.stages.observe(Stage.DELIVERED, way.produced_ms, now_us, way.trace)
        if way.trace is not None and sent.at is not None:
            self._traces.begin(DELIVER, way.trace, began_us, {}).end(now_us)
            where = {"partition": sent.at.partition, "offset": sent.at.offset}
            log.info("delivered", account=start.viewer.account, **traced(way.trace), **where)

    def _since(self, known: Position | None, backlog: Backlog | None) -> int | None:
        """From where the reader can be told what it missed; None when it has to begin anew.

        That is so when nothing was ever stored up to its position; when the log no longer keeps what came after it, so
        that a database rebuilt from the log would not have it either; and when the account was erased since.
        """
        if known is None or backlog is None:
            return None
        stored, kept = known.offset < (backlog.position or 0), known.offset >= self._hub.first(known.partition) - 1
        still_there = backlog.erased is None or known.offset >= backlog.erased
        return known.offset if stored and kept and still_there else None

    async def _caught_up(self, account: str, partition: int, since: int | None, head: int) -> Backlog | None:
        backlog = await self._offers.backlog(account, partition, since)
        if (backlog.position or 0) < head and await self._reach.comes_to(partition, head, CATCH_UP_S):
            backlog = await self._offers.backlog(account, partition, since)
        return backlog if (backlog.position or 0) >= head else None

    def _until_turn(self, watch: Watch) -> float:
        now = self._now()
        turn = watch.next_turn(now)
        return self.keep_alive_s if turn is None else (turn - now).total_seconds()

    def _told(self, start: Start, said: Said, way: Way = UNKNOWN) -> Told:
        at = None if said.offset is None else Position(start.partition, said.offset)
        return Told(said, at, self._now(), way)

    def _now(self) -> datetime:
        return to_datetime(self._clock.now_us())
