"""All metrics of the offer API: one entry each, with unit, labels and meaning."""

from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry

from schemas.responses import ResponseKind
from schemas.traces import Trace
from services.kit.telemetry.metrics import AGE_BUCKETS_S, Metric, Unit, exemplar
from services.kit.telemetry.stages import StageLatency
from services.kit.telemetry.traces import Kind, Step


class Refused(StrEnum):
    """Why a response was not taken."""

    UNKNOWN = "unknown"
    OVER = "over"
    LOG_AWAY = "log_away"


class Per(StrEnum):
    """What requests are counted by."""

    TOKEN = "token"  # noqa: S105 - a word, and no secret
    ACCOUNT = "account"
    ADDRESS = "address"


class StreamEnd(StrEnum):
    """Why a stream ended."""

    LIFE = "life"  # its time was over, or its token's
    SLOW = "slow"  # its reader did not keep up
    BEHIND = "behind"  # the database was too far behind the log at its start
    TAIL_LOST = "tail_lost"  # the log could not be followed any more
    DRAINED = "drained"  # this process stops
    LEFT = "left"  # the reader went away


class Door(StrEnum):
    """Which requests are timed; streams are not, they last as long as their readers like."""

    OFFERS = "offers"  # GET of an account's offers
    RESPONSES = "responses"
    CHECK = "check"


class Answer(StrEnum):
    """How a request was answered."""

    GIVEN = "given"
    REFUSED = "refused"  # 4xx: the asker's fault
    FAILED = "failed"  # 5xx: ours


class Connections(StrEnum):
    """The pools of connections to PostgreSQL."""

    REQUESTS = "requests"
    FEED = "feed"


class Log(StrEnum):
    """The two logs that the API folds."""

    OFFERS = "offers"
    DECISIONS = "decisions"


FOLDED: Final = Metric("rung_api_changes_folded", "Events of rung.offers that were folded into the database.")
DECISIONS_FOLDED: Final = Metric("rung_api_decisions_folded", "Records of rung.decisions that were folded.")
DECISIONS_LAG: Final = Metric(
    "rung_api_decisions_lag", "Records of rung.decisions not folded yet in this process's partitions."
)
DEAD: Final = Metric("rung_api_dead_letters", "Records of rung.offers and rung.decisions that could not be read.")
APPLY: Final = Metric("rung_api_apply_seconds", "Time of one transaction of the projection.", Unit.SECONDS)
PAUSED: Final = Metric("rung_api_paused", "1 while the projection stands still for the database or Kafka, else 0.")
LAG: Final = Metric("rung_api_projection_lag", "Records of rung.offers not folded yet in this process's partitions.")
TAKEN: Final = Metric("rung_api_responses", "Responses that Kafka acknowledged.", labels={"response": ResponseKind})
REFUSED: Final = Metric("rung_api_responses_refused", "Responses not taken.", labels={"why": Refused})
REPORT_LOST: Final = Metric(
    "rung_api_reports_lost",
    "Acknowledged responses whose row could not be updated; the engine's word repairs it.",
)
UNAUTHORISED: Final = Metric("rung_api_unauthorised", "Requests without a valid token.")
LIMITED: Final = Metric("rung_api_limited", "Requests refused since somebody asks too often.", labels={"per": Per})
SLOW_HEADS: Final = Metric("rung_api_slow_heads", "Connections cut as the head of a request took too long to arrive.")
REQUESTS: Final = Metric(
    "rung_api_request_seconds",
    "From a request to the begin of its answer.",
    Unit.SECONDS,
    labels={"door": Door, "answer": Answer},
)
DELAY: Final = Metric(
    "rung_api_projection_delay_seconds",
    "At a transaction of the projection: how long ago the oldest of its records was written.",
    Unit.SECONDS,
    labels={"log": Log},
)
PRESENTED: Final = Metric(
    "rung_api_presented_seconds",
    "From the broker's record of the usage event, or from an offer made where time alone earned it, to the first report"
    " that somebody saw it.",
    Unit.SECONDS,
)
POOL: Final = Metric("rung_api_pool_in_use", "Connections to PostgreSQL that are in use.", labels={"pool": Connections})
STREAMS: Final = Metric("rung_api_streams", "Streams open now.")
STREAMS_ENDED: Final = Metric("rung_api_streams_ended", "Streams that ended.", labels={"why": StreamEnd})

REGISTRY: Final = (
    FOLDED,
    DECISIONS_FOLDED,
    DECISIONS_LAG,
    REQUESTS,
    DELAY,
    PRESENTED,
    POOL,
    DEAD,
    APPLY,
    PAUSED,
    LAG,
    TAKEN,
    REFUSED,
    REPORT_LOST,
    UNAUTHORISED,
    LIMITED,
    SLOW_HEADS,
    STREAMS,
    STREAMS_ENDED,
)
"""Beside these, the shared ``rung_stage_latency_seconds`` with the stages stored and delivered."""


STORE: Final = Step("store", Kind.CONSUMER, "From the record in hand to the offer's row committed: it can be fetched.")
DELIVER: Final = Step("deliver", Kind.SERVER, "The offer is written to a stream that waited for it; one a stream.")
PRESENT: Final = Step("present", Kind.SERVER, "The first report that somebody saw the offer is taken.")

STEPS: Final = (STORE, DELIVER, PRESENT)
"""Every span of this service, in the order of the flow; each a child of the engine's that published the offer."""


class Metrics:
    """The metrics of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.folded = FOLDED.counter(self.registry)
        self.decisions_folded = DECISIONS_FOLDED.counter(self.registry)
        self.decisions_lag = DECISIONS_LAG.gauge(self.registry)
        self.dead = DEAD.counter(self.registry)
        self.apply = APPLY.histogram(self.registry)
        self.store_paused = PAUSED.gauge(self.registry)
        self.lag = LAG.gauge(self.registry)
        self.taken = TAKEN.counter(self.registry)
        self.refused = REFUSED.counter(self.registry)
        self.report_lost = REPORT_LOST.counter(self.registry)
        self.unauthorised = UNAUTHORISED.counter(self.registry)
        self.limited = LIMITED.counter(self.registry)
        self.slow_heads = SLOW_HEADS.counter(self.registry)
        self.streams = STREAMS.gauge(self.registry)
        self.streams_ended = STREAMS_ENDED.counter(self.registry)
        self.stages = StageLatency(self.registry)
        self.pool = POOL.gauge(self.registry)
        self._requests = REQUESTS.histogram(self.registry)
        self._delay = DELAY.histogram(self.registry, AGE_BUCKETS_S)
        self._presented = PRESENTED.histogram(self.registry, AGE_BUCKETS_S)

    def applied(self, records: int, seconds: float, delay_s: float) -> None:
        """The projection of offers folded ``records`` in one transaction; the oldest was so old."""
        self.folded.inc(records)
        self.apply.observe(seconds)
        self.delayed(Log.OFFERS, records, delay_s)

    def delayed(self, log: Log, records: int, delay_s: float) -> None:
        """``records`` of ``log`` are folded, of which the oldest was so old."""
        if records:
            self._delay.labels(log.value).observe(delay_s)

    def presented(self, after_s: float, trace: Trace | None) -> None:
        """An offer was seen for the first time, so long after what earned it."""
        self._presented.observe(max(0.0, after_s), exemplar(trace))

    def answered(self, door: Door, answer: Answer, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(door.value, answer.value).observe(seconds)

    def paused(self, *, paused: bool) -> None:
        """Whether the projection stands still."""
        self.store_paused.set(paused)


class DecisionsWatch:
    """`services.kit.kafka.projection.Watch` of ``rung.decisions``, for which nobody waits."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def applied(self, records: int, seconds: float, delay_s: float) -> None:  # noqa: ARG002 - only offers are hurried
        """``records`` were folded in one transaction; the oldest was so old."""
        self._metrics.delayed(Log.DECISIONS, records, delay_s)

    def paused(self, *, paused: bool) -> None:
        """Told of offers alone: both stand still for the same reasons."""
