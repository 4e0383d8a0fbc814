"""Real processes, real signals."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from services.kit.db.sessions import Database
from services.offer_api.adapters.postgres import PostgresOffers
from tests.offer_api.makers import an_offer, made, step
from tests.offer_api.process import ended, spawned, started
from tests.offer_api.running import SCHEMA, free_ports, running, until
from tests.offer_api.sse import reading

if TYPE_CHECKING:
    from pathlib import Path

    from tests.offer_api.running import Ground
    from tests.offer_api.signing import Signer

EXIT_CONFIG = 78


@pytest.mark.kafka
@pytest.mark.postgres
async def test_sigterm_with_open_streams_ends_in_time(ground: Ground, signer: Signer) -> None:
    async with started(ground) as api:
        path = "/v1/accounts/acme/offers/stream"
        async with reading(api.http, path, signer.headers()) as one, reading(api.http, path, signer.headers()) as two:
            ending = asyncio.create_task(api.end(signal.SIGTERM))
            assert await one.is_over()
            assert await two.is_over()
        assert await ending == 0


@pytest.mark.kafka
@pytest.mark.postgres
async def test_a_process_killed_while_it_folds_is_followed_by_one_that_goes_on(ground: Ground, signer: Signer) -> None:
    offers = [an_offer(f"o{number}") for number in range(1_200)]
    kept = {offer.offer_id for offer in offers[::2]}
    words = [
        *(made(offer=offer) for offer in offers),
        *(step("dismissed", 2, offer.offer_id) for offer in offers[1::2]),
    ]
    end = (await ground.say(*words))[-1] + 1
    database = Database(ground.database_url, SCHEMA, "test")
    victim = await spawned(ground.environment(*free_ports()))

    async def has_begun() -> bool:
        return sum((await PostgresOffers(database).positions()).values()) > 0

    try:
        await until("the fold has begun", has_begun)
    finally:
        victim.kill()
        await victim.communicate()
    reached = sum((await PostgresOffers(database).positions()).values())
    await database.close()
    assert 0 < reached < end
    async with running(ground) as survivor:
        got = await survivor.http.get("/v1/accounts/acme/offers", headers=signer.headers())
        folded = await survivor.metric("rung_api_changes_folded_total")
    assert {offer["id"] for offer in got.json()["offers"]} == kept
    assert folded == end - reached


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"RUNG_API_PORT": "http"}, "RUNG_API_PORT"),
        ({"RUNG_API_STREAM_LIFE_S": "0"}, "RUNG_API_STREAM_LIFE_S"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "kafka"}, "KAFKA_BOOTSTRAP_SERVERS"),
        ({"RUNG_API_JWKS": ""}, "RUNG_API_JWKS"),
    ],
)
async def test_a_wrong_setting_ends_the_process_with_one_line(wrong: dict[str, str], told: str, tmp_path: Path) -> None:
    right = {
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "RUNG_API_JWKS": str(tmp_path / "jwks.json"),
    }
    code, said = await ended(await spawned({**right, **wrong}))
    lines = said.splitlines()
    assert (code, len(lines)) == (EXIT_CONFIG, 1), said
    assert told in lines[0]


@pytest.mark.kafka
@pytest.mark.postgres
async def test_missing_topics_and_tables_are_told_with_what_to_do(topic_prefix: str, ground: Ground) -> None:
    without_topics = {**ground.environment(0, 0), "RUNG_TOPIC_PREFIX": f"{topic_prefix}-none"}
    code, said = await ended(await spawned(without_topics))
    assert (code, "run `rung topics`" in said) == (EXIT_CONFIG, True), said
    without_tables = {**ground.environment(0, 0), "RUNG_DATABASE_SCHEMA": "empty"}
    code, said = await ended(await spawned(without_tables))
    assert (code, "run `rung migrate`" in said) == (EXIT_CONFIG, True), said
