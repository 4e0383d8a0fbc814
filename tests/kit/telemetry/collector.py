"""A collector of traces: takes what OpenTelemetry's exporter sends by OTLP over HTTP, and reads its protobuf."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.proto.common.v1.common_pb2 import KeyValue


class Told(NamedTuple):
    """One span as it came; times in nanoseconds since 1970 UTC."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent: str
    began: int
    ended: int
    attributes: dict[str, str | int]
    fault: str


@dataclass
class Collector:
    """Where to tell, and what was told."""

    url: str
    bodies: list[bytes] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        """What a process has to be told to tell this one, and soon."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}

    def spans(self, trace_id: str | None = None) -> list[Told]:
        """All spans, or those of one trace, by when they began."""
        found = [span for body in list(self.bodies) for span in _spans(body)]
        return sorted((s for s in found if trace_id in (None, s.trace_id)), key=lambda span: span.began)


def _spans(body: bytes) -> Iterator[Told]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = _read(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Told(
                    str(service),
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                    _read(span.attributes),
                    span.status.message,
                )


def _read(attributes: object) -> dict[str, str | int]:
    pairs: list[KeyValue] = list(attributes)  # type: ignore[call-overload]  # protobuf's own list
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in pairs}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a port of its own, until the context ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.bodies.append(gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.send_header("content-type", "application/x-protobuf")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
