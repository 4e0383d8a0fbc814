"""The log of decisions, read from its beginning: of one account, or of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiokafka.errors import KafkaConnectionError

from schemas.codec import decode_decision
from schemas.topics import DECISIONS
from services.kit.kafka.faults import KafkaUnreachable, TopicsMissing
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Log, Reader, record_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from schemas.decisions import Decided
    from services.cli.history import Progress
    from services.kit.settings import KafkaSettings
    from services.trigger_engine.domain.trying.tally import Tally

CLIENT: Final = "rung-decisions"
READ_MS: Final = 1_000


async def decisions(
    kafka: KafkaSettings, account: str | None = None, progress: Progress | None = None
) -> AsyncIterator[Decided]:
    """Every decision that is kept, of one account when that is given: of each partition in order, up to its end now.

    Raises `KafkaUnreachable`, `TopicsMissing`, ``UnreadableEvent`` and the client's own faults.
    """
    topic = DECISIONS.under(kafka.topic_prefix)
    key = account.encode() if account is not None else None
    try:
        async with Reader(kafka.bootstrap_servers, CLIENT) as reader:
            count = await reader.partitions(topic)
            if count == 0:
                raise TopicsMissing((topic,))
            wanted = range(count) if account is None else [partition_of(account, count)]
            logs = [Log(topic, partition) for partition in wanted]
            starts, ends = await reader.starts(logs), await reader.ends(logs)
            left = {log for log in logs if starts[log] < ends[log]}
            reader.assign({log: starts[log] for log in left})
            total = sum(ends[log] - starts[log] for log in left)
            while left:
                for log, raws in (await reader.chunks(READ_MS)).items():
                    for raw in raws:
                        if raw.offset < ends[log] and (key is None or raw.key == key):
                            record = record_at(log, raw)
                            yield decode_decision(record.value, record.headers)
                left = {log for log in left if (reader.position(log) or 0) < ends[log]}
                if progress is not None:
                    progress(sum((reader.position(log) or ends[log]) - starts[log] for log in logs), total)
    except (KafkaConnectionError, TimeoutError) as error:
        raise KafkaUnreachable(kafka.bootstrap_servers, str(error) or "no answer") from error


async def counted(kafka: KafkaSettings, tally: Tally, progress: Progress | None = None) -> None:
    """Tell ``tally`` of every decision that is kept; raises as `decisions` does."""
    async for decided in decisions(kafka, progress=progress):
        tally.event(decided)
