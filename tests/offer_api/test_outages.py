"""The database goes away and comes back, or has no connection to spare, seen from outside."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import text

from services.kit.db.engine import Pool
from services.kit.db.sessions import Database
from tests.flow.watching import watching
from tests.kit.network import network_to
from tests.offer_api.makers import an_offer, made
from tests.offer_api.running import SCHEMA, running, until
from tests.offer_api.sse import reading

if TYPE_CHECKING:
    from pathlib import Path

    from tests.offer_api.running import Api, Ground
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

PATH = "/v1/accounts/acme"
FOR_REQUESTS = Pool().size
WAITING = """
    select count(*) from pg_stat_activity
    where application_name = :name and datname = current_database() and wait_event_type = 'Lock'
"""


async def test_without_the_database_streams_go_on_and_all_is_folded_when_it_is_back(
    ground: Ground, signer: Signer
) -> None:
    async with network_to(ground.database_url) as (network, url), running(through(ground, url)) as api:
        await ground.say(made(offer=an_offer("before")))
        await api.folded(1)
        async with reading(api.http, f"{PATH}/offers/stream", signer.headers()) as stream:
            assert (await stream.next()).brief() == ("offer", "before")
            await network.cut()
            await ground.say(made(offer=an_offer("during")))
            assert (await stream.next()).brief() == ("offer", "during")
            body = {"id": "r1", "offer": "before", "response": "dismissed"}
            answers = [
                await api.http.get(f"{PATH}/offers", headers=signer.headers()),
                await api.http.get(f"{PATH}/offers/stream", headers=signer.headers()),
                await api.http.post(f"{PATH}/responses", json=body, headers=signer.headers()),
            ]
            assert {(answer.status_code, answer.headers["retry-after"]) for answer in answers} == {(503, "5")}
            assert {answer.json()["type"] for answer in answers} == {"urn:rung:problem:database-unavailable"}

            async def not_ready() -> bool:
                return "database does not answer" in (await api.http.get("/readyz")).text

            await until("it is not ready", not_ready)
            assert (await api.http.get("/healthz")).status_code == 200
            await network.up()
            await api.folded(2)
            await ground.say(made(offer=an_offer("after")))
            assert (await stream.next()).brief() == ("offer", "after")
        await api.folded(3)
        got = await api.http.get(f"{PATH}/offers", headers=signer.headers())
        assert {offer["id"] for offer in got.json()["offers"]} == {"before", "during", "after"}


async def test_offers_are_folded_while_requests_hold_every_connection_that_they_may(api: Api, signer: Signer) -> None:
    await api.ground.say(made())
    await api.folded(1)
    database = Database(api.ground.database_url, SCHEMA, "test")

    async def waiting() -> int:
        async with database.reading() as session:
            return int((await session.execute(text(WAITING), {"name": "rung-offer-api"})).scalar_one())

    async def all_wait() -> bool:
        return await waiting() == FOR_REQUESTS

    async def respond(number: int) -> int:
        body = {"id": f"r{number}", "offer": "o1", "response": "presented"}
        return (await api.http.post(f"{PATH}/responses", json=body, headers=signer.headers())).status_code

    try:
        async with database.writing() as session:
            # a response is noted on its offer's row, and here waits for it with a connection in hand
            await session.execute(text("select from offers where offer_id = 'o1' for update"))
            asked = [asyncio.create_task(respond(number)) for number in range(FOR_REQUESTS)]
            await until("every connection waits", all_wait)
            await api.ground.say(made("other", an_offer("theirs")))
            await api.folded(2)
            assert await all_wait()
        assert await asyncio.gather(*asked) == [202] * FOR_REQUESTS
    finally:
        await database.close()


def through(ground: Ground, url: str) -> Ground:
    return dataclasses.replace(ground, database_url=url)


@pytest.mark.follows("ProjectionBehind")
async def test_a_projection_that_stands_still_is_told_of_by_prometheus_until_the_database_is_back(
    ground: Ground, tmp_path: Path
) -> None:
    async with network_to(ground.database_url) as (network, url), running(through(ground, url)) as api:
        port = httpx.URL(api.operators).port
        assert port is not None
        async with watching(tmp_path, {"offer_api": port}, patient=False) as prometheus:

            async def fires() -> bool:
                return "ProjectionBehind" in await prometheus.firing()

            async def is_silent() -> bool:
                return await prometheus.ask("max(rung_api_paused)") == [0] and not await fires()

            await until("all is well", is_silent)
            await network.cut()
            await ground.say(made())
            await until("the alert fires", fires)
            await network.up()
            await api.folded(1)
            await until("it is silent again", is_silent)
