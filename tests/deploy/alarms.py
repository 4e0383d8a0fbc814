"""What befalls a deployment, minute by minute, for each alert: a fault that fires it, and a blip that must not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.trigger_engine.metrics import Halt
from tests.deploy.prometheus import counter, gauge


@dataclass(frozen=True)
class Fault:
    """Series by minute; when the alert has to fire and when to be silent again, in minutes; what it then says."""

    alert: str
    series: Mapping[str, str]
    fires: int
    clears: int
    severity: str
    description: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For the report of a test."""
        return "-".join((self.alert, *self.labels.values()))


@dataclass(frozen=True)
class Blip:
    """Series by minute of what lasts two minutes, or is well: the alert is silent at all of them."""

    alert: str
    series: Mapping[str, str]
    minutes: int


FENCED: Final = 'rung_engine_task_endings_total{ending="fenced"}'
RESTORES: Final = "rung_engine_restore_seconds_count"
QUICK: Final = 'rung_engine_restore_seconds_bucket{le="60.0"}'
DEAD: Final = 'rung_engine_dead_letters_total{stream="usage",reason="invalid"}'
GOOD: Final = 'rung_engine_records_total{stream="usage",handled="counted"}'
LAST: Final = "rung_probe_last_success_timestamp_seconds"
STANDING: Final = "Nothing is lost or doubled while it stands; it goes on where it stopped."
OLD: Final = "Offers (offer_api) or figures (metrics_sink) are older than they should be."


def _halted(halt: Halt) -> Fault:
    # it is to be seen for 20 s: for one scrape or two; then the process is gone until it is started again
    series = {f'rung_engine_halted{{halt="{halt.value}"}}': gauge((5, 0), (1, 1), (30, None))}
    return Fault("EngineHalted", series, 6, 20, "page", STANDING, {"halt": halt.value})


def _behind(series: str, much: float) -> tuple[Fault, Blip]:
    job = "offer_api" if "api" in series else "metrics_sink"
    named = series.replace("}", f',job="{job}"}}') if "{" in series else f'{series}{{job="{job}"}}'
    fault = {named: gauge((5, 0), (10, much), (10, 0))}
    blip = {named: gauge((5, 0), (2, much), (20, 0))}
    return (
        Fault("ProjectionBehind", fault, 12, 20, "page", OLD, {"job": job}),
        Blip("ProjectionBehind", blip, 25),
    )


def _unreadable(series: str, job: str) -> Fault:
    said = "Offers are not shown (offer_api), or not counted (metrics_sink)."
    fault = {series: counter((5, 0), (1, 1), (80, 0))}
    return Fault("OwnRecordsUnreadable", fault, 10, 80, "page", said, {"job": job})


OWN: Final = {
    'rung_api_dead_letters_total{job="offer_api"}': "offer_api",
    'rung_sink_dead_letters_total{log="outcomes",reason="invalid",job="metrics_sink"}': "metrics_sink",
}

BEHIND: Final = [
    _behind("rung_api_projection_lag", 5_000),
    _behind('rung_sink_lag_records{log="outcomes"}', 5_000),
    _behind("rung_api_paused", 1),
    _behind('rung_sink_paused{log="decisions"}', 1),
]

FAULTS: Final = [
    *map(_halted, Halt),
    Fault(
        "EngineFencedOften",
        {FENCED: counter((5, 0), (60, 1), (40, 0))},
        60,
        90,
        "ticket",
        "15 times in the last 15 minutes.",
    ),
    Fault(
        "RestoreSlow",
        {RESTORES: counter((5, 0), (1, 3), (50, 0)), QUICK: counter((5, 0), (1, 2), (50, 0))},
        10,
        40,
        "ticket",
        "It was in the last half hour.",
    ),
    Fault(
        "DeadLettersMany",
        {DEAD: counter((30, 0), (30, 5), (30, 0)), GOOD: counter((30, 100), (30, 95), (30, 100))},
        55,
        70,
        "ticket",
        "It is 5%.",
    ),
    Fault(
        "EngineIdle",
        {"rung_engine_partitions": gauge((5, 12), (10, 0), (10, 12))},
        10,
        20,
        "page",
        "Events wait in their logs; no offers are made.",
    ),
    Fault(
        "EngineIdle",
        {"rung_engine_partitions": gauge((5, 12), (15, None), (10, 12))},
        15,
        25,
        "page",
        "Events wait in their logs; no offers are made.",
    ),
    Fault(
        "ProbeFailing",
        {LAST: " ".join(str(60 * minute) for minute in (*range(6), *([5] * 10), *range(16, 30)))},
        12,
        20,
        "page",
        "Nothing for 7m 0s; customers get no offers, either.",
    ),
    Fault(
        "ProbePartitionFailing",
        {"rung_probe_partitions_failing": gauge((5, 0), (10, 1), (10, 0))},
        11,
        20,
        "page",
        "In 1 of them; so it is for the customers there.",
    ),
    Fault(
        "ServiceDown",
        {'up{job="offer_api",instance="a"}': gauge((5, 1), (10, 0), (10, 1))},
        10,
        20,
        "page",
        "Prometheus can not read its metrics.",
        {"job": "offer_api", "instance": "a"},
    ),
    *(_unreadable(series, job) for series, job in OWN.items()),
    *(fault for fault, _ in BEHIND),
]

BLIPS: Final = [
    Blip("EngineHalted", {'rung_engine_halted{halt="position_gone"}': gauge((20, 0), (2, None), (20, 0))}, 40),
    Blip("EngineFencedOften", {FENCED: counter((20, 0), (2, 6), (60, 0))}, 80),  # a rebalance of twelve partitions
    Blip("RestoreSlow", {RESTORES: counter((5, 0), (2, 6), (40, 0)), QUICK: counter((5, 0), (2, 6), (40, 0))}, 45),
    Blip(
        "DeadLettersMany",
        {DEAD: counter((30, 0), (2, 100), (30, 0)), GOOD: counter((30, 100), (2, 0), (30, 100))},
        60,
    ),
    Blip("EngineIdle", {"rung_engine_partitions": gauge((5, 12), (2, 0), (20, 12))}, 25),
    Blip("ProbeFailing", {LAST: " ".join(str(60 * minute) for minute in (*range(6), 5, 5, *range(8, 30)))}, 25),
    # a partition is asked every two minutes: what failed in a blip of two is told until four have passed
    Blip("ProbePartitionFailing", {"rung_probe_partitions_failing": gauge((5, 0), (4, 12), (20, 0))}, 25),
    Blip("ServiceDown", {'up{job="offer_api",instance="a"}': gauge((5, 1), (2, 0), (20, 1))}, 25),
    Blip("OwnRecordsUnreadable", {series: gauge((5, 3), (2, None), (20, 3)) for series in OWN}, 25),  # not scraped
    *(blip for _, blip in BEHIND),
]
