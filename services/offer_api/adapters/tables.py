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
)
"""``over``: the engine has ended it. ``reported*``: a response that the engine has not judged yet."""

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
