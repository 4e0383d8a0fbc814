"""A broker of a test's own, which it may kill."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.local_stack.parts import KAFKA
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def own_broker(name: str) -> Iterator[LocalStack]:
    """Kafka alone, started here whatever the environment names."""
    settings = StackSettings(kafka_bootstrap_servers=None, database_url=None)
    wanted = Wanted(name=f"{name}-{os.getpid()}", runs=(KAFKA,), tie_to_parent=True)
    with LocalStack.running(wanted, settings=settings, keep_data=False) as stack:
        yield stack
