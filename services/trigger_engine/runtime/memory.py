"""All that one partition's task remembers, and how the log tells it what to believe.

One mechanism serves a first restore, doubt about a transaction, and a partition that comes back after a while with
another owner: roll back what was not committed, then read what the log holds beyond what is known. After doubt that is
either nothing (the transaction had no effect) or the transaction itself (it had); nothing is ever assumed.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from schemas import topics
from schemas.journal import JournalEntry
from services.kit.kafka.reader import Bounds, Log, Raw
from services.trigger_engine.domain.inputs import Clocks
from services.trigger_engine.ports import Files, LogFactory, Logs
from services.trigger_engine.runtime.halts import StateTruncated
from services.trigger_engine.runtime.position import POSITION_KEY, Position, decode
from services.trigger_engine.runtime.seen import Seen
from services.trigger_engine.runtime.slices import SliceStore

READ_MS: Final = 20
"""A log ends with a marker, which is passed over without a record to wake us; so we look again soon."""

LAST_ENTRY: Final = 2
"""A journal ends with its last entry and the marker of its transaction."""

WARM_S: Final = 3_600.0
"""How long the memory of a partition that went to another is of use: far less than tombstones are kept (24 h)."""


class OpenTransaction(Exception):
    """Somebody's transaction on a log of ours is still open; what lies behind it can not be read yet."""


class Progress(Struct):
    """The three times of a partition, microseconds since 1970 UTC; none of them goes backwards."""

    stream_time: int = 0
    floor: int = 0
    now: int = 0

    def clocks(self, at: int, *, by_log: bool) -> Clocks:
        """What time it is for what is of time ``at``: in a backfill that is its own."""
        return Clocks(at if by_log else self.now, self.floor)


class Memory:
    """Slices, ids seen, times and position of one partition. ``position`` is None for one never worked on."""

    def __init__(self, prefix: str, partition: int, max_seen: int, files: Files | None = None) -> None:
        self.slices = SliceStore()
        self.seen = Seen(max_seen, files)
        self.progress = Progress()
        self.position: Position | None = None
        self.known_at = 0.0
        """When this was last known to be all there is, in seconds of the clock that never goes backwards."""

        self._partition = partition
        self._journal = Log(topics.ENGINE_JOURNAL.under(prefix), partition)
        self._kept = {Log(topic.under(prefix), partition): topic for topic in (topics.ENGINE_STATE, topics.ENGINE_SEEN)}
        self._seen_log = Log(topics.ENGINE_SEEN.under(prefix), partition)
        self._next: dict[Log, int] = {}

    def roll_back(self) -> None:
        """What was not committed never happened."""
        self.slices.roll_back()
        self.seen.roll_back()
        position = self.position or Position()
        self.progress.stream_time = position.stream_time
        self.progress.floor = position.floor
        self.progress.now = position.now

    def is_warm(self, now: float) -> bool:
        """Whether it is of use to who takes the partition over, ``now`` by the clock that never goes backwards."""
        return now - self.known_at < WARM_S

    def cool(self) -> None:
        """Nobody works on the partition: keep what was committed, in as little room as it takes."""
        if self.slices.opened:  # else there is nothing to let go of: this is called again and again
            self.roll_back()
            self.slices.cool()

    async def catch_up(self, logs: LogFactory) -> None:
        """Read what the log holds beyond what is known, up to its end as of now. Call it after a fence.

        Stops by position and never by count: markers of transactions take offsets, too. Raises `OpenTransaction` when
        the end of what is committed is not the end of what is written (stopping there would miss what is behind), and
        `StateTruncated` when the journal knows more than the state.
        """
        self.roll_back()
        async with logs(f"restore-{self._partition}") as reader:
            # questions first: once a fetch is under way, the broker answers others on this connection after it
            bounds = await self._bounds(reader)
            for log in self._kept:
                if bounds[log].committed != bounds[log].written:
                    raise OpenTransaction(log.topic, self._partition)
            await self._read(reader, bounds)
            await self._check_journal(reader, bounds[self._journal])

    async def _bounds(self, reader: Logs) -> dict[Log, Bounds]:
        # the journal first: who was shut out meanwhile must not find in it what another has committed since the state
        # was asked for, and take that for a loss; only one who was not is to halt
        return {log: await reader.bounds(log) for log in (self._journal, *self._kept)}

    async def _read(self, reader: Logs, bounds: dict[Log, Bounds]) -> None:
        begin = {log: max(self._next.get(log, 0), bounds[log].first) for log in self._kept}
        left = {log: bounds[log].committed for log in self._kept if begin[log] < bounds[log].committed}
        reader.assign({log: begin[log] for log in left})
        while left:
            for log, records in (await reader.read(READ_MS)).items():
                if self._kept[log] is topics.ENGINE_SEEN:
                    for record in records:
                        self.seen.load(record.key or b"", record.value or b"", record.offset)
                        # should this be interrupted: ids that are sealed by then must not come once more
                        self._next[log] = record.offset + 1
                else:
                    self._take(records)
            self.seen.seal()
            left = {log: end for log, end in left.items() if (reader.position(log) or 0) < end}
        self._next = {log: max(self._next.get(log, 0), bounds[log].committed) for log in self._kept}

    async def _check_journal(self, reader: Logs, bounds: Bounds) -> None:
        begin = max(bounds.first, bounds.committed - LAST_ENTRY)
        if begin >= bounds.committed:
            return
        reader.assign({self._journal: begin})
        last = 0
        while (reader.position(self._journal) or 0) < bounds.committed:
            for record in (await reader.read(READ_MS)).get(self._journal, []):
                if record.offset < bounds.committed:  # what lies behind is another's, who shut us out
                    last = JournalEntry.model_validate_json(record.value or b"").transaction
        stored = self.position.transaction if self.position is not None else 0
        if last > stored:
            raise StateTruncated(self._partition, last, stored)

    def _take(self, records: Sequence[Raw]) -> None:
        """State: each transaction wrote its slices and then the position; the last of those is where we are."""
        places = [place for place, record in enumerate(records) if record.key == POSITION_KEY]
        begin = 0
        for place in places:
            self.slices.load_all(records[begin:place])
            begin = place + 1
        self.slices.load_all(records[begin:])
        if places:
            self.position = decode(records[places[-1]].value or b"")
            self.progress.stream_time = self.position.stream_time
            self.progress.floor = self.position.floor
            self.progress.now = self.position.now

    def adopt(self, position: Position, written: Mapping[bytes, bytes | None], last: dict[str, int]) -> None:
        """The commit of ``written`` is certain: it is the truth now. ``last``: offset of the last record by topic."""
        self.slices.adopt(written)
        self.seen.adopt(position.floor, last.get(self._seen_log.topic))
        self.position = position
        for log in self._kept:
            if log.topic in last:
                self._next[log] = last[log.topic] + 1
