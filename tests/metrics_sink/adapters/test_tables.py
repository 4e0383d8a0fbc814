"""The tables that statements name are those that the migrations make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from services.metrics_sink.adapters.tables import METADATA

if TYPE_CHECKING:
    from services.kit.db.sessions import Database

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so
COLUMNS = """
    select column_name, data_type from information_schema.columns where table_schema = 'rung' and table_name = :name
"""
KEYS = """
    select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indrelid = cast(:name as regclass) and i.indisprimary
"""


@pytest.mark.parametrize("name", sorted(METADATA.tables))
async def test_a_table_is_as_the_migrations_made_it(name: str, database: Database) -> None:
    table = METADATA.tables[name]
    async with database.reading() as session:
        made = {row.column_name: row.data_type for row in await session.execute(text(COLUMNS), {"name": name})}
        keys = {row.attname for row in await session.execute(text(KEYS), {"name": name})}
    said = {column.name: column.type.compile(dialect=DIALECT).lower() for column in table.columns}
    assert {name: "ARRAY" if kind.endswith("[]") else kind for name, kind in said.items()} == made
    assert {column.name for column in table.primary_key} == keys
