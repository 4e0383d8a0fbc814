"""The dashboard "Trigger latency", as code; ``python -m deploy.grafana.dashboard`` writes the JSON that Grafana reads.

Schema of Grafana 11.6. A test holds the JSON against this file and every query against the metrics that exist.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Final

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common, units
from grafana_foundation_sdk.models import dashboard as models

HERE: Final = Path(__file__).parent
FILE: Final = HERE / "dashboards" / "trigger-latency.json"
SOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="prometheus")

P95_LEVEL_S: Final = 0.25
P99_LEVEL_S: Final = 1.0
"""The service levels: event produced to offer fetchable, over 30 days."""

STAGES: Final = "rung_stage_latency_seconds_bucket"

HEIGHT: Final = 8
HALF: Final = 12
QUARTER: Final = 6
"""Sizes of panels, in the 24 columns of Grafana's grid."""


def _query(expr: str, legend: str, ref: str = "A") -> prometheus.Dataquery:
    return prometheus.Dataquery().ref_id(ref).expr(expr).legend_format(legend).range()


def _quantile(q: float, where: str = "", by: str = "le") -> str:
    return f"histogram_quantile({q}, sum by ({by}) (rate({STAGES}{where}[$__rate_interval])))"


def _levels(level: float) -> dashboard.ThresholdsConfig:
    return (
        dashboard.ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value=None, color="green"), models.Threshold(value=level, color="red")])
    )


def _number(title: str, meaning: str, expr: str, unit: str) -> stat.Panel:
    return (
        stat.Panel()
        .title(title)
        .description(meaning)
        .datasource(SOURCE)
        .unit(unit)
        .height(HEIGHT // 2)
        .span(QUARTER)
        .with_target(_query(expr, title))
        .color_mode(common.BigValueColorMode.VALUE)
        .reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]))
        .no_value("no offers")
    )


def _lines(title: str, meaning: str, unit: str, queries: dict[str, str], span: int = HALF) -> timeseries.Panel:
    """A panel of lines; ``queries`` from legend to query."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(meaning)
        .datasource(SOURCE)
        .unit(unit)
        .min(0)
        .height(HEIGHT)
        .span(span)
        .fill_opacity(8)
        .show_points(common.VisibilityMode.NEVER)
        .tooltip(options.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI))
    )
    for ref, (legend, expr) in zip(ascii_uppercase, queries.items(), strict=False):
        panel = panel.with_target(_query(expr, legend, ref))
    return panel


def _fetchable() -> list[stat.Panel]:
    stored = '{stage="stored"}'
    return [
        _number(
            "Fetchable, p95", "Event produced to offer fetchable.", _quantile(0.95, stored), units.Seconds
        ).thresholds(_levels(P95_LEVEL_S)),
        _number(
            "Fetchable, p99", "Event produced to offer fetchable.", _quantile(0.99, stored), units.Seconds
        ).thresholds(_levels(P99_LEVEL_S)),
        _number(
            "Within 250 ms",
            "Share of offers that were fetchable in time; 95 % at least over 30 days.",
            'rung:kept:ratio_30d{level="fetchable_250ms"}',
            units.PercentUnit,
        ),
        _number("Services up", "Of three.", 'sum(up{job=~"trigger_engine|offer_api|metrics_sink"})', units.Short),
    ]


def _latency() -> list[timeseries.Panel]:
    return [
        _lines(
            "From event to fetchable offer",
            "Measured from the broker's record of the usage event to the commit in the offer API's database.",
            units.Seconds,
            {f"p{q * 100:g}": _quantile(q, '{stage="stored"}') for q in (0.5, 0.95, 0.99)},
        )
        .thresholds(_levels(P95_LEVEL_S))
        .thresholds_style(options.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.LINE)),
        _lines(
            "p95 up to each stage",
            "All measured from the broker's record of the usage event: a stage's own time is the step between lines.",
            units.Seconds,
            {"{{stage}}": _quantile(0.95, by="le, stage")},
        ),
        _lines(
            "Waiting streams",
            "Event produced to offer written to a stream that waited for it.",
            units.Seconds,
            {f"p{q * 100:g}": _quantile(q, '{stage="delivered"}') for q in (0.5, 0.95, 0.99)},
        ),
        _lines(
            "Offers timed a second",
            "How many offers the latencies above are made of.",
            units.Short,
            {"{{stage}}": "sum by (stage) (rate(rung_stage_latency_seconds_count[$__rate_interval]))"},
        ),
    ]


def _engine() -> list[timeseries.Panel]:
    return [
        _lines(
            "Moments a second",
            "By kind.",
            units.Short,
            {"{{kind}}": "sum by (kind) (rate(rung_engine_moments_total[$__rate_interval]))"},
        ),
        _lines(
            "Decisions a second",
            "By how they ended.",
            units.Short,
            {"{{verdict}}": "sum by (verdict) (rate(rung_engine_decisions_total[$__rate_interval]))"},
        ),
        _lines(
            "Why nothing was offered",
            "Decisions a second that offered nothing, by reason.",
            units.Short,
            {"{{reason}}": "sum by (reason) (rate(rung_engine_withheld_total[$__rate_interval])) > 0"},
        ),
        _lines(
            "Changes in the life of offers a second",
            "As the engine judged them.",
            units.Short,
            {"{{change}}": "sum by (change) (rate(rung_engine_offer_changes_total[$__rate_interval]))"},
        ),
        _lines(
            "Transactions of the engine",
            "One for each partition and commit: the largest part of an offer's way.",
            units.Seconds,
            {
                f"p{q * 100:g}": f"histogram_quantile({q}, sum by (le) "
                "(rate(rung_engine_commit_seconds_bucket[$__rate_interval])))"
                for q in (0.5, 0.99)
            },
        ),
        _lines(
            "Partition tasks",
            "Those at work, and those that began anew in the last five minutes, by why.",
            units.Short,
            {
                "at work": "sum(rung_engine_partitions)",
                "{{ending}}": "sum by (ending) (increase(rung_engine_task_endings_total[5m]))",
            },
        ),
    ]


def _downstream() -> list[timeseries.Panel]:
    return [
        _lines(
            "Records not folded yet",
            "What lies between the engine and the databases.",
            units.Short,
            {
                "metrics_sink {{log}}": "sum by (log) (rung_sink_lag_records)",
                "offer_api": "sum(rung_api_projection_lag)",
            },
        ),
        _lines(
            "Dead letters a second",
            "Messages that nobody could act on; each lies in rung.dead-letters with its reason.",
            units.Short,
            {
                "engine {{reason}}": "sum by (reason) (rate(rung_engine_dead_letters_total[$__rate_interval])) > 0",
                "api": "sum(rate(rung_api_dead_letters_total[$__rate_interval]))",
                "sink {{reason}}": "sum by (reason) (rate(rung_sink_dead_letters_total[$__rate_interval])) > 0",
            },
        ),
    ]


ROWS: Final[tuple[tuple[str, Callable[[], Sequence[stat.Panel | timeseries.Panel]]], ...]] = (
    ("Service level", _fetchable),
    ("Latency", _latency),
    ("What the engine does", _engine),
    ("After the engine", _downstream),
)
"""The dashboard from top to bottom."""


def build() -> models.Dashboard:
    """The dashboard as a value."""
    made = (
        dashboard.Dashboard("Trigger latency")
        .uid("rung-trigger-latency")
        .description("From what happened in the product to the offer that it earned. Generated: do not edit.")
        .tags(["rung"])
        .editable()
        .refresh("10s")
        .time("now-30m", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
    )
    for title, panels in ROWS:
        made = made.with_row(dashboard.Row(title))
        for panel in panels():
            made = made.with_panel(panel)
    return made.build()


def as_json() -> str:
    """The dashboard as Grafana reads it."""
    return JSONEncoder(sort_keys=True, indent=2).encode(build()) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_json())
