"""A deployment of a test's own: topics, tables, and the sink's settings for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from schemas import topics
from services.kit.db.sessions import Database
from services.kit.kafka.reader import Log, Reader, Record
from services.kit.settings import DatabaseSettings, KafkaSettings, MigrationSettings
from services.metrics_sink.settings import (
    AttributionSettings,
    GuardingSettings,
    ListenerSettings,
    ReadingSettings,
    Settings,
)
from tests.kit.producing import producing, send_all
from tests.kit.waiting import until
from tests.metrics_sink.events import value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemas.decisions import Decided
    from schemas.outcomes import FactAccepted, OfferJudged

SCHEMA = "rung"
PARTITIONS = 2
USED = (topics.PLAYBOOKS, topics.OUTCOMES, topics.DECISIONS, topics.DEAD_LETTERS)


@dataclass
class Place:
    """Where a sink runs."""

    bootstrap: str
    prefix: str
    url: str
    database: Database

    def settings(self, url: str | None = None, port: int = 0) -> Settings:
        return Settings(
            KafkaSettings(bootstrap_servers=self.bootstrap, topic_prefix=self.prefix),
            DatabaseSettings(url=url or self.url, db_schema=SCHEMA),
            MigrationSettings(),
            ListenerSettings(port=port),
            ReadingSettings(session_ms=1_000),
            AttributionSettings(),
            GuardingSettings(every_s=0.2),
        )

    def environment(self, port: int) -> dict[str, str]:
        """The same for a process of its own."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "RUNG_TOPIC_PREFIX": self.prefix,
            "DATABASE_URL": self.url,
            "RUNG_DATABASE_SCHEMA": SCHEMA,
            "RUNG_SINK_HTTP_PORT": str(port),
            "RUNG_SINK_SESSION_MS": "1000",
        }

    async def outcomes(self, events: Iterable[OfferJudged | FactAccepted | bytes], partition: int = 0) -> None:
        await self._send(topics.OUTCOMES, partition, events)

    async def decisions(self, events: Iterable[Decided | bytes], partition: int = 0) -> None:
        await self._send(topics.DECISIONS, partition, events)

    async def _send(self, topic: topics.Topic, partition: int, events: Iterable[object]) -> None:
        values = [event if isinstance(event, bytes) else value(event) for event in events]  # type: ignore[arg-type]  # narrowed by the callers
        async with producing(self.bootstrap) as producer:
            await send_all(producer, topic.under(self.prefix), partition, values)

    async def count(self, table: str) -> int:
        async with self.database.reading() as session:
            return int((await session.execute(text(f"select count(*) from {table}"))).scalar_one())  # noqa: S608 - the test's own word

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        async with self.database.reading() as session:
            return [tuple(row) for row in await session.execute(text(query))]

    async def positions(self, table: str) -> dict[int, int]:
        return {int(str(p)): int(str(n)) for p, n in await self.rows(f"select partition, next_offset from {table}")}  # noqa: S608 - the test's own word

    async def ends(self, topic: topics.Topic) -> dict[int, int]:
        logs = [Log(topic.under(self.prefix), p) for p in range(PARTITIONS)]
        async with Reader(self.bootstrap, "test") as reader:
            return {log.partition: end for log, end in (await reader.ends(logs)).items()}

    async def dead_letters(self) -> list[Record]:
        """All that was set aside."""
        logs = [Log(topics.DEAD_LETTERS.under(self.prefix), p) for p in range(PARTITIONS)]
        found: list[Record] = []
        async with Reader(self.bootstrap, "test") as reader:
            ends = await reader.ends(logs)
            reader.assign(dict.fromkeys(logs, 0))
            while any((reader.position(log) or 0) < end for log, end in ends.items()):
                for records in (await reader.read(200)).values():
                    found += records
        return found

    async def folded(self, table: str, count: int, timeout_s: float = 60.0) -> None:
        async def there() -> bool:
            return await self.count(table) >= count

        await until(f"{count} rows in {table}", there, timeout_s)
