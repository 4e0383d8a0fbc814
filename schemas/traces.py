"""The trace that a message belongs to: the header ``traceparent`` of W3C Trace Context.

It tells who watches, so it stands beside an event and is no part of any decision: a replay without it gives the same
bytes. Source: https://www.w3.org/TR/trace-context/, level 1.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple, Self

from typing_extensions import override

TRACEPARENT: Final = "traceparent"
"""Name of the header, and of the CloudEvents attribute that may stand in its place."""

FORM: Final = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
"""Version, trace, parent, flags. Versions after 00 may go on after these, and are read as far as they are known."""

FIRST: Final = "00"
SAMPLED: Final = 1
"""The flag that says that somebody keeps this trace."""


class Trace(NamedTuple):
    """A trace, and the span in it that led to a message. ``sampled``: whether somebody keeps it."""

    trace_id: str
    span_id: str
    sampled: bool = True

    @classmethod
    def read(cls, told: str) -> Self | None:
        """What ``told`` says; None when it is malformed."""
        found = FORM.fullmatch(told)
        if found is None or (found[1] == FIRST and found[5] is not None):
            return None
        return cls(found[2], found[3], bool(int(found[4], 16) & SAMPLED))

    @override
    def __str__(self) -> str:
        return f"{FIRST}-{self.trace_id}-{self.span_id}-{self.sampled:02x}"

    @property
    def header(self) -> tuple[str, bytes]:
        """As a Kafka record carries it."""
        return TRACEPARENT, str(self).encode()


def told_trace(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """What ``headers`` say of a trace, whether or not it is well-formed; None when they say nothing.

    Two of them are malformed: nobody knows which one holds.
    """
    told = [content.decode(errors="replace") for name, content in headers if name.lower() == TRACEPARENT and content]
    return ",".join(told) if told else None


def kept_trace(headers: Iterable[tuple[str, bytes | None]]) -> Trace | None:
    """The trace that ``headers`` carry, if somebody keeps it."""
    told = told_trace(headers)
    trace = None if told is None else Trace.read(told)
    return trace if trace is not None and trace.sampled else None
