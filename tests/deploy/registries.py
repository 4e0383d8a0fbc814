"""The metrics of each service: those that it declares, and those that a process of it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from prometheus_client import CollectorRegistry

from services.kit.telemetry.stages import STAGE_LATENCY
from services.metrics_sink import metrics as sink
from services.offer_api import metrics as api
from services.probe import metrics as probe
from services.trigger_engine import metrics as engine

if TYPE_CHECKING:
    from prometheus_client import Metric as Family

    from services.kit.telemetry.metrics import Metric
    from services.kit.telemetry.traces import Step


class Service(NamedTuple):
    """A service by its name, what it declares, its registry as it stands at the start of a process, and its spans."""

    name: str
    declared: tuple[Metric, ...]
    shown: CollectorRegistry
    steps: tuple[Step, ...] = ()

    def families(self) -> dict[str, Family]:
        """What it shows, by the name that is declared (a counter's with or without ``_total``)."""
        return {family.name: family for family in self.shown.collect()}


def _engine() -> CollectorRegistry:
    registry = CollectorRegistry()
    engine.EngineMetrics(registry)
    return registry


def _sink() -> CollectorRegistry:
    registry = CollectorRegistry()
    sink.SinkMetrics(registry)
    return registry


def _probe() -> CollectorRegistry:
    registry = CollectorRegistry()
    probe.ProbeMetrics(registry)
    return registry


SERVICES: Final = (
    Service("trigger_engine", (*engine.REGISTRY, STAGE_LATENCY), _engine(), engine.STEPS),
    Service("offer_api", (*api.REGISTRY, STAGE_LATENCY), api.Metrics().registry, api.STEPS),
    Service("metrics_sink", sink.REGISTRY, _sink()),
    Service("probe", probe.REGISTRY, _probe()),
)


def base(metric: Metric) -> str:
    """The name that Prometheus knows the family by."""
    return metric.name.removesuffix("_total")
