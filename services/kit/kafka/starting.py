"""A client of the broker begins."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

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
