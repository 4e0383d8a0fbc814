"""How long an offer took from the usage event to each stage of its way: one histogram that all services fill."""

from typing import Final

from prometheus_client import CollectorRegistry

from schemas.stages import Stage
from schemas.traces import Trace
from services.kit.clock import US_PER_MS, US_PER_S
from services.kit.telemetry.metrics import Metric, Unit, exemplar

STAGE_LATENCY: Final = Metric(
    name="rung_stage_latency_seconds",
    meaning="From the broker's record of the usage event to each later stage of the offer that it earned.",
    unit=Unit.SECONDS,
    labels={"stage": Stage},
)


class StageLatency:
    """The histogram `STAGE_LATENCY` in one service's registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._histogram = STAGE_LATENCY.histogram(registry)

    def observe(self, stage: Stage, produced_ms: int, now_us: int, trace: Trace | None = None) -> None:
        """``stage`` was reached at ``now_us`` by what was produced at ``produced_ms`` (since 1970 UTC).

        Two machines' clocks may disagree by a little; a stage is never reached before its event. ``trace`` is the one
        that the bucket's exemplar leads to.
        """
        latency_s = max(0.0, (now_us - produced_ms * US_PER_MS) / US_PER_S)
        self._histogram.labels(stage.value).observe(latency_s, exemplar(trace))
