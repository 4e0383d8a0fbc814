"""The service levels as recording rules; ``python -m deploy.prometheus.levels`` writes the file that Prometheus reads.

How fast each budget burns, over several windows: 1 is the rate that spends it in exactly 30 days. An alert asks for two
windows at once: a long one, so that a blip wakes nobody, and a short one, so that it is quiet soon after all is well.
"""

from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

FILE: Final = Path(__file__).parent / "service_levels.yml"

WINDOWS: Final = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
SPAN: Final = "30d"
"""The span of the service levels, and what Prometheus keeps."""

LEAST: Final = 10
"""Offers or requests in a window; a share of fewer says nothing."""

OFFERS: Final = "rung_stage_latency_seconds"
REQUESTS: Final = "rung_api_request_seconds"


class Level(NamedTuple):
    """One service level.

    Attributes:
        name: Label ``level`` of all its series.
        share: How many of all have to be good.
        good: Counter of those that were in time.
        all: Counter of all.
    """

    name: str
    share: float
    good: str
    all: str


def _offers(name: str, share: float, stage: str, within_s: float) -> Level:
    good = f'{OFFERS}_bucket{{stage="{stage}",le="{within_s}"}}'
    return Level(name, share, good, f'{OFFERS}_count{{stage="{stage}"}}')


LEVELS: Final = (
    _offers("fetchable_250ms", 0.95, "stored", 0.25),
    _offers("fetchable_1s", 0.99, "stored", 1.0),
    _offers("pushed_300ms", 0.95, "delivered", 0.3),
    Level(  # what is refused is the asker's fault; what fails is never in time
        "get_10ms",
        0.95,
        f'{REQUESTS}_bucket{{door="offers",answer="given",le="0.01"}}',
        f'{REQUESTS}_count{{door="offers",answer!="refused"}}',
    ),
)
"""A quantile's level is a share: p95 below 250 ms means that 95 % are fetchable within 250 ms."""


def _burn(level: Level, window: str) -> str:
    asked = f"sum(increase({level.all}[{window}]))"
    budget = round(1 - level.share, 4)
    return f"(1 - sum(increase({level.good}[{window}])) / {asked}) / {budget} and {asked} >= {LEAST}"


def _kept(level: Level) -> str:
    return f"sum(increase({level.good}[{SPAN}])) / sum(increase({level.all}[{SPAN}]))"


def rules() -> dict[str, Any]:
    """The file as a value: the short windows often, the long ones seldom, since they read days of samples."""
    often = [
        {"record": f"rung:burn:rate{window}", "expr": _burn(level, window), "labels": {"level": level.name}}
        for window in WINDOWS
        for level in LEVELS
    ]
    seldom = [
        {"record": f"rung:kept:ratio_{SPAN}", "expr": _kept(level), "labels": {"level": level.name}} for level in LEVELS
    ]
    return {
        "groups": [
            {"name": "burn", "interval": "1m", "rules": often},
            {"name": "kept", "interval": "10m", "rules": seldom},
        ]
    }


def as_yaml() -> str:
    """The file as Prometheus reads it."""
    head = "# Written by `python -m deploy.prometheus.levels`: do not edit.\n"
    return head + str(yaml.safe_dump(rules(), sort_keys=False, width=10_000))


if __name__ == "__main__":
    FILE.write_text(as_yaml())
