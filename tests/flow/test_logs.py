"""What three services at work write to their logs: JSON lines, and nothing that people or secrets could be known by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from schemas import topics
from services.kit.clock import SystemClock
from services.kit.signing import Signer
from services.local_stack.parts import SERVICES
from tests.flow.deployment import Deployment
from tests.kit.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from services.local_stack.stack import LocalStack

CANARY: Final = "canary"
"""In everything that a person could be known by: it is to sing in no log."""

USER: Final = f"{CANARY}-jane@example.com"

TOLD_OF: Final = {topics.OFFERS: "dead letter", topics.DECISIONS: "dead letter", topics.OUTCOMES: "set aside"}
"""What is logged of a message that can not be read. The engine logs none: of intake there may be any number."""


@pytest.fixture
def deployment(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> Deployment:
    return Deployment(kafka_bootstrap, topic_prefix, tmp_path, partitions=12)


def broken(deployment: Deployment) -> list[bytes]:
    """Messages that nobody can act on, each with the canary in another place."""
    whole = deployment.event("acme", "file.stored", user=USER, properties={"size_gb": 1})
    return [
        f"not json, {CANARY}".encode(),
        json.dumps({**whole, "time": f"{CANARY} o'clock"}).encode(),
        json.dumps({**whole, "data": {"user": USER, "quantity": CANARY}}).encode(),
        json.dumps({**whole, "data": {"user": USER, "properties": {CANARY: {CANARY: CANARY}}}}).encode(),
        json.dumps({**whole, "type": "rung.attribute_set", "data": {CANARY: CANARY}}).encode(),
        json.dumps({**whole, "type": "rung.offer_made", "data": {"user": USER}}).encode(),
    ]


async def front_ends(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """What front ends send, right and wrong."""
    said = {"id": f"{CANARY}-r", "offer": CANARY, "response": "presented", "user": USER}
    for given in ({}, {"Authorization": f"Bearer {CANARY}.{CANARY}.{CANARY}"}, headers):
        await http.get("/v1/accounts/acme/offers", params={"user": USER}, headers=given)
        await http.post("/v1/accounts/acme/responses", json=said, headers=given)
        await http.post("/v1/accounts/acme/responses", content=f'{{"user": {CANARY}', headers=given)
        await http.get(f"/v1/{CANARY}", headers=given)


def lines(home: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every line of the services' logs, with the service it is of; fails on one that is no JSON object."""
    logs = {service.name: next(home.rglob(f"{service.name}.log")) for service in SERVICES}
    return [(name, json.loads(line)) for name, log in logs.items() for line in log.read_text().splitlines()]


@pytest.mark.timeout(180)
async def test_logs_are_json_lines_without_people_tokens_or_passwords(
    services: LocalStack, deployment: Deployment, tmp_path: Path
) -> None:
    token = Signer(services.private_key, "rung-dev", "rung", SystemClock()).token("acme")
    await deployment.send(
        deployment.event("acme", "rung.attribute_set", name="industry", value=f"{CANARY} and sons"),
        deployment.event("acme", "file.stored", user=USER, properties={"size_gb": 1.7, "email": USER}),
    )
    for topic in (topics.USAGE, topics.RESPONSES, *TOLD_OF):
        await deployment.send_raw((("acme", message) for message in broken(deployment)), topic)
    url = f"http://127.0.0.1:{services.port('offer_api', 'RUNG_API_PORT')}"
    async with httpx.AsyncClient(base_url=url, timeout=20) as http:
        await front_ends(http, {"Authorization": f"Bearer {token}"})

    def all_told() -> bool:
        told = {(line.get("topic"), line["event"]) for _, line in lines(tmp_path)}
        return {(topic.under(deployment.prefix), word) for topic, word in TOLD_OF.items()} <= told

    await until("what is broken is told of", all_told)
    written = lines(tmp_path)
    assert {line["service"].removeprefix("rung-").replace("-", "_") for _, line in written} == {
        s.name for s in SERVICES
    }
    assert all({"event", "level", "timestamp"} <= set(line) for _, line in written)
    text = "\n".join(json.dumps(line) for _, line in written)
    assert CANARY not in text
    assert token.rsplit(".", 1)[1] not in text
    assert (urlsplit(services.database_url).password or token) not in text
