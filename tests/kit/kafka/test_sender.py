"""On a real broker."""

from __future__ import annotations

from services.kit.kafka.sender import Sender
from tests.kit.giving_up import given_up_midway


async def test_a_sender_that_nobody_waits_for_any_more_leaves_nothing_open(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    await given_up_midway(kafka_bootstrap, lambda through: Sender(through, topic_prefix, "test").__aenter__())
