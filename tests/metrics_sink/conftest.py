from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.kit.kafka.admin import create_topics
from tests.metrics_sink.place import PARTITIONS, SCHEMA, USED, Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    """Migrated, and the test's own."""
    await migrate(fresh_database_url, SCHEMA)
    made = Database(fresh_database_url, SCHEMA, "test")
    yield made
    await made.close()


@pytest.fixture
async def place(kafka_bootstrap: str, topic_prefix: str, fresh_database_url: str, database: Database) -> Place:
    """Topics and tables, and no sink yet."""
    await create_topics(kafka_bootstrap, topic_prefix, partitions=PARTITIONS, topics=USED)
    return Place(kafka_bootstrap, topic_prefix, fresh_database_url, database)
