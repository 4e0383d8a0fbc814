"""The tables of the offer API, as `deploy/migrations` makes them."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

METADATA: Final = MetaData()

OFFERS: Final = Table(
    "offers",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("offer_id", Text, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("snoozed_until", DateTime(timezone=True)),
    Column("changed_offset", BigInteger, nullable=False),
    Column("reported", Text),
    Column("reported_id", Text),
    Column("reported_until", DateTime(timezone=True)),
    Column("taken", ARRAY(Text), nullable=False),
    Column("offer", JSONB, nullable=False),
    Column("produced_ms", BigInteger),
    Column("trace", Text),
)
"""``over``: the engine has ended it. ``reported*``: a response that the engine has not judged yet.

``produced_ms`` and ``trace``: what came with the record, so that a rebuilt table is equal.
"""

POSITIONS: Final = Table(
    "offer_positions",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)

SERVICE_KEYS: Final = Table(
    "service_keys",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
)

DECISIONS: Final = Table(
    "account_decisions",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("decision_id", Text, primary_key=True),
    Column("log_offset", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("offer_id", Text),
    Column("offers", ARRAY(Text), nullable=False),
    Column("document", JSONB, nullable=False),
)
"""``log_offset``: an account lies in one partition, so it is the order of its decisions."""

DECISION_POSITIONS: Final = Table(
    "account_decision_positions",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)

ERASURES: Final = Table(
    "account_erasures",
    METADATA,
    Column("account_hash", LargeBinary, primary_key=True),
    Column("judged_at", DateTime(timezone=True), nullable=False),
    Column("log_offset", BigInteger, nullable=False),
)
