"""That an account was erased, and what of it is from before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from services.metrics_sink.domain.rows import DecisionRow, FactRow, OutcomeRow

Row = TypeVar("Row", OutcomeRow, FactRow, DecisionRow)


@dataclass(frozen=True)
class Erasure:
    """An account was erased.

    Two clocks, since rows have two: a fact bears its event time, a decision or an offer the time at which the engine
    made it, which is later by however long the event waited to be read.

    Attributes:
        asked_at: Event time of the erasure: the engine refuses what is not from after it.
        judged_at: When the engine took it: whatever it decided until then it decided of the account that was erased.
    """

    account: str
    asked_at: datetime
    judged_at: datetime

    def joined(self, other: "Erasure | None") -> "Erasure":
        """Both of the same account in one; an older one takes nothing back."""
        if other is None:
            return self
        return Erasure(self.account, max(self.asked_at, other.asked_at), max(self.judged_at, other.judged_at))

    def covers(self, row: OutcomeRow | FactRow | DecisionRow) -> bool:
        """Whether ``row`` is of the account as it was before.

        All of an offer's life belongs to when it was made. In doubt, at the very same instant, it is of before.
        """
        match row:
            case FactRow():
                return row.at <= self.asked_at
            case DecisionRow():
                return row.at <= self.judged_at
            case OutcomeRow():
                return row.made_at <= self.judged_at


def erasures_of(found: Iterable[Erasure]) -> tuple[Erasure, ...]:
    """One for each account, in the order of first mention."""
    joined: dict[str, Erasure] = {}
    for erasure in found:
        joined[erasure.account] = erasure.joined(joined.get(erasure.account))
    return tuple(joined.values())


def kept(rows: Sequence[Row], erasures: Mapping[str, Erasure]) -> tuple[Row, ...]:
    """Those of ``rows`` that no erasure of their account covers; ``erasures`` by account."""
    return tuple(row for row in rows if (found := erasures.get(row.account)) is None or not found.covers(row))
