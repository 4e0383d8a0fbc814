"""Reference: aiokafka's `getmany` alone, no more than counting what it returns. Prints progress lines.

``python -m benchmarks.raw BOOTSTRAP TOPIC PARTITIONS COUNT``
"""

import asyncio
import sys
import time
from typing import Final

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

FETCH_BYTES: Final = 4 * 1024 * 1024
"""As the engine has it."""

TELL_S: Final = 0.005


async def read(bootstrap: str, topic: str, partitions: int, count: int) -> None:
    """Read ``count`` records from the beginning."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        isolation_level="read_committed",
        max_partition_fetch_bytes=FETCH_BYTES,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, partition) for partition in range(partitions)])
        await consumer.seek_to_beginning()
        done, told_at = 0, 0.0
        while done < count:
            for records in (await consumer.getmany(timeout_ms=1_000, max_records=500)).values():
                done += len(records)
            if time.monotonic() >= told_at + TELL_S or done >= count:
                told_at = time.monotonic()
                print("P", told_at, done, flush=True)  # noqa: T201 - read by the one who started us
            await asyncio.sleep(0)
    finally:
        await consumer.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(read(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
