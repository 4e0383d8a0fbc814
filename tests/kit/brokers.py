"""A broker of a test's own, which it may kill."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from services.local_stack.parts import KAFKA
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack, Wanted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


@contextmanager
def own_broker(name: str) -> Iterator[LocalStack]:
    """Kafka alone, started here whatever the environment names."""
    settings = StackSettings(kafka_bootstrap_servers=None, database_url=None)
    wanted = Wanted(name=f"{name}-{os.getpid()}", runs=(KAFKA,), tie_to_parent=True)
    with LocalStack.running(wanted, settings=settings, keep_data=False) as stack:
        yield stack


@asynccontextmanager
async def away(broker: LocalStack, end: Callable[[str], None]) -> AsyncIterator[None]:
    """For the block ``broker`` is away, ended by its ``kill``, or by its ``stop``, which it tells its clients."""
    await asyncio.to_thread(end, KAFKA)
    try:
        yield
    finally:
        await asyncio.to_thread(broker.start, KAFKA)
