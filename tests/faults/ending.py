"""How each run of a fault ends: nothing lost, nothing doubled, nothing torn."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from oracle import verify as oracle
from schemas import topics
from tests.flow.test_engine import assert_journal_is_whole, settled
from tests.kit.waiting import until

if TYPE_CHECKING:
    from schemas.topics import Topic
    from tests.faults.traffic import Traffic
    from tests.flow.deployment import Deployment

SETTLED_S = 90
LOOK_S = 0.3
"""Between two looks: each reads the whole journal, and the engine should have the processor meanwhile."""

TOLD = 1_000
"""Characters of a violation; it may show whole records."""


async def assert_all_is_well(deployment: Deployment, *traffic: Traffic) -> None:
    """Wait until all usage is taken in; then every log must tell the same, whole story."""
    await assert_settles(deployment)
    await assert_journal_is_whole(deployment)
    for topic in (topics.OFFERS, topics.OUTCOMES, topics.DECISIONS):
        await _assert_unique(deployment, topic)
    violations = await asyncio.to_thread(oracle.check, deployment.bootstrap, deployment.prefix)
    assert violations == [], "\n".join(str(violation)[:TOLD] for violation in violations)
    for sent in traffic:
        await sent.assert_each_offer_was_made_once()


async def assert_settles(deployment: Deployment) -> None:
    """Wait until all usage is taken in."""

    async def taken_in() -> bool:
        await asyncio.sleep(LOOK_S)
        return await settled(deployment)

    await until("all usage is in the journal", taken_in, SETTLED_S)


async def _assert_unique(deployment: Deployment, topic: Topic) -> None:
    ids = Counter(event["id"] for event in await deployment.events(topic))
    assert [one for one, count in ids.items() if count > 1] == []
