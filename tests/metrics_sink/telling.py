"""A log of outcomes told to a database, and what its views say then."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from schemas.outcomes import FactAccepted
from services.metrics_sink.adapters.ledgers import DecisionLedger, OutcomeLedger
from services.metrics_sink.adapters.views import rows_of
from services.metrics_sink.domain.batch import decision_batch, outcome_batch
from services.metrics_sink.domain.rows import decision_row, fact_row, outcome_row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple

    from schemas.decisions import Decided
    from schemas.outcomes import OfferJudged
    from services.kit.db.sessions import Database

    R = TypeVar("R", bound=NamedTuple)


async def tell(database: Database, events: Iterable[OfferJudged | FactAccepted]) -> None:
    """Fold ``events`` as the log has them, from where the last ended."""
    ledger = OutcomeLedger(database)
    before = (await ledger.positions()).get(0, 0)
    rows = [
        fact_row(event, offset) if isinstance(event, FactAccepted) else outcome_row(event)
        for offset, event in enumerate(events, before)
    ]
    await ledger.add(outcome_batch(rows), 0, before, before + len(rows))


async def tell_decisions(database: Database, events: Iterable[Decided]) -> None:
    """The same for decisions."""
    ledger = DecisionLedger(database)
    before = (await ledger.positions()).get(0, 0)
    rows = [decision_row(event) for event in events]
    await ledger.add(decision_batch(rows), 0, before, before + len(rows))


async def seen(database: Database, row: type[R]) -> list[R]:
    """All rows of a view."""
    async with database.reading() as session:
        return await rows_of(session, row)
