"""What the runtime needs of the outside, in its own words. Kafka is one way to provide it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple, Protocol

from schemas.facts import Fact
from schemas.responses import Responded
from services.kit.kafka.reader import Bounds, Log, Raw, Record
from services.trigger_engine.domain.inputs import Usage, Usages

if TYPE_CHECKING:
    import mmap


Headers = Sequence[tuple[str, bytes]]


class Outgoing(NamedTuple):
    """One record to be written to the task's own partition of ``topic`` (full name)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Batch:
    """Records to be written to one topic, in their order: a column of each part, since there may be thousands."""

    __slots__ = ("headers", "keys", "values")

    def __init__(self) -> None:
        self.keys: list[bytes | None] = []
        self.values: list[bytes | None] = []
        self.headers: list[Headers] = []

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        """One more record."""
        self.keys.append(key)
        self.values.append(value)
        self.headers.append(headers)

    def extend(self, written: Mapping[bytes, bytes | None]) -> None:
        """More records, without headers."""
        self.keys += written.keys()
        self.values += written.values()
        self.headers += [()] * len(written)

    def rows(self, topic: str) -> list[Outgoing]:
        """Record by record, each with the full name of the topic."""
        return list(map(Outgoing, repeat(topic), self.keys, self.values, self.headers))


class Away(Exception):
    """A log can not be read now: the broker is away, or what was asked for is not kept any more."""


class Doubt(Exception):
    """A transaction may or may not have taken effect; only the log can tell, after a fence."""


class TooLarge(Exception):
    """The broker will never take one of these records. Nothing was written; the next fence undoes what is open."""


class Fenced(Exception):
    """Another owner has the partition; whatever is unfinished here is void."""


class Transactions(Protocol):
    """Transactions of one partition's owner. One call at a time."""

    async def fence(self) -> None:
        """Become the owner: shut out the former one and undo what it left open. Raises `Doubt` when unanswered."""

    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        """Write all records or none, and return once that is certain: the offset of the last record of each topic.

        By full name of the topic, in the order in which topics got their first records.

        Raises `Doubt`, `Fenced` or `TooLarge`.
        """

    async def trim(self, topic: str, before: int) -> None:
        """Have the records before this offset deleted, some time. Never raises: the next one will do it, too."""

    async def close(self) -> None:
        """Let go. Never raises, returns within seconds; what was begun and not ended is undone by the next owner."""


class Logs(Protocol):
    """Committed records of the assigned logs, in order. What can not be answered raises `Away`; nothing is skipped."""

    def assign(self, positions: Mapping[Log, int]) -> None:
        """Read these logs from these offsets; drops what was assigned before."""

    async def read(self, timeout_ms: int, limit: int | None = None) -> Mapping[Log, Sequence[Raw]]:
        """The next records of each log, at most ``limit`` of all together; empty after ``timeout_ms`` without any."""

    def position(self, log: Log) -> int | None:
        """The next offset that will be looked at, past all that `read` returned or passed over."""

    def at_end(self, log: Log) -> bool:
        """Whether everything that the last answer knew to be committed has been read."""

    async def bounds(self, log: Log) -> Bounds:
        """What there is of ``log``."""


class LogFactory(Protocol):
    """Opens logs; each task and each restore has a reader of its own, so that none can hold up another."""

    def __call__(self, purpose: str) -> AbstractAsyncContextManager[Logs]:
        """A reader of its own."""


class Files(Protocol):
    """A place on this machine for what is large and seldom looked at. Nothing in it has to outlive the process."""

    def keep(self, content: bytes) -> "bytes | mmap.mmap":
        """The same bytes, to be read where they lie now; ``content`` itself when there is no room. Never raises."""


class Wire(Protocol):
    """What messages of the intake topics mean. Those that read one raise `schemas.codec.UnreadableEvent`."""

    def read_plain(self, raws: Sequence[Raw]) -> Usages:
        """The ordinary usage events that these begin with; when there are none, `read_usage` looks at the first one."""

    def read_usage(self, record: Record) -> Usage | Fact:
        """The usage event or account fact in ``record``."""

    def read_response(self, record: Record) -> Responded:
        """The response in ``record``."""

    def read_traceparent(self, record: Record) -> str | None:
        """What the event in ``record``, which could be read, says itself of its trace. Never raises."""


class Assignment(NamedTuple):
    """Partitions given to this process; ``generation`` rises each time that they are told."""

    partitions: tuple[int, ...]
    generation: int


class Membership(Protocol):
    """Which partitions are this process's to work on."""

    async def start(self) -> None:
        """Join. Raises a ``Fatal`` when that can not be done."""

    async def poll(self) -> Assignment | None:
        """The assignment told last, None before the first time. Returns within about a second; call it for ever."""

    async def tell(self, positions: Mapping[int, int]) -> None:
        """The next offset of usage by partition, for tools that show how far behind somebody is; nobody works by it.

        Never raises, returns within about a second.
        """

    async def stop(self) -> None:
        """Leave, so that others take over at once."""
