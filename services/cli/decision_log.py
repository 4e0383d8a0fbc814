"""What the engine decided, and what became of offers: read from the beginning, of one account, or of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiokafka.errors import KafkaConnectionError

from schemas.codec import decode_decision, decode_offer
from schemas.topics import DECISIONS, OFFERS
from services.kit.kafka.faults import KafkaUnreachable, TopicsMissing
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Log, Reader, record_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from schemas.decisions import Decided
    from schemas.offers import OfferEvent
    from schemas.topics import Topic
    from services.cli.history import Progress
    from services.kit.kafka.reader import Record
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
    async for record in _records(kafka, DECISIONS, account, progress):
        yield decode_decision(record.value, record.headers)


async def offer_events(
    kafka: KafkaSettings, account: str, progress: Progress | None = None
) -> AsyncIterator[OfferEvent]:
    """Every change of an offer of the account that is kept, in order; raises as `decisions` does."""
    async for record in _records(kafka, OFFERS, account, progress):
        yield decode_offer(record.value, record.headers)


async def counted(kafka: KafkaSettings, tally: Tally, progress: Progress | None = None) -> None:
    """Tell ``tally`` of every decision that is kept; raises as `decisions` does."""
    async for decided in decisions(kafka, progress=progress):
        tally.event(decided)


async def _records(
    kafka: KafkaSettings, of: Topic, account: str | None, progress: Progress | None
) -> AsyncIterator[Record]:
    topic = of.under(kafka.topic_prefix)
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
            reader.assign({log: starts[log] for log in sorted(left)})
            total = sum(ends[log] - starts[log] for log in left)
            while left:
                for log, raws in (await reader.chunks(READ_MS)).items():
                    for raw in raws:
                        if raw.offset < ends[log] and (key is None or raw.key == key):
                            yield record_at(log, raw)
                left = {log for log in left if (reader.position(log) or 0) < ends[log]}
                if progress is not None:
                    progress(sum((reader.position(log) or ends[log]) - starts[log] for log in logs), total)
    except (KafkaConnectionError, TimeoutError) as error:
        raise KafkaUnreachable(kafka.bootstrap_servers, str(error) or "no answer") from error
