"""Reference of the latency: aiokafka alone, which copies what is marked in transactions of 100 ms and judges nothing.

``python -m benchmarks.echo BOOTSTRAP INPUT OUTPUT PARTITIONS``
"""

import asyncio
import sys
import time
from typing import Final

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from schemas.stages import Stage, stages_to_headers

COMMIT_S: Final = 0.1
MARK: Final = b"fresh-"
"""What the keys of events begin with that an offer is expected of."""


async def copy(bootstrap: str, source: str, target: str, partition: int) -> None:
    """One partition, until cancelled."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, isolation_level="read_committed")
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=f"{target}-{partition}", compression_type="zstd"
    )
    async with consumer, producer:
        consumer.assign([TopicPartition(source, partition)])
        await consumer.seek_to_beginning()
        print("ready", flush=True)  # noqa: T201 - read by the one who started us
        committed_at = time.monotonic()
        waiting: list[ConsumerRecord[bytes, bytes]] = []
        while True:
            for records in (await consumer.getmany(timeout_ms=20, max_records=500)).values():
                waiting.extend(record for record in records if record.key and record.key.startswith(MARK))
            if waiting and time.monotonic() >= committed_at + COMMIT_S:
                async with producer.transaction():
                    batch = producer.create_batch()
                    for record in waiting:
                        headers = stages_to_headers({Stage.PRODUCED: record.timestamp})
                        batch.append(key=record.key, value=record.value, timestamp=None, headers=list(headers))
                    await (await producer.send_batch(batch, target, partition=partition))
                waiting.clear()
                committed_at = time.monotonic()
            await asyncio.sleep(0)


async def main(bootstrap: str, source: str, target: str, partitions: int) -> None:
    """All partitions in one process, as the engine has it."""
    await asyncio.gather(*(copy(bootstrap, source, target, partition) for partition in range(partitions)))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
