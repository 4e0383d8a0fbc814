"""The engine's metrics: name, unit, labels from enums, meaning. Ids are never labels."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Decided, Reason, Verdict
from schemas.envelope import Envelope
from schemas.offers import MomentKind, OfferChanged, OfferMade
from schemas.outcomes import Change, OfferJudged
from schemas.stages import Stage
from schemas.traces import Trace
from services.kit.clock import US_PER_MS, US_PER_S
from services.kit.telemetry.metrics import AGE_BUCKETS_S, Metric, Unit
from services.kit.telemetry.stages import StageLatency
from services.kit.telemetry.traces import Kind, Step
from services.trigger_engine.domain.bounds import Bound, Reached


class Stream(StrEnum):
    """What a record or a segment came from."""

    USAGE = "usage"
    RESPONSES = "responses"
    TICK = "tick"
    SWEEP = "sweep"


class Handled(StrEnum):
    """What became of a record that was not dead-lettered."""

    COUNTED = "counted"
    DUPLICATE = "duplicate"
    FACT = "fact"
    SUPERSEDED = "superseded"
    ERASED = "erased"


class Halt(StrEnum):
    """What an engine refuses to work on; each has a page in the runbooks."""

    POSITION_GONE = "position_gone"
    STATE_TRUNCATED = "state_truncated"
    STATE_NEWER = "state_newer"
    PARTITIONS_CHANGED = "partitions_changed"
    TOO_MANY_INVALID = "too_many_invalid"


class Ending(StrEnum):
    """Why a partition task began anew."""

    DOUBT = "doubt"
    FENCED = "fenced"
    TOO_LARGE = "too_large"


HANDLED: Final = Metric(
    "rung_engine_records_total",
    "Records handled, by what became of them.",
    labels={"stream": Stream, "handled": Handled},
)
DEAD_LETTERS: Final = Metric(
    "rung_engine_dead_letters_total",
    "Records nobody could act on, by reason.",
    labels={"stream": Stream, "reason": DeadLetterReason},
)
MOMENTS: Final = Metric("rung_engine_moments_total", "Moments that fired.", labels={"kind": MomentKind})
DECISIONS: Final = Metric("rung_engine_decisions_total", "Decisions, by how they ended.", labels={"verdict": Verdict})
WITHHELD: Final = Metric("rung_engine_withheld_total", "Decisions that offered nothing.", labels={"reason": Reason})
CHANGES: Final = Metric("rung_engine_offer_changes_total", "Changes in the life of offers.", labels={"change": Change})
COMMITS: Final = Metric("rung_engine_commit_seconds", "From the begin of a transaction to its end.", Unit.SECONDS)
RESTORES: Final = Metric("rung_engine_restore_seconds", "From the fence to the first read.", Unit.SECONDS)
RESTARTS: Final = Metric(
    "rung_engine_task_endings_total", "Partition tasks that ended or began anew.", labels={"ending": Ending}
)
PARTITIONS: Final = Metric("rung_engine_partitions", "Partitions this process works on.")
BEHIND: Final = Metric(
    "rung_engine_partitions_behind", "Partitions of this process that restore, or have records not handled yet."
)
REBALANCES: Final = Metric("rung_engine_rebalances_total", "Times the group dealt out the partitions anew.")
STREAM_DELAY: Final = Metric(
    "rung_engine_stream_delay_seconds",
    "At a commit: how far the newest time of usage counted in its partition lies behind the clock.",
    Unit.SECONDS,
)
SLICES: Final = Metric("rung_engine_slices", "State slices held, all partitions of this process.")
SEEN: Final = Metric(
    "rung_engine_seen_ids",
    "Ids of usage events remembered, all partitions of this process; above the bound when the hour at work has more.",
)
SET_VERSION: Final = Metric("rung_engine_set_version", "Version of the set in force; -1 before the first.")
SETS_REFUSED: Final = Metric("rung_engine_sets_refused_total", "Published sets that were refused.")

HALTED: Final = Metric(
    "rung_engine_halted", "1 while the engine refuses to work, for the reason that it names.", labels={"halt": Halt}
)
FLOOR_RAISED: Final = Metric(
    "rung_engine_floor_raised_total", "Commits at which the floor of lateness rose because too many ids were held."
)

BOUNDS: Final = Metric(
    "rung_engine_bounds_reached_total",
    "Times that there was more to keep of an account, or a part of it, than is kept.",
    labels={"bound": Bound},
)

MALFORMED_TRACES: Final = Metric(
    "rung_engine_malformed_traces_total", "Records that led to a decision and whose traceparent could not be read."
)

REGISTRY: Final = (
    HALTED, FLOOR_RAISED, BOUNDS,
    HANDLED, DEAD_LETTERS, MOMENTS, DECISIONS, WITHHELD, CHANGES, COMMITS, RESTORES, RESTARTS, PARTITIONS, BEHIND,
    REBALANCES, STREAM_DELAY, SLICES, SEEN,
    SET_VERSION, SETS_REFUSED, MALFORMED_TRACES,
)  # fmt: skip
"""Every metric of this service; the stages of an offer's way stand in `services.kit.telemetry.stages`."""


DECIDE: Final = Step("decide", Kind.CONSUMER, "From the record in hand to what the core made of it.")
PUBLISH: Final = Step("publish", Kind.PRODUCER, "From there to the end of the transaction that carries it.")

STEPS: Final = (DECIDE, PUBLISH)
"""Every span of this service, in the order of the flow."""


class EngineMetrics:
    """The metrics in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._handled: Counter = HANDLED.counter(registry)
        self._dead_letters: Counter = DEAD_LETTERS.counter(registry)
        self._moments: Counter = MOMENTS.counter(registry)
        self._decisions: Counter = DECISIONS.counter(registry)
        self._withheld: Counter = WITHHELD.counter(registry)
        self._changes: Counter = CHANGES.counter(registry)
        self.commits: Histogram = COMMITS.histogram(registry)
        self.restores: Histogram = RESTORES.histogram(registry, AGE_BUCKETS_S)
        self._stream_delay: Histogram = STREAM_DELAY.histogram(registry, AGE_BUCKETS_S)
        self.rebalances: Counter = REBALANCES.counter(registry)
        self._restarts: Counter = RESTARTS.counter(registry)
        self.partitions: Gauge = PARTITIONS.gauge(registry)
        self.behind: Gauge = BEHIND.gauge(registry)
        self.slices: Gauge = SLICES.gauge(registry)
        self.seen: Gauge = SEEN.gauge(registry)
        self.set_version: Gauge = SET_VERSION.gauge(registry)
        self.set_version.set(-1)
        self.sets_refused: Counter = SETS_REFUSED.counter(registry)
        self.floor_raised: Counter = FLOOR_RAISED.counter(registry)
        self._bounds: Counter = BOUNDS.counter(registry)
        self.malformed_traces: Counter = MALFORMED_TRACES.counter(registry)
        self._halted: Gauge = HALTED.gauge(registry)
        for halt in Halt:
            self._halted.labels(halt.value).set(0)
        self._stages = StageLatency(registry)
        self._counted = {
            (stream, handled): self._handled.labels(stream.value, handled.value)
            for stream in (Stream.USAGE, Stream.RESPONSES)
            for handled in Handled
        }

    def handled(self, stream: Stream, handled: Handled, count: int = 1) -> None:
        """So many records were handled."""
        self._counted[stream, handled].inc(count)

    def dead_lettered(self, stream: Stream, reason: DeadLetterReason) -> None:
        """A record went to the dead letters."""
        self._dead_letters.labels(stream.value, reason.value).inc()

    def halted(self, halt: Halt) -> None:
        """The engine refuses to work."""
        self._halted.labels(halt.value).set(1)

    def bounded(self, reached: Reached) -> None:
        """So often each bound of what is kept was reached."""
        for bound, times in reached.items():
            self._bounds.labels(bound.value).inc(times)

    def committed(self, took_s: float, stream_time_us: int, now_us: int) -> None:
        """A transaction took so long; stream time of its partition, 0 before any usage (since 1970 UTC)."""
        self.commits.observe(took_s)
        if stream_time_us > 0:
            self._stream_delay.observe(max(0, now_us - stream_time_us) / US_PER_S)

    def ended(self, ending: Ending) -> None:
        """A partition task ended, or began anew."""
        self._restarts.labels(ending.value).inc()

    def made(self, event: Envelope, times: Mapping[Stage, int], trace: Trace | None) -> None:
        """The core made an event of a record, with these times (milliseconds since 1970 UTC)."""
        self.told(event)
        if isinstance(event, OfferMade | OfferChanged):
            for stage in (Stage.CONSUMED, Stage.DECIDED):
                self._stages.observe(stage, times[Stage.PRODUCED], times[stage] * US_PER_MS, trace)

    def told(self, event: Envelope) -> None:
        """The core made an event, maybe without a record that led to it."""
        if isinstance(event, Decided):
            self._decisions.labels(event.data.verdict.value).inc()
            for moment in event.data.moments:
                self._moments.labels(moment.kind.value).inc()
            if event.data.reason is not None:
                self._withheld.labels(event.data.reason.value).inc()
        elif isinstance(event, OfferJudged):
            self._changes.labels(event.data.change.value).inc()

    def published(self, produced_ms: int, now_us: int, trace: Trace | None) -> None:
        """The transaction that carries an offer is committed."""
        self._stages.observe(Stage.PUBLISHED, produced_ms, now_us, trace)
