"""Reference: aiokafka's `getmany` alone, no more than counting what it returns. Prints progress lines.

``python -m benchmarks.raw BOOTSTRAP TOPIC PARTITIONS COUNT [--tuned]``

As it comes, it hands out all that it has, on asyncio's loop: that is what its documentation shows. Tuned, it fetches as
the engine does, on the engine's loop, and hands out few records at a time: lists that are gone again before Python's
search for garbage gets to them nearly double what it reads.
"""

import asyncio
import sys
import time
from typing import Final

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

FETCH_BYTES: Final = 4 * 1024 * 1024
"""As the engine has it."""

PORTION: Final = 500
"""Records at a time, when tuned."""

TELL_S: Final = 0.005


async def read(bootstrap: str, topic: str, partitions: int, count: int, *, tuned: bool) -> None:
    """Read ``count`` records from the beginning."""
    fetching = {"max_partition_fetch_bytes": FETCH_BYTES} if tuned else {}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        **fetching,
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, partition) for partition in range(partitions)])
        await consumer.seek_to_beginning()
        done, told_at = 0, 0.0
        while done < count:
            for records in (await consumer.getmany(timeout_ms=1_000, max_records=PORTION if tuned else None)).values():
                done += len(records)
            if time.monotonic() >= told_at + TELL_S or done >= count:
                told_at = time.monotonic()
                print("P", told_at, done, flush=True)  # noqa: T201 - read by the one who started us
            await asyncio.sleep(0)
    finally:
        await consumer.stop()


if __name__ == "__main__":
    is_tuned = "--tuned" in sys.argv
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if is_tuned else None) as runner:
        runner.run(read(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), tuned=is_tuned))
