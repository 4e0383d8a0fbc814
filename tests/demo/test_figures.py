from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from schemas.stages import Stage
from services.demo.figures import Buckets, buckets_of, quantile_of
from services.kit.telemetry.stages import StageLatency

INFINITE = float("inf")


def exposed(*latencies_ms: int) -> str:
    registry = CollectorRegistry()
    stages = StageLatency(registry)
    for latency_ms in latencies_ms:
        stages.observe(Stage.STORED, produced_ms=1_000, now_us=(1_000 + latency_ms) * 1_000)
        stages.observe(Stage.DELIVERED, produced_ms=1_000, now_us=31_000_000)
    return generate_latest(registry).decode()


def test_the_services_own_histogram_is_read() -> None:
    buckets = buckets_of(exposed(3, 30, 300), Stage.STORED)
    assert buckets[-1] == (INFINITE, 3.0)
    assert dict(buckets)[0.05] == 2.0
    assert [upper for upper, _ in buckets] == sorted(upper for upper, _ in buckets)


@pytest.mark.parametrize(
    ("buckets", "share", "found"),
    [
        pytest.param((), 0.5, None, id="no histogram"),
        pytest.param(((0.1, 0.0), (INFINITE, 0.0)), 0.5, None, id="nothing in it"),
        pytest.param(((0.1, 10.0), (0.2, 20.0), (INFINITE, 20.0)), 0.5, 0.1, id="at a bound"),
        pytest.param(((0.1, 10.0), (0.2, 20.0), (INFINITE, 20.0)), 0.75, 0.15, id="halfway between bounds"),
        pytest.param(((0.1, 10.0), (INFINITE, 20.0)), 0.99, 0.1, id="beyond the last bound"),
    ],
)
def test_a_quantile_is_as_prometheus_would_have_it(buckets: Buckets, share: float, found: float | None) -> None:
    assert quantile_of(buckets, share) == (None if found is None else pytest.approx(found))
