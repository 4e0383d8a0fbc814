"""The listener for operators: ``/healthz``, ``/readyz`` and ``/metrics``, apart from any port that customers reach."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from typing_extensions import override

from services.kit.errors import Fatal
from services.kit.telemetry.heads import PromptHeads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

Check = Callable[[], str | None]
"""None when all is well, else one line that says what is not."""

STOP_GRACE_S: Final = 1
"""A scrape takes milliseconds; nothing here is worth waiting for at a stop."""


class AddressRefused(Fatal):
    """The process can not listen where it was told to.

    Attributes:
        host: Address.
        port: Port.
        why: The operating system's words.
    """

    def __init__(self, host: str, port: int, why: str) -> None:
        self.host = host
        self.port = port
        self.why = why
        super().__init__(f"can not listen on {host}:{port}: {why}")


def operators_app(registry: CollectorRegistry, alive: Check, ready: Check, more: Sequence[Route] = ()) -> Starlette:
    """``/healthz`` (restart me when not 200), ``/readyz`` (send me nothing when not 200), ``/metrics``; ``more``."""

    def answer(check: Check) -> Response:
        fault = check()
        return PlainTextResponse("ok\n") if fault is None else PlainTextResponse(fault + "\n", 503)

    async def healthz(_: Request) -> Response:
        return answer(alive)

    async def readyz(_: Request) -> Response:
        return answer(ready)

    async def metrics(asked: Request) -> Response:
        # in the form that is asked for: only OpenMetrics has exemplars
        encode, form = choose_encoder(asked.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": form})

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *more,
        ]
    )


class _Server(uvicorn.Server):
    """uvicorn inside a process that handles its own signals."""

    @override
    @contextmanager
    def capture_signals(self) -> "Iterator[None]":
        """Leave the signals to `services.kit.process`."""
        yield


def _uncounted() -> None:
    """A slow head that the log alone tells of."""


@asynccontextmanager
async def serving(
    app: object,
    host: str,
    port: int,
    grace_s: int = STOP_GRACE_S,
    proxies: str = "",
    slow_head: Callable[[], None] = _uncounted,
) -> "AsyncIterator[None]":
    """Serve an ASGI ``app`` while the context is open; raises `AddressRefused` when it can not listen there.

    ``proxies``: addresses or networks, with commas between, whose word is taken for where a request came from.
    ``slow_head`` is called of each connection that is cut as the head of a request takes too long.
    """
    bound = _bound(host, port)
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # any ASGI application
        host=host,
        port=port,
        http=partial(PromptHeads, slow_head),  # type: ignore[arg-type]  # whatever makes a protocol
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=grace_s,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        while not server.started:
            if running.done():
                running.result()
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await running
        bound.close()


def _bound(host: str, port: int) -> socket.socket:
    # uvicorn's own binding ends the process without a word that a supervisor could keep
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise AddressRefused(host, port, error.strerror or str(error)) from error
