"""`python -m tests.offer_api.faults.api_with_faults`: the offer API as it is shipped, with a trap in its projections.

Only its ways to the database and to the dead letters are wrapped; the fault itself is a real SIGKILL.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from services.kit import process
from services.kit.clock import SystemClock
from services.kit.db.sessions import Database
from services.kit.kafka.group import Group
from services.kit.settings import DatabaseSettings, KafkaSettings, MigrationSettings, TraceSettings, load
from services.kit.telemetry import logs
from services.offer_api import wiring
from services.offer_api.adapters.kafka import KafkaDeadLetters
from services.offer_api.settings import ApiSettings
from tests.faults.settings import TrapSettings
from tests.faults.trap import Point, Trap

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    from schemas.dead_letters import DeadLetterReason
    from services.kit.db.sessions import WriteSession
    from services.kit.kafka.reader import Record

SESSION_MS: Final = 2_000
"""Whoever comes next need not wait long for the partitions of the dead."""


class TrappedDatabase(Database):
    """Falls into the trap just before a commit, and just after it."""

    trap: Trap

    @asynccontextmanager
    @override
    async def writing(self) -> AsyncIterator[WriteSession]:
        async with super().writing() as session:
            yield session
            self.trap.reached(Point.WRITTEN, 0)
        self.trap.reached(Point.COMMITTED, 0)


class TrappedDeadLetters(KafkaDeadLetters):
    """Falls into the trap when a record is set aside, and its position not passed."""

    trap: Trap

    @override
    async def send(self, record: Record, reason: DeadLetterReason, detail: str) -> None:
        await super().send(record, reason, detail)
        self.trap.reached(Point.BURIED, record.partition)


def main() -> None:
    """Run the offer API with the trap that the environment names."""
    wanted = TrapSettings()
    logs.configure(wiring.SERVICE)
    TrappedDatabase.trap = TrappedDeadLetters.trap = Trap(Point(wanted.at), wanted.nth, wanted.marks)
    # the composition root names these classes; in this process, it names ours
    vars(wiring).update(
        Database=TrappedDatabase, KafkaDeadLetters=TrappedDeadLetters, Group=partial(Group, session_ms=SESSION_MS)
    )
    settings = wiring.Settings(
        load(KafkaSettings), load(DatabaseSettings), load(MigrationSettings), load(ApiSettings), load(TraceSettings)
    )

    async def run(stop: asyncio.Event) -> None:
        await wiring.run(settings, SystemClock(), stop)

    process.run(wiring.SERVICE, run)


if __name__ == "__main__":
    main()
