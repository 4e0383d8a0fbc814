"""On a real port, asked by a real client."""

from __future__ import annotations

import socket

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram

from services.kit.telemetry.listener import AddressRefused, operators_app, serving
from tests.kit.ports import free_port


async def test_health_readiness_and_metrics_are_served_each_for_itself() -> None:
    registry = CollectorRegistry()
    Counter("seen", "Seen.", registry=registry).inc()
    faults: dict[str, str | None] = {"alive": None, "ready": "catching up"}
    app = operators_app(registry, lambda: faults["alive"], lambda: faults["ready"])
    port = free_port()
    async with serving(app, "127.0.0.1", port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/healthz")).status_code == 200
        not_ready = await client.get("/readyz")
        assert (not_ready.status_code, not_ready.text) == (503, "catching up\n")
        faults.update(alive="hangs", ready=None)
        assert (await client.get("/healthz")).status_code == 503
        assert (await client.get("/readyz")).text == "ok\n"
        assert "seen_total 1.0" in (await client.get("/metrics")).text


async def test_exemplars_are_shown_to_whoever_asks_for_openmetrics() -> None:
    registry = CollectorRegistry()
    Histogram("took_seconds", "Took.", registry=registry).observe(0.3, {"trace_id": "abc"})
    app = operators_app(registry, lambda: None, lambda: None)
    port = free_port()
    async with serving(app, "127.0.0.1", port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        plain = await client.get("/metrics")
        asked = await client.get("/metrics", headers={"accept": "application/openmetrics-text;version=1.0.0,*/*;q=0.1"})
    assert "abc" not in plain.text
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'took_seconds_bucket{le="0.5"} 1.0 # {trace_id="abc"} 0.3' in asked.text
    assert asked.text.endswith("# EOF\n")
    assert asked.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")


async def test_the_port_is_free_again_after_the_stop() -> None:
    port = free_port()
    app = operators_app(CollectorRegistry(), lambda: None, lambda: None)
    for _ in range(2):
        async with serving(app, "127.0.0.1", port):
            pass
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/healthz")


async def test_a_port_that_is_taken_is_refused_at_the_start() -> None:
    app = operators_app(CollectorRegistry(), lambda: None, lambda: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AddressRefused, match=f"127.0.0.1:{port}"):
            async with serving(app, "127.0.0.1", port):
                pytest.fail("served on a port that is taken")
