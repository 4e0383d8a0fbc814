"""What a run of events asks of the database, in an order that does not matter any more."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.metrics_sink.domain.rows import DecisionRow, FactRow, OutcomeRow

ERASED: Final = "rung.account_erased"
"""The fact that asks for all of an account to be deleted."""


@dataclass(frozen=True)
class OutcomeBatch:
    """First delete all of the ``erased`` accounts, then add the rows; one that is there already stays as it is."""

    outcomes: tuple[OutcomeRow, ...] = ()
    facts: tuple[FactRow, ...] = ()
    erased: tuple[str, ...] = ()


@dataclass(frozen=True)
class DecisionBatch:
    """Add the rows; one that is there already stays as it is."""

    decisions: tuple[DecisionRow, ...] = ()


def outcome_batch(rows: Iterable[OutcomeRow | FactRow]) -> OutcomeBatch:
    """Sort ``rows``, which are in the log's order; an erasure drops what came before it, itself included."""
    kept: list[OutcomeRow | FactRow] = []
    erased: dict[str, None] = {}
    for row in rows:
        if isinstance(row, FactRow) and row.fact == ERASED:
            kept = [earlier for earlier in kept if earlier.account != row.account]
            erased[row.account] = None
        else:
            kept.append(row)
    return OutcomeBatch(
        outcomes=tuple(row for row in kept if isinstance(row, OutcomeRow)),
        facts=tuple(row for row in kept if isinstance(row, FactRow)),
        erased=tuple(erased),
    )


def decision_batch(rows: Iterable[DecisionRow]) -> DecisionBatch:
    """All of ``rows``."""
    return DecisionBatch(tuple(rows))
