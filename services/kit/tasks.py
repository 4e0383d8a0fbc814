"""Tasks that are ended before they end by themselves."""

import asyncio
from typing import Any, Final

CANCEL_AGAIN_S: Final = 4.0
"""Long enough for what has to be put in order first; a stop may take 10 s in all."""


async def cancel(*tasks: asyncio.Task[Any], again_s: float = CANCEL_AGAIN_S) -> None:
    """Cancel these, and return once they are over, however they ended.

    They are cancelled again every ``again_s`` seconds: `asyncio.wait_for` of Python 3.11 loses a cancellation that
    comes with what it waits for, and clients may take one for the end of something else.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again_s)
    await asyncio.gather(*tasks, return_exceptions=True)
