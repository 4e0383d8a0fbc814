"""On a real broker. What transactions promise is told by `tests/simulation`, which plays them here and in a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.topics import ENGINE_SEEN
from services.trigger_engine.adapters.transactions import KafkaTransactions
from tests.kit.giving_up import given_up_midway

if TYPE_CHECKING:
    from collections.abc import Coroutine


async def test_a_trim_that_nobody_waits_for_any_more_leaves_nothing_open(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    def trim(through: str) -> Coroutine[object, object, None]:
        return KafkaTransactions(through, f"{topic_prefix}-0", 0).trim(ENGINE_SEEN.under(topic_prefix), 0)

    await given_up_midway(kafka_bootstrap, trim)
