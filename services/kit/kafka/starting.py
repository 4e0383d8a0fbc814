"""A client of the broker begins."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from aiokafka.errors import KafkaConnectionError

from services.kit.kafka.faults import KafkaUnreachable
from services.kit.tasks import cancel

BEGUN_S: Final = 2.0
"""How long a client may go on to connect when nobody waits for it any more, so that it can be closed in order."""


async def begun(start: Coroutine[Any, Any, None], timeout_s: float) -> None:
    """Return once a client has connected; raises what its ``start`` raises, and ``TimeoutError``.

    When nobody waits for it any more it is not cut short at once: then it would leave its connection open. In any case
    it is over when this raises, and can be stopped.
    """
    starting = asyncio.create_task(start)
    try:
        await asyncio.wait_for(asyncio.shield(starting), timeout_s)
    except BaseException as fault:
        if isinstance(fault, asyncio.CancelledError):
            await asyncio.wait([starting], timeout=BEGUN_S)
        await cancel(starting)
        raise


async def connected(
    bootstrap: str, start: Coroutine[Any, Any, None], stop: Callable[[], Awaitable[None]], timeout_s: float
) -> None:
    """As `begun`, of a client that is stopped when it could not connect. Raises `KafkaUnreachable`."""
    try:
        await begun(start, timeout_s)
    except BaseException as error:
        await stop()
        if isinstance(error, KafkaConnectionError | TimeoutError):
            raise KafkaUnreachable(bootstrap, str(error) or "no answer") from error
        raise
