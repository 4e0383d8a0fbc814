"""Run `rung` in this process, and look at what it left in Kafka."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from typer.testing import CliRunner, Result

from services.cli.commands import app
from services.kit.kafka.reader import Log, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.kit.kafka.reader import Record


def rung(*words: object, stdin: str | None = None) -> Result:
    """As in a shell; ``output`` has both streams."""
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


def records_of(bootstrap: str, topic: str) -> dict[int, list[Record]]:
    """All records of ``topic`` (full name) by partition; a partition without any is not there."""
    return asyncio.run(_records(bootstrap, topic))


async def _records(bootstrap: str, topic: str) -> dict[int, list[Record]]:
    async with Reader(bootstrap, "test") as reader:
        logs = [Log(topic, partition) for partition in range(await reader.partitions(topic))]
        starts, ends = await reader.starts(logs), await reader.ends(logs)
        reader.assign(starts)
        found: dict[int, list[Record]] = {}
        while any((reader.position(log) or 0) < ends[log] for log in logs):
            for log, records in (await reader.read(100)).items():
                found.setdefault(log.partition, []).extend(records)
        return found


def lines_of(result: Result) -> Sequence[str]:
    """What was printed, without empty lines."""
    return [line for line in result.output.splitlines() if line.strip()]
