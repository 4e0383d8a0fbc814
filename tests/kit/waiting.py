"""Wait for something to become true, with an end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def until(what: str, holds: Callable[[], bool | Awaitable[bool]], timeout_s: float = 30.0) -> None:
    """Return once ``holds()``; fails with ``what`` after ``timeout_s``."""
    end = time.monotonic() + timeout_s
    while True:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        if time.monotonic() > end:
            raise AssertionError(f"still not so after {timeout_s:g} s: {what}")
        await asyncio.sleep(0.02)
