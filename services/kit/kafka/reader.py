"""Read a log from a position that the caller holds; no group, no committed offsets, nothing implicit."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.kit.kafka.light import as_it_is
from services.kit.kafka.starting import begun

FETCH_BYTES: Final = 4 * 1024 * 1024
"""Per partition and fetch; the client prefetches no deeper, so small fetches would starve a fast reader."""

RETRY_MS: Final = 20
"""The client's first question about any topic fails, since it has to learn of it; then it waits this long."""

CALL_TIMEOUT_S: Final = 15.0
"""For each call into the client: with the broker gone some never return."""


class Log(NamedTuple):
    """One partition of one topic, by its full name."""

    topic: str
    partition: int


class Raw(Protocol):
    """One record of a log that is known, as the client's parser made it."""

    @property
    def offset(self) -> int:
        """Its place in the log."""

    @property
    def timestamp(self) -> int:
        """When its producer sent it, in milliseconds since 1970 UTC."""

    @property
    def key(self) -> bytes | None:
        """What decides its partition."""

    @property
    def value(self) -> bytes | None:
        """The message; None takes back what was said under this key."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """What was said beside it."""


class Record(NamedTuple):
    """One record as it lies in the log. ``timestamp_ms``: when its producer sent it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int

    @property
    def timestamp(self) -> int:
        """As a `Raw` record has it."""
        return self.timestamp_ms


class Bounds(NamedTuple):
    """Offsets of a log: the first record still kept, one past the last committed one, one past the last one at all.

    The last two are the last stable offset and the high watermark; between them lie open transactions.
    """

    first: int
    committed: int
    written: int


class Reader:
    """Reads committed records of the assigned logs. Use as an async context manager.

    Reading where nothing is (before the log's start or after its end) raises aiokafka's ``OffsetOutOfRangeError``: a
    position that retention has passed is never skipped silently.
    """

    def __init__(self, bootstrap: str, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._uncommitted: AIOKafkaConsumer | None = None
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            key_deserializer=as_it_is,
            max_partition_fetch_bytes=FETCH_BYTES,
            retry_backoff_ms=RETRY_MS,
        )

    async def __aenter__(self) -> Self:
        try:
            await begun(self._consumer.start(), CALL_TIMEOUT_S)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for consumer in (self._consumer, self._uncommitted):
            if consumer is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(consumer.stop(), CALL_TIMEOUT_S)

    def assign(self, positions: Mapping[Log, int]) -> None:
        """Read these logs, each from the offset given; what was assigned before is dropped."""
        partitions = {log: TopicPartition(*log) for log in positions}
        self._consumer.assign(list(partitions.values()))
        for log, offset in positions.items():
            self._consumer.seek(partitions[log], offset)

    async def read(self, timeout_ms: int, limit: int | None = None) -> dict[Log, list[Record]]:
        """The next records of each log, in order; empty after ``timeout_ms`` without any."""
        chunks = await self.chunks(timeout_ms, limit)
        return {log: [record_at(log, raw) for raw in raws] for log, raws in chunks.items()}

    async def chunks(self, timeout_ms: int, limit: int | None = None) -> dict[Log, Sequence[Raw]]:
        """As `read`, with the records as the client's parser made them: a third of the time."""
        chunks = await self._consumer.getmany(timeout_ms=timeout_ms, max_records=limit)
        return {Log(tp.topic, tp.partition): raws for tp, raws in chunks.items() if raws}

    def news(self) -> "asyncio.Future[None]":
        """Done once there may be more to read; whoever stops waiting for it must cancel it."""
        # a read that is cancelled would leave what it waited for behind in the client, until the next record comes
        fetcher: Any = self._consumer._fetcher  # noqa: SLF001 - as above
        news: asyncio.Future[None] = fetcher._create_fetch_waiter()  # noqa: SLF001 - as above
        return news

    def position(self, log: Log) -> int | None:
        """Offset of the next record that `read` will look at, past all it has returned or passed over."""
        # None before the first `assign`
        assignment = getattr(self._consumer._subscription.subscription, "assignment", None)  # noqa: SLF001 - `position()` of the client is a coroutine that may wait for ever
        state = assignment.state_value(TopicPartition(*log)) if assignment is not None else None
        return state.position if state is not None and state.has_valid_position else None

    def at_end(self, log: Log) -> bool:
        """Whether everything that the broker's last answer knew to be committed has been read."""
        state = self._consumer._subscription.subscription.assignment.state_value(  # noqa: SLF001 - as above
            TopicPartition(*log)
        )
        if state is None or not state.has_valid_position or state.lso is None:
            return False
        return bool(state.position >= state.lso)

    async def bounds(self, log: Log) -> Bounds:
        """What there is of ``log``. Ask before the first `assign`: later answers wait for the fetch under way."""
        # what is written depends on the client's isolation level, so it takes a client of another one
        if self._uncommitted is None:
            self._uncommitted = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap, client_id=self._client_id, group_id=None, retry_backoff_ms=RETRY_MS
            )
            await begun(self._uncommitted.start(), CALL_TIMEOUT_S)
        starts, ends, written = await asyncio.gather(
            self.starts([log]), self.ends([log]), self._offsets(self._uncommitted.end_offsets, [log])
        )
        return Bounds(starts[log], ends[log], written[log])

    async def starts(self, logs: Sequence[Log]) -> dict[Log, int]:
        """Offset of the first record that is still kept in each log."""
        return await self._offsets(self._consumer.beginning_offsets, logs)

    async def ends(self, logs: Sequence[Log]) -> dict[Log, int]:
        """One past the last committed record of each log (the last stable offset)."""
        return await self._offsets(self._consumer.end_offsets, logs)

    async def partitions(self, topic: str) -> int:
        """How many partitions ``topic`` has; 0 when it does not exist."""
        # the consumer answers from what it knows, and it knows only topics that it reads
        known = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001 - there is no public way
        return len(known.partitions_for_topic(topic) or ())

    async def _offsets(self, ask: object, logs: Sequence[Log]) -> dict[Log, int]:
        found = await asyncio.wait_for(
            ask([TopicPartition(*log) for log in logs]),  # type: ignore[operator]  # one of two methods
            CALL_TIMEOUT_S,
        )
        return {Log(tp.topic, tp.partition): offset for tp, offset in found.items()}


def record_at(log: Log, raw: Raw) -> Record:
    """The record that ``raw`` is, at home in ``log``."""
    if isinstance(raw, Record):
        return raw
    headers = raw.headers
    return Record(*log, raw.offset, raw.key, raw.value, tuple(headers) if headers else (), raw.timestamp)


def record_of(raw: ConsumerRecord[bytes | None, bytes | None]) -> Record:
    """The client's record as ours."""
    return Record(
        raw.topic,
        raw.partition,
        raw.offset,
        raw.key,
        raw.value,
        tuple(raw.headers),
        raw.timestamp,
    )
