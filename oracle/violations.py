"""What a verification finds wrong."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from typing_extensions import override


class Kind(StrEnum):
    """Kinds of violation."""

    JOURNAL = "journal"  # numbers, segments, times or versions do not fit together
    INPUT = "input"  # a record of the intake was passed over, or taken twice
    COUNT = "count"  # the journal says another number of records than there are: torn
    DIGEST = "digest"  # what lies in the logs is not what the transaction wrote
    MISSING = "missing"  # should have been published
    UNEXPECTED = "unexpected"  # should not have been published, or not again
    TWICE = "twice"  # published under an id that stands for something else, or for the same thing before
    ORDER = "order"  # published in another order than things happened
    DIFFERENT = "different"  # published with another content
    STATE = "state"  # a stored slice is not what follows from the inputs
    POSITION = "position"  # the stored position is not where the inputs were left
    SEEN = "seen"  # the ids stored as counted are not those that were
    SET = "set"  # decided by a set that was not in force


class Violation(NamedTuple):
    """One thing that is wrong. ``offset`` is in ``topic``; ``account`` is None when it concerns no single one."""

    kind: Kind
    topic: str
    partition: int
    offset: int | None
    account: str | None
    expected: str
    found: str

    @override
    def __str__(self) -> str:
        where = f"{self.topic}[{self.partition}]" + ("" if self.offset is None else f"@{self.offset}")
        whose = "" if self.account is None else f" account {self.account}"
        return f"{self.kind:<10} {where}{whose}: expected {self.expected}, found {self.found}"
