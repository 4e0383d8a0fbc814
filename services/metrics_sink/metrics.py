"""All metrics of the sink: name, unit, labels, meaning."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry

from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Reason, Verdict
from schemas.outcomes import Change
from services.kit.telemetry.metrics import AGE_BUCKETS_S, Metric, Unit
from services.metrics_sink.domain.batch import DecisionBatch, OutcomeBatch
from services.metrics_sink.domain.funnel import FunnelStage


class Log(StrEnum):
    """The two logs that the sink folds."""

    OUTCOMES = "outcomes"
    DECISIONS = "decisions"


class Look(StrEnum):
    """How a look at all guarded offers ended."""

    DONE = "done"
    AWAY = "away"


OUTCOMES: Final = Metric(
    "rung_sink_outcomes",
    "Changes in an offer's life that this process folded; those of held-out offers are not among them.",
    labels={"change": Change},
)
HELD_OUT: Final = Metric("rung_sink_held_out", "Changes of held-out offers that this process folded.")
FACTS: Final = Metric("rung_sink_facts", "Accepted account facts that this process folded.")
DECISIONS: Final = Metric(
    "rung_sink_decisions",
    "Decisions that this process folded, by how they ended.",
    labels={"verdict": Verdict},
)
WITHHELD: Final = Metric(
    "rung_sink_withheld",
    "Decisions that offered nothing, by the reason.",
    labels={"reason": Reason},
)
ERASED: Final = Metric(
    "rung_sink_erased_rows",
    "Rows not added because their account was erased after what they tell of.",
    labels={"log": Log},
)
DEAD_LETTERS: Final = Metric(
    "rung_sink_dead_letters",
    "Records set aside because they could not be read.",
    labels={"log": Log, "reason": DeadLetterReason},
)
LAG: Final = Metric(
    "rung_sink_lag_records", "Records of this process's partitions not folded yet.", labels={"log": Log}
)
PAUSED: Final = Metric(
    "rung_sink_paused", "1 while folding stands still for the database or Kafka.", labels={"log": Log}
)
APPLY_SECONDS: Final = Metric(
    "rung_sink_apply_seconds",
    "One transaction: from records in hand to rows and position committed.",
    Unit.SECONDS,
    labels={"log": Log},
)
FUNNEL: Final = Metric(
    "rung_sink_offers",
    "Offers in the database that reached this stage, each counted once; held-out ones only as such.",
    labels={"stage": FunnelStage},
)
DELAY: Final = Metric(
    "rung_sink_delay_seconds",
    "At a transaction: how long ago the oldest of its records was written.",
    Unit.SECONDS,
    labels={"log": Log},
)
GUARDED: Final = Metric(
    "rung_sink_guarded_offers", "Offers with a guard in the set in force, but for those that are paused."
)
GUARD_LOOKS: Final = Metric(
    "rung_sink_guard_looks",
    "Looks at what accounts did about guarded offers; none is possible while Kafka or the database is away.",
    labels={"look": Look},
)
GUARD_STOPS: Final = Metric("rung_sink_guard_stops", "Offers that this process paused: each broke its guard for sure.")
POOL: Final = Metric("rung_sink_pool_in_use", "Connections to PostgreSQL that are in use.")

REGISTRY: Final = (
    OUTCOMES, HELD_OUT, FACTS, DECISIONS, WITHHELD, ERASED, DEAD_LETTERS, LAG, PAUSED, APPLY_SECONDS, DELAY, POOL,
    FUNNEL, GUARDED, GUARD_LOOKS, GUARD_STOPS,
)  # fmt: skip
"""Every metric of this service."""


class SinkMetrics:
    """The sink's metrics in ``registry``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._outcomes = OUTCOMES.counter(registry)
        self._held_out = HELD_OUT.counter(registry)
        self._facts = FACTS.counter(registry)
        self._decisions = DECISIONS.counter(registry)
        self._withheld = WITHHELD.counter(registry)
        self._erased = ERASED.counter(registry)
        self._dead_letters = DEAD_LETTERS.counter(registry)
        self._lag = LAG.gauge(registry)
        self._paused = PAUSED.gauge(registry)
        self._apply = APPLY_SECONDS.histogram(registry)
        self._funnel = FUNNEL.gauge(registry)
        self._delay = DELAY.histogram(registry, AGE_BUCKETS_S)
        self._pool = POOL.gauge(registry)
        self._guarded = GUARDED.gauge(registry)
        self._looks = GUARD_LOOKS.counter(registry)
        self._stops = GUARD_STOPS.counter(registry)

    def outcomes_folded(self, batch: OutcomeBatch) -> None:
        """``batch`` is committed."""
        for row in batch.outcomes:
            if row.held_out:
                self._held_out.inc()
            else:
                self._outcomes.labels(row.change).inc()
        self._facts.inc(len(batch.facts) + len(batch.erased))
        self._erased.labels(Log.OUTCOMES.value).inc(batch.refused)

    def decisions_folded(self, batch: DecisionBatch) -> None:
        """``batch`` is committed."""
        for row in batch.decisions:
            self._decisions.labels(row.verdict).inc()
            if row.reason is not None:
                self._withheld.labels(row.reason).inc()
        self._erased.labels(Log.DECISIONS.value).inc(batch.refused)

    def dead_lettered(self, log: Log, reason: DeadLetterReason) -> None:
        """A record of ``log`` was set aside."""
        self._dead_letters.labels(log.value, reason.value).inc()

    def lagging(self, log: Log, records: int) -> None:
        """``log`` has ``records`` that are not folded yet."""
        self._lag.labels(log.value).set(records)

    def funnel_is(self, reached: dict[FunnelStage, int]) -> None:
        """Offers that reached each stage."""
        for stage, offers in reached.items():
            self._funnel.labels(stage.value).set(offers)

    def guarding(self, offers: int) -> None:
        """So many offers are watched."""
        self._guarded.set(offers)

    def looked(self, look: Look) -> None:
        """A look at all of them has ended."""
        self._looks.labels(look.value).inc()

    def stopped(self) -> None:
        """One was paused."""
        self._stops.inc()

    def of(self, log: Log) -> "LogWatch":
        """Told by the projection of ``log`` what it does."""
        return LogWatch(self, log)

    def applied(self, log: Log, seconds: float, delay_s: float) -> None:
        """One transaction of ``log`` took ``seconds``, ``delay_s`` after the oldest of its records was written."""
        self._apply.labels(log.value).observe(seconds)
        self._delay.labels(log.value).observe(delay_s)

    def pool_is(self, in_use: Callable[[], int]) -> None:
        """Who tells, whenever it is asked, how many connections are in use."""
        self._pool.set_function(in_use)

    def paused(self, log: Log, *, paused: bool) -> None:
        """Whether folding of ``log`` stands still."""
        self._paused.labels(log.value).set(paused)


class LogWatch:
    """`services.kit.kafka.projection.Watch` of one log."""

    def __init__(self, metrics: SinkMetrics, log: Log) -> None:
        self._metrics = metrics
        self._log = log
        metrics.paused(log, paused=False)

    def applied(self, records: int, seconds: float, delay_s: float) -> None:
        """``records`` were folded in one transaction that took ``seconds``; the oldest was so old."""
        if records:
            self._metrics.applied(self._log, seconds, delay_s)

    def paused(self, *, paused: bool) -> None:
        """Whether folding stands still."""
        self._metrics.paused(self._log, paused=paused)
