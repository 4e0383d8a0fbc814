"""A real log through Kafka and the engine: exact counts, also when the engine is killed on the way."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import httpx
import pytest

from schemas import topics
from tests.flow.deployment import Deployment
from tests.flow.test_engine import assert_journal_is_whole, counted, settled
from tests.kit.waiting import until
from tests.oracle.agreeing import assert_the_oracle_agrees
from tests.real_data import yammer
from tests.real_data.replaying import by_account, replayed

if TYPE_CHECKING:
    from tests.flow.deployment import Engine

TIMEOUT_S = 300
SETTINGS = {
    "RUNG_ENGINE_TIME": "log",
    "RUNG_ENGINE_LATENESS_S": str(yammer.LATENESS_S),
    "RUNG_ENGINE_SESSION_MS": "2000",
}


async def users_by_moment(deployment: Deployment) -> dict[str, Counter[str]]:
    """For each moment, how often each user passed it, as decided."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for event in await deployment.events(topics.DECISIONS):
        for moment in event["data"]["moments"]:
            found[moment["moment"]][f"{event['subject']}/{event['data']['user']}"] += 1
    return found


def expected() -> dict[str, set[str]]:
    """The same from the file alone, by plain counting."""
    done: dict[str, Counter[str]] = defaultdict(Counter)
    seen = set()
    for account, user, name, message in yammer.rows():
        event_id = json.loads(message)["id"]
        if event_id not in seen:
            seen.add(event_id)
            done[name][f"{account}/{user}"] += 1
    steps = [set(done[step]) for step in yammer.SIGNUP]
    return {
        "signed_up": set.intersection(*steps),
        "first_search": set(done["search_run"]),
        "ten_messages": {user for user, count in done["send_message"].items() if count >= 10},
    }


def test_the_file_holds_what_its_readme_says() -> None:
    found = expected()
    assert len(found["signed_up"]) == yammer.SIGNED_UP
    assert len(found["first_search"]) == yammer.SEARCHED
    assert len(found["ten_messages"]) == yammer.TEN_MESSAGES


async def prepared(deployment: Deployment) -> None:
    await deployment.prepare(yammer.PRODUCT, yammer.PLAYBOOK)
    await deployment.send_raw((account, message) for account, _, _, message in yammer.rows())


async def work_to_the_end(deployment: Deployment) -> None:
    await until("all is journaled", lambda: settled(deployment), TIMEOUT_S)


@pytest.mark.timeout(900)
async def test_a_real_log_gives_exact_counts_and_the_same_when_the_engine_is_killed(
    deployment: Deployment, kafka_bootstrap: str, topic_prefix: str
) -> None:
    await prepared(deployment)
    engine = await deployment.engine(wait=False, **SETTINGS)
    await work_to_the_end(deployment)
    handled = "rung_engine_records_total"
    assert await engine.metric(handled, handled="counted") == yammer.EVENTS - yammer.DUPLICATES
    assert await engine.metric(handled, handled="duplicate") == yammer.DUPLICATES
    assert await deployment.read(topics.DEAD_LETTERS) == []
    await engine.stop()
    found = await users_by_moment(deployment)
    assert {moment: set(users) for moment, users in found.items()} == expected()
    decided = Counter(event["id"] for event in await deployment.events(topics.DECISIONS))
    assert set(decided.values()) == {1}  # a moment that is held is decided again, and never twice the same

    again = Deployment(kafka_bootstrap, f"{topic_prefix}k", deployment.home, engines=deployment.engines)
    await prepared(again)
    for share in (1, 2):
        engine = await again.engine(wait=False, **SETTINGS)
        await until("it is on its way", lambda: some_work(engine, yammer.EVENTS // 12), TIMEOUT_S)  # noqa: B023 - at once
        await engine.kill()
        assert not await settled(again), f"kill {share} came too late to matter"
    await again.engine(wait=False, **SETTINGS)
    await work_to_the_end(again)
    assert await again.events(topics.DECISIONS) == await deployment.events(topics.DECISIONS)
    assert await again.events(topics.OFFERS) == await deployment.events(topics.OFFERS)
    assert await again.events(topics.OUTCOMES) == await deployment.events(topics.OUTCOMES)
    ids = Counter(event["id"] for event in await again.events(topics.OFFERS))
    assert ids
    assert set(ids.values()) == {1}
    assert await replayed(deployment, yammer.PRODUCT, yammer.PLAYBOOK, yammer.LATENESS_S) == by_account(
        await deployment.events(topics.DECISIONS)
    )
    await assert_journal_is_whole(again)
    await assert_the_oracle_agrees(deployment)
    await assert_the_oracle_agrees(again)


async def some_work(engine: Engine, count: int) -> bool:
    try:
        return await counted(engine, count)
    except httpx.TransportError:  # it does not listen yet
        assert engine.process.returncode is None, engine.log.read_text()
        return False
