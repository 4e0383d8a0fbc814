"""The outermost frame of a service's process: event loop, signals, exit code."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable

import structlog
import uvloop

from services.kit.errors import Fatal

log = structlog.get_logger()


def run(service: str, main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run ``main`` until it returns; it is handed an event that is set on SIGTERM or SIGINT.

    Ends the process with 0 after a clean stop, and with the code of the `Fatal` that ended it.
    """
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_stopped(main))
    except Fatal as fatal:
        log.critical("fatal", service=service, fault=type(fatal).__name__, detail=str(fatal))
        sys.exit(fatal.exit_code)


async def _until_stopped(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await main(stop)
