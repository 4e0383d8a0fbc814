"""A real Prometheus of the test's own that watches three services."""

from __future__ import annotations

import asyncio
import math
import signal
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx
import yaml

from services.local_stack.launch import tied
from tests.deploy.prometheus import FOLDER, RULES, program
from tests.flow.deployment import free_port
from tests.kit.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

EVERY: Final = "1s"
"""Between two scrapes, and between two evaluations: a test does not wait for minutes."""

RATE_INTERVAL: Final = "1m"
"""What Grafana fills in; longer than the traffic of a test and the questions after it."""


SHORT: Final = {
    "[5m]": "[8s]", "[10m]": "[8s]", "[15m]": "[8s]", "[30m]": "[9s]", "[1h]": "[10s]", "[2h]": "[11s]",
    "[6h]": "[12s]", "[1d]": "[13s]", "[3d]": "[14s]",
}  # fmt: skip
"""What windows of rules are shortened to, so that an alert can be seen to clear; they stay in their order."""

EXEMPLARS_S: Final = 300
"""Further back than any test began."""


class Prometheus:
    """Asks one Prometheus."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            return (await self._http.get("/-/ready")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def ask(self, query: str) -> list[float]:
        """The values of ``query`` now, without those that are no number."""
        answer = await self._http.get(
            "/api/v1/query", params={"query": query.replace("$__rate_interval", RATE_INTERVAL)}
        )
        told = answer.json()
        assert told["status"] == "success", told
        values = [float(series["value"][1]) for series in told["data"]["result"]]
        return [value for value in values if not math.isnan(value)]

    async def exemplars(self, series: str) -> list[tuple[dict[str, str], str]]:
        """The exemplars of ``series`` in the last minutes: labels of each series, and the trace that it leads to."""
        span = {"start": time.time() - EXEMPLARS_S, "end": time.time() + 1}  # noqa: TID251 - Prometheus goes by it
        answer = await self._http.get("/api/v1/query_exemplars", params={"query": series, **span})
        told = answer.json()
        assert told["status"] == "success", told
        return [
            (found["seriesLabels"], exemplar["labels"]["trace_id"])
            for found in told["data"]
            for exemplar in found["exemplars"]
        ]

    async def firing(self) -> set[str]:
        """The names of the alerts that fire."""
        return {rule["name"] for rule in await self.rules() if rule.get("state") == "firing"}

    async def alerts(self, name: str) -> list[dict[str, Any]]:
        """What fires of this alert, with labels and annotations."""
        told = [alert for rule in await self.rules() if rule["name"] == name for alert in rule.get("alerts", ())]
        return [alert for alert in told if alert["state"] == "firing"]

    async def rules(self) -> list[dict[str, Any]]:
        """All rules, with their health."""
        groups = (await self._http.get("/api/v1/rules")).json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


@asynccontextmanager
async def watching(
    home: Path,
    ports: Mapping[str, int | Sequence[int]],
    *,
    patient: bool = True,
    instead: Mapping[str, str] | None = None,
) -> AsyncIterator[Prometheus]:
    """Prometheus with the rules of this repository, only sooner; ``ports``: of each job's listeners.

    Unless it is ``patient`` an alert fires at once, however short what it is about. ``instead``: what stands in the
    rules, and what takes its place: `SHORT` windows, or a bound that a test can reach.
    """
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": EVERY, "evaluation_interval": EVERY}
    config["scrape_configs"] = [job for job in config["scrape_configs"] if job["job_name"] in ports]
    for job in config["scrape_configs"]:
        job.pop("dns_sd_configs", None)
        told = ports[job["job_name"]]
        listeners = [told] if isinstance(told, int) else told
        job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in listeners]}]
    for path in RULES:
        rules = yaml.safe_load(path.read_text())
        for group in rules["groups"]:
            group["interval"] = EVERY
            for rule in group["rules"]:
                if "for" in rule and not patient:
                    rule["for"] = "0s"
                rule["expr"] = _with(rule["expr"], instead or {})
        (home / path.name).write_text(yaml.safe_dump(rules))
    (home / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    arguments = [
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
    ]
    with (home / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *tied([program("prometheus"), *arguments], signal.SIGKILL), stdout=log, stderr=log
        )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
                prometheus = Prometheus(http)
                await until(f"Prometheus is ready, see {home}", prometheus.is_ready)
                yield prometheus
        finally:
            process.terminate()
            await process.wait()


def _with(expr: str, instead: Mapping[str, str]) -> str:
    for told, other in instead.items():
        expr = expr.replace(told, other)
    return expr
