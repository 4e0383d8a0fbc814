"""The dashboards, as code; ``python -m deploy.grafana.boards`` writes the JSON that Grafana reads.

Schema of Grafana 11.6. Tests hold the JSON against this file, every query against the metrics that exist, and ask a
Prometheus that watches a run every one of them.
"""

from pathlib import Path
from typing import Final, NamedTuple

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import units

from deploy.grafana.downstream import delivery, outcomes
from deploy.grafana.panels import Panels, levels, lines, marked, number, quantile, quantiles, rate
from deploy.prometheus.levels import LEVELS, SPAN, WINDOWS

FOLDER: Final = Path(__file__).parent / "dashboards"

P95_LEVEL_S: Final = 0.25
P99_LEVEL_S: Final = 1.0
PUSH_LEVEL_S: Final = 0.3
"""The service levels: event produced to offer fetchable (p95, p99), push (p95), over 30 days."""

STAGES: Final = "rung_stage_latency_seconds"
STORED: Final = '{stage="stored"}'
DELIVERED: Final = '{stage="delivered"}'


class Board(NamedTuple):
    """One dashboard: rows of panels, by their titles."""

    uid: str
    title: str
    meaning: str
    rows: dict[str, Panels]

    @property
    def file(self) -> Path:
        """Where its JSON lies."""
        return FOLDER / f"{self.uid.removeprefix('rung-')}.json"


def _service_levels() -> dict[str, Panels]:
    return {
        "Kept, over 30 days": [
            number(
                level.name,
                f"Share that was in time; {level.share:.0%} at least is promised.",
                f'rung:kept:ratio_{SPAN}{{level="{level.name}"}}',
                units.PercentUnit,
            )
            for level in LEVELS
        ],
        "How fast the budgets burn": [
            lines(
                level.name,
                "1 spends the budget in exactly 30 days. An hour above 14.4 wakes somebody.",
                units.Short,
                {window: f'rung:burn:rate{window}{{level="{level.name}"}}' for window in WINDOWS},
            )
            for level in LEVELS
        ],
        "The probe, from outside": [
            number(
                "Came through",
                "1: the newest pass of the probe did, from its event to both doors.",
                "min(rung_probe_up)",
                units.Short,
            ),
            number(
                "Partitions failing",
                "Of which the newest pass did not come through.",
                "max(rung_probe_partitions_failing)",
                units.Short,
            ),
            marked(
                lines(
                    "Event sent to offer fetched",
                    "Of the probe's accounts, on the clock of who asks. Of six passes a minute.",
                    units.Seconds,
                    quantiles("rung_probe_fetchable_seconds", qs=(0.5, 0.95)),
                ),
                P95_LEVEL_S,
            ),
            marked(
                lines(
                    "Event sent to offer pushed",
                    "The same down a stream.",
                    units.Seconds,
                    quantiles("rung_probe_pushed_seconds", qs=(0.5, 0.95)),
                ),
                PUSH_LEVEL_S,
            ),
            lines(
                "Passes that failed",
                "In five minutes, by the part of the flow that did; of all that there were.",
                units.Short,
                {
                    "{{reason}}": "sum by (reason) (increase(rung_probe_failures_total[5m]))",
                    "passes": "sum(increase(rung_probe_passes_total[5m]))",
                },
            ),
        ],
        "Processes": [
            number("Services up", "Of three.", 'sum(up{job=~"trigger_engine|offer_api|metrics_sink"})', units.Short)
        ],
    }


def _trigger_latency() -> dict[str, Panels]:
    return {
        "Now": [
            number(
                "Fetchable, p95", "Event produced to offer fetchable.", quantile(0.95, STAGES, STORED), units.Seconds
            ).thresholds(levels(P95_LEVEL_S)),
            number(
                "Fetchable, p99", "Event produced to offer fetchable.", quantile(0.99, STAGES, STORED), units.Seconds
            ).thresholds(levels(P99_LEVEL_S)),
            number(
                "Pushed, p95", "Event produced to stream written.", quantile(0.95, STAGES, DELIVERED), units.Seconds
            ).thresholds(levels(PUSH_LEVEL_S)),
            number(
                "Seen, median",
                "From the event that earned an offer to the first report that somebody saw it.",
                quantile(0.5, "rung_api_presented_seconds"),
                units.Seconds,
            ),
        ],
        "By stage": [
            marked(
                lines(
                    "From event to fetchable offer",
                    "From the broker's record of the usage event to the commit in the offer API's database.",
                    units.Seconds,
                    quantiles(STAGES, STORED),
                    traced=True,
                ),
                P95_LEVEL_S,
            ),
            lines(
                "p95 up to each stage",
                "From the broker's record of the usage event: a stage's own time is the step between two lines.",
                units.Seconds,
                {"{{stage}}": quantile(0.95, STAGES, by="le, stage")},
                traced=True,
            ),
            marked(
                lines(
                    "Waiting streams",
                    "Event produced to offer written to a stream that waited for it.",
                    units.Seconds,
                    quantiles(STAGES, DELIVERED),
                    traced=True,
                ),
                PUSH_LEVEL_S,
            ),
            lines(
                "Offers timed a second",
                "How many offers the latencies are made of; and events whose trace could not be read.",
                units.Short,
                {
                    "{{stage}}": rate(f"{STAGES}_count", "stage"),
                    "malformed traces": rate("rung_engine_malformed_traces_total"),
                },
            ),
        ],
    }


def _engine() -> dict[str, Panels]:
    return {
        "Intake": [
            lines(
                "Records a second",
                "By what became of them.",
                units.Short,
                {
                    "{{stream}} {{handled}}": rate("rung_engine_records_total", "stream, handled") + " > 0",
                },
            ),
            lines(
                "Dead letters a second",
                "Records that nobody could act on, by reason; late ones are among them.",
                units.Short,
                {"{{reason}}": rate("rung_engine_dead_letters_total", "reason") + " > 0"},
            ),
            lines(
                "Stream time behind the clock",
                "How far the newest usage counted lies behind, at a commit.",
                units.Seconds,
                quantiles("rung_engine_stream_delay_seconds"),
            ),
            lines(
                "Transactions",
                "One for each partition and commit: the largest part of an offer's way.",
                units.Seconds,
                quantiles("rung_engine_commit_seconds"),
            ),
        ],
        "Partitions": [
            lines(
                "Partitions",
                "Those at work, and of these the ones that restore or have records not handled yet.",
                units.Short,
                {"at work": "sum(rung_engine_partitions)", "behind": "sum(rung_engine_partitions_behind)"},
            ),
            lines(
                "Rebalances, and tasks begun anew",
                "In five minutes, by why.",
                units.Short,
                {
                    "rebalances": "sum(increase(rung_engine_rebalances_total[5m]))",
                    "{{ending}}": "sum by (ending) (increase(rung_engine_task_endings_total[5m]))",
                },
            ),
            lines(
                "Restores",
                "From the fence to the first read, of all since the engines started.",
                units.Seconds,
                {
                    f"p{q * 100:g}": f"histogram_quantile({q}, sum by (le) (rung_engine_restore_seconds_bucket))"
                    for q in (0.5, 0.99)
                },
            ),
            lines(
                "Halted",
                "1: an engine refuses to work.",
                units.Short,
                {"{{halt}}": "max by (halt) (rung_engine_halted)"},
            ),
        ],
        "State": [
            lines(
                "What is held",
                "Slices of accounts, and ids of usage events by which duplicates are known.",
                units.Short,
                {"slices": "sum(rung_engine_slices)", "ids": "sum(rung_engine_seen_ids)"},
            ),
            lines(
                "Bounds reached a second",
                "There was more to keep of an account than is kept.",
                units.Short,
                {
                    "{{bound}}": rate("rung_engine_bounds_reached_total", "bound"),
                    "floor raised": rate("rung_engine_floor_raised_total"),
                },
            ),
        ],
    }


def _deciding() -> dict[str, Panels]:
    return {
        "Decisions": [
            lines("Moments a second", "By kind.", units.Short, {"{{kind}}": rate("rung_engine_moments_total", "kind")}),
            lines(
                "Decisions a second",
                "By how they ended.",
                units.Short,
                {"{{verdict}}": rate("rung_engine_decisions_total", "verdict")},
            ),
            lines(
                "Why nothing was offered",
                "Decisions a second that offered nothing, by reason; caps are among them.",
                units.Short,
                {"{{reason}}": rate("rung_engine_withheld_total", "reason") + " > 0"},
            ),
            lines(
                "Changes in the life of offers a second",
                "As the engine judged them.",
                units.Short,
                {"{{change}}": rate("rung_engine_offer_changes_total", "change")},
            ),
        ],
        "Set": [
            number("Set in force", "Version; -1 before the first.", "min(rung_engine_set_version)", units.Short),
            number(
                "Sets refused", "In the last day.", "sum(increase(rung_engine_sets_refused_total[1d]))", units.Short
            ),
        ],
    }


BOARDS: Final = (
    Board("rung-service-levels", "Service levels", "Whether the promise is kept.", _service_levels()),
    Board(
        "rung-trigger-latency",
        "Trigger latency",
        "From what happened in the product to the offer that it earned.",
        _trigger_latency(),
    ),
    Board("rung-engine", "Engine", "What the trigger engine reads, holds and commits.", _engine()),
    Board("rung-deciding", "Deciding", "Which moments fire, and what is decided of them.", _deciding()),
    Board("rung-delivery", "Delivery", "How offers reach front ends, and answers come back.", delivery()),
    Board("rung-outcomes", "Outcomes", "What became of offers, and how far the figures are.", outcomes()),
)


def build(board: Board) -> models.Dashboard:
    """The dashboard as a value."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(f"{board.meaning} Generated: do not edit.")
        .tags(["rung"])
        .editable()
        .refresh("10s")
        .time("now-30m", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
    )
    for title, panels in board.rows.items():
        made = made.with_row(dashboard.Row(title))
        for panel in panels:
            made = made.with_panel(panel)
    return made.build()


def as_json(board: Board) -> str:
    """The dashboard as Grafana reads it."""
    return JSONEncoder(sort_keys=True, indent=2).encode(build(board)) + "\n"


if __name__ == "__main__":
    for one in BOARDS:
        one.file.write_text(as_json(one))
