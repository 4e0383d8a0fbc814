"""All that one partition's task remembers; after doubt it is thrown away whole and restored from the log."""

from typing import Final

from msgspec import Struct

from schemas import topics
from schemas.topics import Topic
from services.kit.kafka.reader import Log
from services.trigger_engine.ports import LogFactory
from services.trigger_engine.runtime.intake import Progress
from services.trigger_engine.runtime.position import POSITION_KEY, Position, decode
from services.trigger_engine.runtime.seen import Seen
from services.trigger_engine.runtime.slices import SliceStore

READ_MS: Final = 20
"""A log ends with a marker, which is passed over without a record to wake us; so we look again soon."""


class Memory(Struct):
    """Slices, ids seen, and the position, as of one commit. ``position`` is None for a partition never worked on."""

    slices: SliceStore
    seen: Seen
    progress: Progress
    position: Position | None = None


class OpenTransaction(Exception):
    """Somebody's transaction on a log of ours is still open; what lies behind it can not be read yet."""


async def restored(logs: LogFactory, prefix: str, partition: int) -> Memory:
    """Read the state of ``partition`` from the log up to its end as of now. Call it after the fence.

    Stops by position and never by count: markers of transactions take offsets, too. Raises `OpenTransaction` when the
    end of what is committed is not the end of what is written: stopping there would miss what comes behind.
    """
    memory = Memory(SliceStore(), Seen(), Progress())
    async with logs(f"restore-{partition}") as reader:
        kept = {Log(topic.under(prefix), partition): topic for topic in (topics.ENGINE_STATE, topics.ENGINE_SEEN)}
        # questions first: once a fetch is under way, the broker answers others on this connection after it
        bounds = {where: await reader.bounds(where) for where in kept}
        for where, found in bounds.items():
            if found.committed != found.written:
                raise OpenTransaction(where.topic, partition)
        left = {where: found.committed for where, found in bounds.items() if found.first < found.committed}
        reader.assign({where: bounds[where].first for where in left})
        while left:
            for where, records in (await reader.read(READ_MS)).items():
                for record in records:
                    _take(memory, kept[where], record.key or b"", record.value)
            left = {where: end for where, end in left.items() if (reader.position(where) or 0) < end}
    return memory


def _take(memory: Memory, topic: Topic, key: bytes, value: bytes | None) -> None:
    if topic is topics.ENGINE_SEEN:
        memory.seen.load(key, value or b"")
    elif key == POSITION_KEY:
        position = decode(value or b"")
        memory.position = position
        memory.progress = Progress(position.stream_time, position.floor, position.now)
    else:
        memory.slices.load(key, value)
