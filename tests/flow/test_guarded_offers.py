"""A guarded offer, from noes to its pause, on everything real: the sink tells, the engine obeys, people resume."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from schemas import topics
from schemas.playbooks import OfferResumed
from services.local_stack.parts import SERVICES
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack, Wanted
from tests.flow.deployment import Deployment
from tests.kit.waiting import until
from tests.trigger_engine.runtime.sets import PLAYBOOK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

GUARDED: Final = PLAYBOOK.replace("open_for: 3d}", "open_for: 3d, stop_if: {dismissed: 30%, after: 20}}")
LOOK_S: Final = 0.5
SAYING_NO: Final = [f"no-{number}" for number in range(25)]
WAITING: Final = [f"open-{number}" for number in range(5)]

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(240)]


@pytest.fixture
async def deployment(
    kafka_bootstrap: str, fresh_database_url: str, topic_prefix: str, tmp_path: Path
) -> AsyncIterator[Deployment]:
    """The three services, with a guarded offer in force."""
    made = Deployment(kafka_bootstrap, topic_prefix, tmp_path, partitions=12)
    await made.prepare(playbook=GUARDED)
    stack = LocalStack(
        topic_prefix,
        StackSettings(rung_home=tmp_path, kafka_bootstrap_servers=kafka_bootstrap, database_url=fresh_database_url),
    )
    environment = {"RUNG_TOPIC_PREFIX": topic_prefix, "RUNG_SINK_GUARD_EVERY_S": str(LOOK_S)}
    wanted = Wanted(name=topic_prefix, services=SERVICES, tie_to_parent=True, environment=environment)
    await asyncio.to_thread(stack.up, wanted)
    yield made
    await asyncio.to_thread(stack.down)


async def of_type(deployment: Deployment, topic: topics.Topic, name: str) -> list[dict[str, Any]]:
    return [event for event in await deployment.events(topic) if event["type"] == name]


async def test_an_offer_that_too_many_dismiss_stops_itself_and_goes_on_when_it_is_let(deployment: Deployment) -> None:
    async def pauses() -> list[dict[str, Any]]:
        return await of_type(deployment, topics.PLAYBOOKS, "rung.offer_paused")

    async def use(*accounts: str) -> None:
        await deployment.send(
            *(deployment.event(account, "file.stored", properties={"size_gb": 1.7}) for account in accounts)
        )

    await use(*SAYING_NO, *WAITING)
    made = {event["subject"]: event for event in await deployment.until_events(topics.OFFERS, 30)}
    for kind in ("presented", "dismissed"):
        said = [deployment.response(one, made[one]["data"]["offer"]["offer_id"], kind) for one in SAYING_NO]
        await deployment.send(*said, topic=topics.RESPONSES)

    async def paused() -> bool:
        return bool(await pauses())

    await until("the sink pauses the offer", paused, 60)
    (pause,) = await pauses()
    assert pause["data"]["offer"] == "more_storage"
    assert pause["data"]["by"] == "metrics_sink"
    assert re.search(r"of \d+ accounts that saw it, for certain more than 30%$", pause["data"]["why"])

    async def taken_back() -> bool:
        revoked = await of_type(deployment, topics.OFFERS, "rung.offer_revoked")
        return {event["subject"] for event in revoked} == set(WAITING)

    await until("open offers are taken back", taken_back, 60)
    await use("late")
    (decision,) = await deployment.until_events(topics.DECISIONS, 1, "late")
    assert decision["data"]["reason"] == "paused"

    await deployment.switch(OfferResumed, "more_storage")

    async def offered_again() -> bool:
        await use(f"again-{next(deployment.numbers)}")
        offered = await of_type(deployment, topics.OFFERS, "rung.offer_made")
        return any(event["subject"].startswith("again-") for event in offered)

    await until("it is made again", offered_again, 60)
    await asyncio.sleep(4 * LOOK_S)
    assert len(await pauses()) == 1  # the noes of before are not held against it
