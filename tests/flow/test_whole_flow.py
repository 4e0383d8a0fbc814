"""All three services as processes, from a usage event to a front end and back: what `rung up` runs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import httpx
import pytest

from schemas import topics
from schemas.stages import Stage
from services.kit.clock import SystemClock
from services.kit.signing import Signer
from tests.flow.deployment import Deployment
from tests.kit.waiting import until
from tests.offer_api.sse import reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from services.local_stack.stack import LocalStack

OFFERS: Final = "/v1/accounts/acme/offers"


@pytest.fixture
def deployment(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> Deployment:
    return Deployment(kafka_bootstrap, topic_prefix, tmp_path, partitions=12)


@pytest.fixture
async def http(services: LocalStack) -> AsyncIterator[httpx.AsyncClient]:
    token = Signer(services.private_key, "rung-dev", "rung", SystemClock()).token("acme")
    url = f"http://127.0.0.1:{services.port('offer_api', 'RUNG_API_PORT')}"
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
        yield client


async def shown(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await http.get(OFFERS)).raise_for_status().json()["offers"]
    return found


async def funnel(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow("select * from rung.offer_funnel where offer = 'more_storage'")
        return {} if row is None else {name: row[name] for name in ("made", "presented", "dismissed")}
    finally:
        await connection.close()


async def conversions(url: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        columns = "account, kind, bought, increase, once, currency, offer"
        found = await connection.fetch(f"select {columns} from rung.conversions order by at")  # noqa: S608 - ours
        return [tuple(row) for row in found]
    finally:
        await connection.close()


@pytest.mark.timeout(180)
async def test_an_offer_reaches_the_front_end_and_a_no_comes_back(
    services: LocalStack, deployment: Deployment, http: httpx.AsyncClient
) -> None:
    assert await shown(http) == []
    async with reading(http, f"{OFFERS}/stream", dict(http.headers)) as stream:
        await deployment.send(deployment.event("acme", "file.stored", properties={"size_gb": 1.7}))
        event = await stream.next()
        assert event.name == "offer"

        async def fetchable() -> bool:
            return len(await shown(http)) == 1

        await until("the offer can be fetched", fetchable)
        (offer,) = await shown(http)
        assert offer["id"] == event.data["id"]
        assert offer["evidence"][0]["value"] == "1.7"

        for kind in ("presented", "dismissed"):
            answer = {"id": f"r-{kind}", "offer": offer["id"], "response": kind}
            assert (await http.post("/v1/accounts/acme/responses", json=answer)).status_code == 202
        assert await shown(http) == []
        while (event := await stream.next()).name != "gone":
            pass
        assert event.data["id"] == offer["id"]

    # another 80 % would be the same step; the family stays closed until then, and the decision says so
    await deployment.send(deployment.event("acme", "rung.plan_changed", plan="plus"))
    await deployment.send(deployment.event("acme", "file.stored", properties={"size_gb": 1598.3}))
    decisions = await deployment.until_events(topics.DECISIONS, 2)
    assert decisions[1]["data"]["verdict"] == "withheld"
    assert await shown(http) == []

    async def told() -> bool:
        return await funnel(services.database_url) == {"made": 1, "presented": 1, "dismissed": 1}

    await until("the sink has the whole story", told)

    async def credited() -> bool:
        bought = await conversions(services.database_url)
        by = ("USD", "more_storage")
        return bought == [
            ("acme", "plan", "plus", Decimal(10), Decimal(0), *by),
            ("acme", "product", "cable", Decimal(0), Decimal("9.5"), *by),
        ]

    await deployment.send(deployment.event("acme", "rung.product_bought", product="cable", term="once", price=9.5))
    await until("the offer, which was seen, has the credit for what was bought after all", credited)
    await assert_stages(services)


async def assert_stages(services: LocalStack) -> None:
    """Each stage of the way was measured, where it happens."""
    engine = await metrics(services.port("trigger_engine", "RUNG_ENGINE_HTTP_PORT"))
    api = await metrics(services.port("offer_api", "RUNG_API_HTTP_PORT"))
    for text, stages in (
        (engine, (Stage.CONSUMED, Stage.DECIDED, Stage.PUBLISHED)),
        (api, (Stage.STORED, Stage.DELIVERED)),
    ):
        for stage in stages:
            count = f'rung_stage_latency_seconds_count{{stage="{stage.value}"}} '
            (line,) = [line for line in text.splitlines() if line.startswith(count)]
            assert float(line.removeprefix(count)) >= 1, stage


async def metrics(port: int) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{port}/metrics")).text


async def test_a_foreign_account_looks_like_a_missing_one(services: LocalStack, http: httpx.AsyncClient) -> None:
    del services
    foreign = await http.get("/v1/accounts/other/offers")
    missing = await http.get("/v1/nothing-here")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.headers["content-type"] == "application/problem+json"
    assert foreign.content == missing.content
