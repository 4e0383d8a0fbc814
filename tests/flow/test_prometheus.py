"""A real Prometheus scrapes the three services and the probe at work: every query of every dashboard has an answer."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Final

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.grafana.boards import BOARDS, as_json
from services.kit.clock import SystemClock
from services.kit.signing import Signer
from tests.deploy.registries import SERVICES, base
from tests.flow.deployment import Deployment
from tests.flow.watching import watching
from tests.kit.waiting import until
from tests.offer_api.sse import reading

if TYPE_CHECKING:
    from pathlib import Path

    from services.local_stack.stack import LocalStack

ACCOUNTS: Final = tuple(f"account-{number}" for number in range(12))
"""More than the least that a share is told of."""

LISTENERS: Final = {
    "trigger_engine": "RUNG_ENGINE_HTTP_PORT",
    "offer_api": "RUNG_API_HTTP_PORT",
    "metrics_sink": "RUNG_SINK_HTTP_PORT",
    "probe": "RUNG_PROBE_HTTP_PORT",
}

ANSWERS_S: Final = 40
"""For a few scrapes after the traffic."""


def queries() -> list[str]:
    """Every query of every panel."""
    panels = [panel for board in BOARDS for panel in json.loads(as_json(board))["panels"]]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


@pytest.fixture
def deployment(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> Deployment:
    return Deployment(kafka_bootstrap, topic_prefix, tmp_path, partitions=12)


async def traffic(services: LocalStack, deployment: Deployment) -> None:
    """Each account gets an offer while it watches, fetches it, checks it, sees it and says no; and some is amiss."""
    signer = Signer(services.private_key, "rung-dev", "rung", SystemClock())
    url = f"http://127.0.0.1:{services.port('offer_api', 'RUNG_API_PORT')}"
    async with AsyncExitStack() as exits:
        http = await exits.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20))
        headers = {account: {"Authorization": f"Bearer {signer.token(account)}"} for account in ACCOUNTS}
        paths = {account: f"/v1/accounts/{account}/offers" for account in ACCOUNTS}
        streams = [
            await exits.enter_async_context(reading(http, f"{paths[account]}/stream", headers[account]))
            for account in ACCOUNTS
        ]
        await deployment.send(
            *(deployment.event(account, "file.stored", properties={"size_gb": 1.7}) for account in ACCOUNTS)
        )
        for account, stream in zip(ACCOUNTS, streams, strict=True):
            offer = (await stream.next()).data["id"]
            await until("it is fetchable, too", partial(_is_there, http, paths[account], headers[account]))
            (await http.post(f"{paths[account]}/{offer}/check", headers=headers[account])).raise_for_status()
            for kind in ("presented", "dismissed"):
                said = {"id": f"r-{kind}", "offer": offer, "response": kind}
                told = f"/v1/accounts/{account}/responses"
                (await http.post(told, json=said, headers=headers[account])).raise_for_status()
    # what earned an offer that was refused earns none again, and says why; and one message is no event
    await deployment.send(
        *(deployment.event(account, "rung.plan_changed", plan="plus") for account in ACCOUNTS),
        *(deployment.event(account, "file.stored", properties={"size_gb": 1598.3}) for account in ACCOUNTS),
    )
    await deployment.send_raw([("acme", b"not json")])


async def _is_there(http: httpx.AsyncClient, path: str, headers: dict[str, str]) -> bool:
    return bool((await http.get(path, headers=headers)).raise_for_status().json()["offers"])


@pytest.mark.timeout(180)
async def test_every_query_of_a_dashboard_has_an_answer(
    services_and_probe: LocalStack, deployment: Deployment, tmp_path: Path
) -> None:
    services = services_and_probe
    ports = {job: services.port(job, variable) for job, variable in LISTENERS.items()}
    async with watching(tmp_path, ports) as prometheus:

        async def all_are_scraped() -> bool:
            return await prometheus.ask("sum(up)") == [len(LISTENERS)]

        await until("all services are scraped", all_are_scraped)
        await traffic(services, deployment)
        silent = queries()

        async def all_answer() -> bool:
            silent[:] = [query for query in silent if not await prometheus.ask(query)]
            return not silent

        try:
            await until("every query has an answer", all_answer, ANSWERS_S)
        except AssertionError:
            assert silent == []
        assert await prometheus.ask("nothing_of_this_name") == []  # so silence is seen
        assert [rule for rule in await prometheus.rules() if rule["health"] != "ok"] == []
        assert await prometheus.ask('rung:kept:ratio_30d{level="fetchable_1s"}') != []
        # the dead letter is one of few records: an alert may be pending, and none of so short a run fires
        assert {alert for alert in await prometheus.firing() if not alert.startswith("ServiceLevel")} == set()
    await assert_registries(ports)


async def assert_registries(ports: dict[str, int]) -> None:
    """What processes show is what is declared, to the name."""
    async with httpx.AsyncClient() as http:
        for service in SERVICES:
            text = (await http.get(f"http://127.0.0.1:{ports[service.name]}/metrics")).text
            shown = {family.name for family in text_string_to_metric_families(text)}
            assert shown == {base(metric) for metric in service.declared}, service.name
