"""Structured logs: one JSON object a line on standard error."""

import logging
import sys

import structlog

from schemas.traces import Trace


def configure(service: str, level: str = "INFO") -> None:
    """Send the logs of this process, also those of libraries, to standard error as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # a broker that is away makes about 140 lines a second at INFO and WARNING
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    # a collector of traces that is away is told of once a batch, and not at each try
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    # what it says at INFO is how it works, at every check
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request, as the one above
    structlog.contextvars.bind_contextvars(service=service)


def traced(trace: Trace | None) -> dict[str, str]:
    """How a line tells which trace it belongs to, where there is one that somebody keeps."""
    return {} if trace is None else {"trace": trace.trace_id}
