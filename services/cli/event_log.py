"""Logs of events to be replayed: a file with one CloudEvent a line, or the intake topics of a deployment."""

from __future__ import annotations

from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import msgspec
from aiokafka.errors import KafkaConnectionError

from schemas.topics import RESPONSES, USAGE
from services.kit.kafka.faults import KafkaUnreachable, PartitionsDiffer, TopicsMissing
from services.kit.kafka.reader import Log, Reader, Record, record_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from services.cli.history import Progress
    from services.kit.settings import KafkaSettings

CLIENT: Final = "rung-replay"
READ_MS: Final = 1_000
A_PIECE: Final = 4_000
"""Records taken in between two looks at the clock and the terminal."""

RESPONSE: Final = "rung.responded"


class Piece(NamedTuple):
    """Records that follow each other; all are usage and facts, or all are ``responses``."""

    responses: bool
    records: list[Record]


class Head(msgspec.Struct):
    """What has to be known of an event before it is read."""

    subject: str = ""
    type: str = ""
    time: str = ""


_HEAD: Final = msgspec.json.Decoder(Head)


def head_of(value: bytes | None) -> Head:
    """The head of an event; an empty one when there is none to be read."""
    try:
        return _HEAD.decode(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Head()


def from_lines(lines: Iterable[bytes]) -> Iterator[Piece]:
    """The events of a file, as records whose offset is the number of their line. Empty lines are none."""
    piece: list[Record] = []
    stream = False
    for number, line in enumerate(lines, start=1):
        value = line.strip()
        if not value:
            continue
        head = head_of(value)
        responses = head.type == RESPONSE
        if piece and (responses is not stream or len(piece) == A_PIECE):
            yield Piece(stream, piece)
            piece = []
        stream = responses
        piece.append(Record("", 0, number, head.subject.encode(), value, (), 0))
    if piece:
        yield Piece(stream, piece)


class IntakeTopics:
    """Usage and responses of a deployment, up to their ends as of now. Use as an async context manager."""

    def __init__(self, kafka: KafkaSettings, progress: Progress | None = None) -> None:
        self._kafka = kafka
        self._progress = progress
        self._reader = Reader(kafka.bootstrap_servers, CLIENT)
        self.partitions = 0
        self.cut = False
        """Whether retention has taken the beginning of a log away."""

        self._starts: dict[Log, int] = {}
        self._ends: dict[Log, int] = {}
        self._read = 0

    async def __aenter__(self) -> Self:
        try:
            await self._reader.__aenter__()
        except (KafkaConnectionError, TimeoutError) as error:
            raise KafkaUnreachable(self._kafka.bootstrap_servers, str(error) or "no answer") from error
        try:
            await self._look()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.__aexit__(None, None, None)

    async def _look(self) -> None:
        names = [topic.under(self._kafka.topic_prefix) for topic in (USAGE, RESPONSES)]
        counts = {name: await self._reader.partitions(name) for name in names}
        missing = tuple(name for name, count in counts.items() if count == 0)
        if missing:
            raise TopicsMissing(missing)
        if len(set(counts.values())) > 1:
            raise PartitionsDiffer(counts)
        self.partitions = counts[names[0]]
        logs = [Log(name, partition) for name in names for partition in range(self.partitions)]
        self._starts, self._ends = await self._reader.starts(logs), await self._reader.ends(logs)
        self.cut = any(self._starts.values())

    async def pieces(self, partition: int) -> AsyncIterator[Piece]:
        """One partition: both logs in the order of the times at which their records were sent.

        At the same time responses come first: what a person said is known before the next offer is decided.
        """
        usage, responses = (Log(topic.under(self._kafka.topic_prefix), partition) for topic in (USAGE, RESPONSES))
        waiting: dict[Log, deque[Record]] = {responses: deque(), usage: deque()}
        left = {log for log in waiting if self._starts[log] < self._ends[log]}
        self._reader.assign({log: self._starts[log] for log in sorted(left)})
        while left:
            for log, raws in (await self._reader.chunks(READ_MS)).items():
                waiting[log].extend(record_at(log, raw) for raw in raws if raw.offset < self._ends[log])
            left = {log for log in left if (self._reader.position(log) or 0) < self._ends[log]}
            for piece in _merged(waiting, left, responses):
                yield piece
                self._read += len(piece.records)
                if self._progress is not None:
                    self._progress(self._read, sum(self._ends.values()) - sum(self._starts.values()))


def _merged(waiting: dict[Log, deque[Record]], left: set[Log], responses: Log) -> Iterator[Piece]:
    """Whatever can be taken already: a log that is not at its end may still have something older than the others."""

    def ordered() -> Iterator[tuple[bool, Record]]:
        while all(waiting[log] for log in left) and any(waiting.values()):
            log = min((log for log in waiting if waiting[log]), key=lambda log: waiting[log][0].timestamp_ms)
            yield log == responses, waiting[log].popleft()

    for is_response, some in groupby(ordered(), key=lambda found: found[0]):
        records = [record for _, record in some]
        for start in range(0, len(records), A_PIECE):
            yield Piece(is_response, records[start : start + A_PIECE])
