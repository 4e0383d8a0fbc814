"""What a registry of metrics is made of: each entry has a name, a unit, labels from enums, and a meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from schemas.traces import Trace

LATENCY_BUCKETS_S: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5,
    0.75, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip
"""Seconds; dense around the service levels of 10 ms, 250 ms, 300 ms and 1 s."""

AGE_BUCKETS_S: Final = (
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0,
)  # fmt: skip
"""Seconds; from what is at once to a week: how old something is, or how long people take."""


# a second series for each counter, with the time it was made, which nobody asks for
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it so


class Unit(StrEnum):
    """Units, as Prometheus names them."""

    ONE = ""
    SECONDS = "seconds"
    BYTES = "bytes"


@dataclass(frozen=True)
class Metric:
    """One metric of a service. ``labels`` names each label and the closed set of its values; ids are never labels."""

    name: str
    meaning: str
    unit: Unit = Unit.ONE
    labels: Mapping[str, type[StrEnum]] = field(default_factory=dict)

    def counter(self, registry: CollectorRegistry) -> Counter:
        """The metric as a counter in ``registry``; all its label values exist from the start, at 0."""
        made = Counter(self.name, self.meaning, tuple(self.labels), registry=registry)
        self._fill(made)
        return made

    def gauge(self, registry: CollectorRegistry) -> Gauge:
        """The metric as a gauge in ``registry``."""
        return Gauge(self.name, self.meaning, tuple(self.labels), registry=registry)

    def histogram(self, registry: CollectorRegistry, buckets: tuple[float, ...] = LATENCY_BUCKETS_S) -> Histogram:
        """The metric as a histogram in ``registry``."""
        made = Histogram(self.name, self.meaning, tuple(self.labels), registry=registry, buckets=buckets)
        self._fill(made)
        return made

    def _fill(self, made: Counter | Histogram) -> None:
        # a series that is born with its first event hides that event from rate()
        if self.labels:
            for values in product(*self.labels.values()):
                made.labels(*(value.value for value in values))


def exemplar(trace: Trace | None) -> dict[str, str] | None:
    """What leads from a bucket to ``trace``; ids are never labels, and an exemplar's are not."""
    return None if trace is None else {"trace_id": trace.trace_id}
