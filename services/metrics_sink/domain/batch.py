"""What a run of events asks of the database, in an order that does not matter any more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.metrics_sink.domain.erasure import Erasure, erasures_of, kept
from services.metrics_sink.domain.rows import DecisionRow, FactRow, OutcomeRow


@dataclass(frozen=True)
class OutcomeBatch:
    """First delete all of the ``erased`` accounts, then add the rows; one that is there already stays as it is.

    ``refused`` rows were left out, as their account was erased since.
    """

    outcomes: tuple[OutcomeRow, ...] = ()
    facts: tuple[FactRow, ...] = ()
    erased: tuple[Erasure, ...] = ()
    refused: int = 0

    @property
    def accounts(self) -> set[str]:
        """Whose rows these are."""
        return {row.account for row in self.outcomes} | {row.account for row in self.facts}

    def without(self, erasures: Mapping[str, Erasure]) -> "OutcomeBatch":
        """The same without the rows that ``erasures``, by account, cover."""
        outcomes, facts = kept(self.outcomes, erasures), kept(self.facts, erasures)
        refused = len(self.outcomes) - len(outcomes) + len(self.facts) - len(facts)
        return replace(self, outcomes=outcomes, facts=facts, refused=self.refused + refused)


@dataclass(frozen=True)
class DecisionBatch:
    """Add the rows; one that is there already stays as it is. ``refused`` as in `OutcomeBatch`."""

    decisions: tuple[DecisionRow, ...] = ()
    refused: int = 0

    @property
    def accounts(self) -> set[str]:
        """Whose rows these are."""
        return {row.account for row in self.decisions}

    def without(self, erasures: Mapping[str, Erasure]) -> "DecisionBatch":
        """The same without the rows that ``erasures``, by account, cover."""
        decisions = kept(self.decisions, erasures)
        return DecisionBatch(decisions, self.refused + len(self.decisions) - len(decisions))


def outcome_batch(rows: Iterable[OutcomeRow | FactRow | Erasure]) -> OutcomeBatch:
    """Sort ``rows``, which are in the log's order; an erasure drops what came before it, whatever its time."""
    left: list[OutcomeRow | FactRow] = []
    erased: list[Erasure] = []
    refused = 0
    for row in rows:
        if isinstance(row, Erasure):
            before = len(left)
            left = [earlier for earlier in left if earlier.account != row.account]
            refused += before - len(left)
            erased.append(row)
        else:
            left.append(row)
    return OutcomeBatch(
        outcomes=tuple(row for row in left if isinstance(row, OutcomeRow)),
        facts=tuple(row for row in left if isinstance(row, FactRow)),
        erased=erasures_of(erased),
        refused=refused,
    )


def decision_batch(rows: Iterable[DecisionRow]) -> DecisionBatch:
    """All of ``rows``."""
    return DecisionBatch(tuple(rows))
