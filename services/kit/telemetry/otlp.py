"""Spans to a collector of OpenTelemetry, by OTLP over HTTP: the only module that knows OpenTelemetry.

Its own environment variables are its settings (where to, headers, sampler, how much waits). It sends from a thread of
its own and drops what a collector that is away does not take: no work waits for it.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_NAMESPACE, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from schemas.traces import Trace
from services.kit.telemetry.traces import Kind, Span, Step, Told, Traces

NAMESPACE: Final = "rung"
UNNAMED: Final = "unknown_service"
"""What the name of a service begins with when neither OTEL_SERVICE_NAME nor OTEL_RESOURCE_ATTRIBUTES tells one."""

NS_PER_US: Final = 1_000

STOP_S: Final = 2.0
"""How long a stop waits for the last spans to be sent: it shares its 10 s with work that matters more."""

DROP_S: Final = 0.5
"""How long it then waits for the thread that sends to see that it shall not."""

KINDS: Final[Mapping[Kind, trace.SpanKind]] = {
    Kind.CONSUMER: trace.SpanKind.CONSUMER,
    Kind.PRODUCER: trace.SpanKind.PRODUCER,
    Kind.SERVER: trace.SpanKind.SERVER,
}


class OtlpSpan:
    """`Span` of the library. Its trace is None when the sampler did not want it."""

    __slots__ = ("_span", "trace")

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self.trace = _trace(span.get_span_context()) if span.is_recording() else None

    def end(self, at_us: int, fault: str | None = None) -> None:
        """Hand it over to be sent."""
        if fault is not None:
            self._span.set_status(trace.StatusCode.ERROR, fault)
        self._span.end(at_us * NS_PER_US)


class OtlpTraces:
    """`Traces` of the library."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def begin(self, step: Step, parent: Trace, at_us: int, told: Told) -> Span:
        """A span of the parent's trace."""
        return OtlpSpan(
            self._tracer.start_span(
                step.name,
                trace.set_span_in_context(trace.NonRecordingSpan(_context(parent))),
                KINDS[step.kind],
                told,
                start_time=at_us * NS_PER_US,
            )
        )


@contextmanager
def telling(service: str) -> Iterator[Traces]:
    """Spans of ``service`` to the collector that the environment names."""
    exporter = OTLPSpanExporter()
    provider = TracerProvider(resource=_resource(service), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield OtlpTraces(provider.get_tracer(NAMESPACE))
    finally:
        # the library's own waits are longer than a supervisor's patience
        ending = threading.Thread(target=provider.shutdown, name="last-spans", daemon=True)
        ending.start()
        ending.join(STOP_S)
        if ending.is_alive():
            # a collector that is away: what still waits is dropped, and no thread goes on trying
            exporter.shutdown()  # type: ignore[no-untyped-call]  # the library leaves it so
            ending.join(DROP_S)


def _resource(service: str) -> Resource:
    told = Resource.create()
    named = not str(told.attributes[SERVICE_NAME]).startswith(UNNAMED)
    ours = {SERVICE_NAMESPACE: NAMESPACE} if named else {SERVICE_NAMESPACE: NAMESPACE, SERVICE_NAME: service}
    return Resource(ours).merge(told) if named else told.merge(Resource(ours))


def _context(told: Trace) -> trace.SpanContext:
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED if told.sampled else trace.TraceFlags.DEFAULT)
    return trace.SpanContext(int(told.trace_id, 16), int(told.span_id, 16), is_remote=True, trace_flags=flags)


def _trace(context: trace.SpanContext) -> Trace:
    return Trace(trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id))
