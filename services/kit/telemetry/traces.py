"""Spans: what a process tells a collector of the work that it did for one message of a trace.

Nothing here needs OpenTelemetry, which `otlp` alone knows. Spans are made of messages whose trace somebody keeps, and
never of others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from schemas.traces import Trace

Told = Mapping[str, str | int]
"""What a span says beside its times: places in logs and names of ours; nobody could be known by it."""


def place(topic: str, partition: int, offset: int) -> dict[str, str | int]:
    """Where a record lies, in OpenTelemetry's words."""
    return {
        "messaging.system": "kafka",
        "messaging.destination.name": topic,
        "messaging.destination.partition.id": str(partition),
        "messaging.kafka.offset": offset,
    }


class Kind(StrEnum):
    """How a span's work came about, in OpenTelemetry's words."""

    CONSUMER = "consumer"
    PRODUCER = "producer"
    SERVER = "server"


@dataclass(frozen=True)
class Step:
    """One kind of span that a service makes."""

    name: str
    kind: Kind
    meaning: str


class Span(Protocol):
    """Work under way. ``trace`` is what the next one's parent is; None when this process was told not to keep it."""

    @property
    def trace(self) -> Trace | None:
        """What messages that come of this work carry."""

    def end(self, at_us: int, fault: str | None = None) -> None:
        """The work is over at ``at_us`` (since 1970 UTC), maybe with a fault. Call it once."""


class Traces(Protocol):
    """Where spans go. No call waits or raises."""

    def begin(self, step: Step, parent: Trace, at_us: int, told: Told) -> Span:
        """Work of the kind ``step`` begins at ``at_us``, for a message of the trace ``parent``."""


class Passing:
    """A span that nobody is told of: whoever comes next has the same parent."""

    __slots__ = ("trace",)

    def __init__(self, trace: Trace) -> None:
        self.trace: Trace | None = trace

    def end(self, at_us: int, fault: str | None = None) -> None:
        """Nobody is told."""


class Untold:
    """`Traces` of a process that tells nobody."""

    def begin(self, step: Step, parent: Trace, at_us: int, told: Told) -> Span:  # noqa: ARG002 - nobody is told
        """The parent is handed on."""
        return Passing(parent)


UNTOLD: Final = Untold()
