"""Make sure that the topics are there, as the registry describes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError

from schemas.topics import DEFAULT_PARTITIONS, FLOW, Topic
from services.kit.errors import Fatal
from services.kit.kafka.faults import KafkaUnreachable, TopicsMissing
from services.kit.kafka.starting import begun

CALL_TIMEOUT_S: Final = 15.0
"""For each call into the client: with the broker gone some never return."""

VISIBLE_S: Final = 30.0
"""Longest wait for brokers to see a topic that was made; usually some 10 ms."""

LOOK_S: Final = 0.02

MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
"""A whole set of playbooks with room; intake has a limit of its own of 32 KiB."""

NO_ERROR: Final = 0
TOPIC_ALREADY_EXISTS: Final = TopicAlreadyExistsError.errno


class TopicRefused(Fatal):
    """The broker would not create a topic.

    Attributes:
        topic: Full name.
        why: The broker's words.
    """

    def __init__(self, topic: str, why: str) -> None:
        self.topic = topic
        self.why = why
        super().__init__(f"the broker refused to create {topic}: {why}")


async def create_topics(
    bootstrap: str,
    prefix: str,
    *,
    partitions: int = DEFAULT_PARTITIONS,
    replication: int = 1,
    topics: tuple[Topic, ...] = FLOW,
) -> list[str]:
    """Create the topics that are missing; returns the full names of those made here. Existing ones stay as they are.

    Raises `TopicRefused`, `KafkaUnreachable`.
    """
    async with _connected(bootstrap) as admin:
        there = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.under(prefix) not in there]
        if not missing:
            return []
        answer = await admin.create_topics([_described(topic, prefix, partitions, replication) for topic in missing])
        made: list[str] = []
        for name, code, *why in answer.topic_errors:  # type: ignore[attr-defined]  # generated field of the protocol class
            if code == NO_ERROR:
                made.append(name)
            elif code != TOPIC_ALREADY_EXISTS:
                raise TopicRefused(name, str(why[0] if why else code))
        await _visible(admin, {topic.under(prefix) for topic in missing})
        return made


async def _visible(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    # the controller answers before brokers know of it: who looks at once would still find nothing
    for _ in range(round(VISIBLE_S / LOOK_S)):
        if names <= set(await admin.list_topics()):
            return
        await asyncio.sleep(LOOK_S)
    raise TopicRefused(", ".join(sorted(names)), f"made, and not to be seen within {VISIBLE_S:g} s")


async def check_topics(bootstrap: str, prefix: str, topics: tuple[Topic, ...]) -> None:
    """Raise `TopicsMissing` when one of ``topics`` does not exist, `KafkaUnreachable` when nobody answers."""
    async with _connected(bootstrap) as admin:
        there = set(await admin.list_topics())
    missing = tuple(topic.under(prefix) for topic in topics if topic.under(prefix) not in there)
    if missing:
        raise TopicsMissing(missing)


async def partition_counts(bootstrap: str, prefix: str, topics: tuple[Topic, ...]) -> dict[str, int]:
    """Number of partitions by full name of the topic. Raises `KafkaUnreachable`."""
    async with _connected(bootstrap) as admin:
        described = await admin.describe_topics([topic.under(prefix) for topic in topics])
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


@asynccontextmanager
async def _connected(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        try:
            await begun(admin.start(), CALL_TIMEOUT_S)
        except (KafkaConnectionError, TimeoutError) as error:
            raise KafkaUnreachable(bootstrap, str(error) or "no answer") from error
        yield admin
    finally:
        await admin.close()


def _described(topic: Topic, prefix: str, partitions: int, replication: int) -> NewTopic:
    return NewTopic(
        name=topic.under(prefix),
        num_partitions=partitions if topic.per_account else 1,
        replication_factor=replication,
        topic_configs={
            "cleanup.policy": "compact" if topic.compacted else "delete",
            "retention.ms": str(topic.retention_ms),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        },
    )
