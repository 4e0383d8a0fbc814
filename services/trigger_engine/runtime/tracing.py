"""Spans of what came of a record, for a trace that somebody keeps; a record that caused nothing has none."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog

from schemas.decisions import Decided
from schemas.envelope import Envelope
from schemas.offers import OfferChanged, OfferMade
from schemas.traces import Trace, told_trace
from services.kit.clock import US_PER_MS
from services.kit.kafka.reader import Record
from services.kit.telemetry.logs import traced
from services.kit.telemetry.traces import Span, Traces, place
from services.trigger_engine.metrics import DECIDE, PUBLISH, EngineMetrics
from services.trigger_engine.ports import Wire

log = structlog.get_logger()

IN_DOUBT: Final = "the transaction was not committed, or nobody knows"


class Underway(NamedTuple):
    """What waits for its transaction. ``produced_ms``: when the record was, if an offer came of it."""

    account: str
    offset: int
    produced_ms: int | None
    span: Span | None

    @property
    def trace(self) -> Trace | None:
        """The trace that its messages carry."""
        return None if self.span is None else self.span.trace

    def is_published(self, metrics: EngineMetrics, partition: int, now_us: int) -> None:
        """Its transaction is committed."""
        if self.produced_ms is not None:
            metrics.published(self.produced_ms, now_us, self.trace)
        if self.span is None or self.trace is None:
            return
        self.span.end(now_us)
        where = {"partition": partition, "offset": self.offset}
        log.info("published", account=self.account, **traced(self.trace), **where)

    def is_doubtful(self, now_us: int) -> None:
        """Its transaction is given up; the record is read again."""
        if self.span is not None:
            self.span.end(now_us, IN_DOUBT)


class Tracing:
    """Makes the spans of one partition's task."""

    def __init__(self, traces: Traces, wire: Wire, metrics: EngineMetrics) -> None:
        self._traces = traces
        self._wire = wire
        self._metrics = metrics

    def decided(self, events: Sequence[Envelope], record: Record, consumed_ms: int, decided_ms: int) -> Underway | None:
        """What the core made of ``record`` between these times; None when nobody waits for it."""
        offers = any(isinstance(event, OfferMade | OfferChanged) for event in events)
        if not offers and not any(isinstance(event, Decided) for event in events):
            return None
        trace = self._kept(record)
        if trace is None and not offers:
            return None
        produced_ms = record.timestamp_ms if offers else None
        span = None if trace is None else self._spans(trace, record, consumed_ms, decided_ms)
        return Underway(events[0].subject, record.offset, produced_ms, span)

    def _kept(self, record: Record) -> Trace | None:
        told = told_trace(record.headers) or self._wire.read_traceparent(record)
        trace = None if told is None else Trace.read(told)
        if told is not None and trace is None:
            self._metrics.malformed_traces.inc()
        return trace if trace is not None and trace.sampled else None

    def _spans(self, trace: Trace, record: Record, consumed_ms: int, decided_ms: int) -> Span | None:
        """The span that publishes, after the one that decided."""
        where = place(record.topic, record.partition, record.offset)
        deciding = self._traces.begin(DECIDE, trace, consumed_ms * US_PER_MS, where)
        deciding.end(decided_ms * US_PER_MS)
        if deciding.trace is None:
            return None
        return self._traces.begin(PUBLISH, deciding.trace, decided_ms * US_PER_MS, {})
