"""All metrics of the probe."""

from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from services.kit.telemetry.metrics import Metric, Unit
from services.probe.domain.passes import Failure, Pass

FETCHABLE: Final = Metric(
    name="rung_probe_fetchable_seconds",
    meaning="From sending the probe's event until its offer was fetched, as seen from outside.",
    unit=Unit.SECONDS,
)
PUSHED: Final = Metric(
    name="rung_probe_pushed_seconds",
    meaning="From sending the probe's event until its offer came down a stream, as seen from outside.",
    unit=Unit.SECONDS,
)
PASSES: Final = Metric(name="rung_probe_passes_total", meaning="Passes through the whole flow, however they ended.")
FAILURES: Final = Metric(
    name="rung_probe_failures_total",
    meaning="Passes that failed, by the part of the flow that did.",
    labels={"reason": Failure},
)
UP: Final = Metric(name="rung_probe_up", meaning="1 when the newest pass went through.")
LAST_SUCCESS: Final = Metric(
    name="rung_probe_last_success_timestamp_seconds",
    meaning="When a pass last went through, since 1970 UTC; 0 before the first.",
    unit=Unit.SECONDS,
)
PARTITIONS: Final = Metric(name="rung_probe_partitions", meaning="Partitions that are asked in turn.")
FAILING: Final = Metric(
    name="rung_probe_partitions_failing", meaning="Partitions of which the newest pass did not go through."
)

REGISTRY: Final = (FETCHABLE, PUSHED, PASSES, FAILURES, UP, LAST_SUCCESS, PARTITIONS, FAILING)


class ProbeMetrics:
    """The metrics in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._fetchable = FETCHABLE.histogram(registry)
        self._pushed = PUSHED.histogram(registry)
        self._passes = PASSES.counter(registry)
        self._failures = FAILURES.counter(registry)
        self._up = UP.gauge(registry)
        self._last_success = LAST_SUCCESS.gauge(registry)
        self._partitions = PARTITIONS.gauge(registry)
        self._failing = FAILING.gauge(registry)

    def begins(self, partitions: int) -> None:
        """So many partitions will be asked."""
        self._partitions.set(partitions)

    def passed(self, one: Pass, now_s: float, failing: Sequence[int]) -> None:
        """A pass has ended at ``now_s`` (since 1970 UTC); ``failing``: partitions whose newest pass failed."""
        self._passes.inc()
        if one.fetchable_s is not None:
            self._fetchable.observe(one.fetchable_s)
        if one.pushed_s is not None:
            self._pushed.observe(one.pushed_s)
        if one.failed is None:
            self._last_success.set(now_s)
        else:
            self._failures.labels(one.failed.failure.value).inc()
        self._up.set(one.failed is None)
        self._failing.set(len(failing))
