"""The tables as statements name them; ``deploy/migrations`` makes them, and a test holds the two together."""

from dataclasses import fields
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from services.metrics_sink.domain.rows import DecisionRow, FactRow, OutcomeRow

METADATA: Final = MetaData()

_KINDS: Final[dict[str, TypeEngine[Any]]] = {
    "sequence": BigInteger(),
    "seats": BigInteger(),
    "version": BigInteger(),
    "at": DateTime(timezone=True),
    "made_at": DateTime(timezone=True),
    "step": Numeric(),
    "price_difference": Numeric(),
    "monthly": Numeric(),
    "once": Numeric(),
    "log_offset": BigInteger(),
    "held_out": Boolean(),
    "segments": ARRAY(Text),
    "levels": JSONB(),
    "report": JSONB(),
    "value": JSONB(),
    "document": JSONB(),
}
"""Columns that are not text."""


def _table(name: str, row: type[OutcomeRow | FactRow | DecisionRow], *keys: str) -> Table:
    columns: list[Column[Any]] = [
        Column(field.name, _KINDS.get(field.name, Text()), primary_key=field.name in keys) for field in fields(row)
    ]
    return Table(name, METADATA, *columns)


def _positions(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("partition", Integer, primary_key=True),
        Column("next_offset", BigInteger, nullable=False),
    )


OUTCOMES: Final = _table("outcomes", OutcomeRow, "offer_id", "sequence")
FACTS: Final = _table("facts", FactRow, "source", "fact_id")
DECISIONS: Final = _table("decisions", DecisionRow, "decision_id")
ERASURES: Final = Table(
    "erasures",
    METADATA,
    Column("account_hash", LargeBinary, primary_key=True),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("judged_at", DateTime(timezone=True), nullable=False),
)
ATTRIBUTION: Final = Table(
    "attribution",
    METADATA,
    Column("only_row", Boolean, primary_key=True),
    Column("window_days", Integer, nullable=False),
    Column("touch", Text, nullable=False),
    Column("rule", Text, nullable=False),
)
OUTCOME_POSITIONS: Final = _positions("outcome_positions")
DECISION_POSITIONS: Final = _positions("decision_positions")
