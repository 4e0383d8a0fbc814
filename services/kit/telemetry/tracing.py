"""Whether this process tells a collector of its spans. OpenTelemetry is imported here, when the settings name one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

from services.kit.errors import Fatal
from services.kit.settings import EXIT_CONFIG, TraceSettings
from services.kit.telemetry.traces import UNTOLD, Traces

EXTRA: Final = "opentelemetry"
"""What is missing where the extra `otel` is not installed, or something in it."""


class ExtraMissing(Fatal):
    """A collector is named, and what speaks to it is not installed."""

    exit_code: ClassVar[int] = EXIT_CONFIG

    def __init__(self, missing: str) -> None:
        self.missing = missing
        super().__init__(
            f"a collector of traces is named by OTEL_EXPORTER_OTLP_ENDPOINT, and {missing} is not installed:"
            " install rung[otel], or set OTEL_SDK_DISABLED=true"
        )


@contextmanager
def tracing(settings: TraceSettings, service: str) -> Iterator[Traces]:
    """Where this process's spans go while the context is open; raises `ExtraMissing`."""
    if not settings.on:
        yield UNTOLD
        return
    try:
        from services.kit.telemetry import otlp  # noqa: PLC0415 - an extra, for those who asked for traces
    except ModuleNotFoundError as missing:
        if missing.name is None or not missing.name.startswith(EXTRA):
            raise
        raise ExtraMissing(missing.name) from missing
    with otlp.telling(service) as traces:
        yield traces
