"""Records as they lie in the logs, and where they are read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAYBOOKS: Final = "playbooks"
USAGE: Final = "usage"
RESPONSES: Final = "responses"
OFFERS: Final = "offers"
OUTCOMES: Final = "outcomes"
DECISIONS: Final = "decisions"
DEAD_LETTERS: Final = "dead-letters"
STATE: Final = "engine-state"
SEEN: Final = "engine-seen"
JOURNAL: Final = "engine-journal"

INTAKE: Final = (USAGE, RESPONSES)
TOLD: Final = (OFFERS, OUTCOMES, DECISIONS, DEAD_LETTERS)
"""What the engine tells the world, one record for each thing that happened."""

WRITTEN: Final = (*TOLD, STATE, SEEN, JOURNAL)
"""All that a transaction of the engine writes to."""


class Record(NamedTuple):
    """One committed record. ``timestamp_ms``: when its producer sent it."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp_ms: int = 0


class Bounds(NamedTuple):
    """Offsets of a log: of the first record still kept, and one past the last committed one."""

    first: int
    end: int


class Logs(Protocol):
    """Committed records of one deployment. ``prefix`` is the first part of every topic's full name.

    They can be sent to another process, and be read there.
    """

    prefix: str

    def partitions(self) -> int:
        """How many partitions the topics of accounts have. Raises `oracle.faults.CannotVerify`."""

    def bounds(self, topic: str, partition: int) -> Bounds:
        """What there is of a log right now."""

    def read(self, topic: str, partition: int, start: int, end: int) -> Iterator[Record]:
        """Records from ``start`` (or the first one kept) up to ``end`` (not included), in their order."""

    def close(self) -> None:
        """Let go of where they lie."""
