"""A deployment in which things go wrong."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.flow.deployment import Deployment, Engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from schemas.topics import Topic
    from tests.faults.trap import Point

QUICK = {"RUNG_ENGINE_COMMIT_MS": "20", "RUNG_ENGINE_SESSION_MS": "2000", "RUNG_ENGINE_HALT_LINGER_S": "10"}
"""Many commits to be caught in, and a takeover within 2 s."""

FALLS_S = 40
"""Longest until a trap is reached on a busy machine."""


@dataclass
class Place(Deployment):
    """Few partitions, quick commits, engines that may have a trap in them."""

    partitions: int = 2
    settings: Mapping[str, str] = field(default_factory=lambda: QUICK)

    async def trapped(self, point: Point, nth: int = 1, *, wait: bool = False, **settings: str) -> Engine:
        """Start an engine with a trap in it."""
        number = len(self.engines)
        marks = self.marks(number)
        marks.touch()
        return await self.engine(
            wait=wait,
            program="tests.faults.engine_with_faults",
            FAULT_AT=point,
            FAULT_NTH=str(nth),
            FAULT_MARKS=str(marks),
            **settings,
        )

    def marks(self, number: int) -> Path:
        """Where the ``number``-th engine writes down what happened to it."""
        return self.home / f"engine-{number}.marks"

    def marked(self, engine: Engine) -> list[str]:
        """What happened to it: ``what partition seconds``."""
        return self.marks(self.engines.index(engine)).read_text().splitlines()

    async def set_largest(self, topic: Topic, size: int) -> None:
        """Have the broker take no batch of more than ``size`` bytes on ``topic``."""
        wanted = ConfigResource(
            ConfigResourceType.TOPIC, topic.under(self.prefix), configs={"max.message.bytes": str(size)}
        )
        async with self.admin() as admin:
            await admin.alter_configs([wanted])

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """Do to the broker what an operator can."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def assert_fell(self, engine: Engine, point: Point) -> None:
        """Wait until ``engine`` has killed itself, which only the trap at ``point`` can have been."""
        code = await asyncio.wait_for(engine.process.wait(), FALLS_S)
        assert code == -signal.SIGKILL, engine.log.read_text()[-2_000:]
        assert [mark.split()[0] for mark in self.marked(engine)].count(point) == 1

    async def counted(self, engine: Engine, count: int) -> bool:
        """Whether ``engine`` has counted so many events."""
        return await engine.metric("rung_engine_records_total", handled="counted") >= count

    @staticmethod
    def encoded(event: dict[str, Any]) -> bytes:
        """``event`` as a producer sends it."""
        return json.dumps(event).encode()

    async def end(self) -> None:
        """End all engines."""
        for engine in self.engines:
            await engine.kill()
