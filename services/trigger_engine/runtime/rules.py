"""What a partition goes by: what the operator set for it, and what it is told of the outside."""

from msgspec import Struct

from services.kit.clock import Clock
from services.kit.telemetry.traces import UNTOLD, Traces
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.ports import Files, Wire
from services.trigger_engine.runtime.pacing import MOST


class Rules(Struct, frozen=True):
    """What the operator set. ``by_log``: in a backfill, time is what the log says; ``prefix`` of the topics' names.

    ``max_seen``: ids that the process keeps, of all its partitions. ``most_timers`` fire in one go; None: all that are
    due, for who has nobody to give the loop to.
    """

    prefix: str
    partition: int
    partitions: int
    lateness_us: int
    by_log: bool
    max_invalid_run: int
    commit_every_ms: int
    max_seen: int
    most_timers: int | None = MOST


class Told(Struct, frozen=True):
    """What a partition is told of the outside: what time it is, what messages mean, where to count and keep files.

    And where the spans of what it does go.
    """

    clock: Clock
    wire: Wire
    metrics: EngineMetrics
    files: Files | None = None
    traces: Traces = UNTOLD
