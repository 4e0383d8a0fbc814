"""Writes ``docs/metrics.md`` from the registries: ``python -m tests.deploy.metrics_page``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.deploy.compose import ROOT
from tests.deploy.registries import SERVICES, Service, base

if TYPE_CHECKING:
    from services.kit.telemetry.metrics import Metric

PAGE: Final = ROOT / "docs" / "metrics.md"

MOST: Final = 10
"""Values of a label that are listed; of more, the enum that they come from is named."""

HEAD: Final = """# Metrics

What the three services, and the probe, show at `/metrics` of their operators' ports (9101 to 9104). Written from the
registries in `services/*/metrics.py` by `python -m tests.deploy.metrics_page`: do not edit. A test holds this page, and
what a run shows, against them.

Labels come from closed lists, never from ids. A counter or histogram shows every value of its labels from the start, at
0. The engine counts for each chunk of records or commit, never for each event. How far the engine is behind its logs,
in records, is told to the consumer group `rung-trigger_engine` every 5 s, where any lag tool finds it.

Asked for OpenMetrics, as Prometheus asks, the latency histograms have exemplars: the trace of an offer that fell into a
bucket. [One event, all the way](operators.md#follow-one-event) tells how to get them, and what the spans below are.

What is worked out from these, and who is woken by what: `deploy/prometheus`, and the [runbooks](runbooks/README.md).
"""


def page() -> str:
    """The page as it has to be."""
    return HEAD + "".join(_section(service) for service in SERVICES) + _spans()


def _section(service: Service) -> str:
    families = service.families()
    rows = [_row(metric, families[base(metric)].type) for metric in sorted(service.declared, key=base)]
    return "\n".join([f"\n## {service.name}\n", "| metric | kind | labels | meaning |", "|---|---|---|---|", *rows, ""])


def _spans() -> str:
    rows = [
        f"| {service.name} | `{step.name}` | {step.kind.value} | {step.meaning} |"
        for service in SERVICES
        for step in service.steps
    ]
    return "\n".join(["\n## Spans\n", "| service | span | kind | meaning |", "|---|---|---|---|", *rows, ""])


def _row(metric: Metric, kind: str) -> str:
    name = base(metric) + ("_total" if kind == "counter" else "")
    labels = "<br>".join(_label(label, values) for label, values in metric.labels.items())
    unit = f", {metric.unit.value}" if metric.unit else ""
    return f"| `{name}` | {kind}{unit} | {labels} | {metric.meaning} |"


def _label(label: str, values: type) -> str:
    told = [str(value) for value in values]  # type: ignore[attr-defined]  # an enum's class is a list of its values
    if len(told) > MOST:
        return f"`{label}`: one of the {len(told)} of `{values.__name__}`"
    return f"`{label}`: {', '.join(told)}"


if __name__ == "__main__":
    PAGE.write_text(page())
