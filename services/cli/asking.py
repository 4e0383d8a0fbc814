"""Work that asks Kafka: its faults are told in a sentence, and how far it is on a terminal."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from services.cli.where import fail

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")


def ask(work: Coroutine[object, object, T]) -> T:
    """What comes of ``work``; ends the command with a sentence when Kafka does not answer, or something is refused."""
    import asyncio
    import logging

    from aiokafka.errors import KafkaError

    from services.kit.errors import Fatal

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its faults are told below
    try:
        return asyncio.run(work)
    except (Fatal, KafkaError) as fault:
        fail(str(fault))


@contextmanager
def told_of() -> Iterator[None]:
    """A fault that ends the command is told in a sentence, not as a trace."""
    from schemas.codec import UnreadableEvent
    from services.kit.errors import Fatal
    from services.trigger_engine.domain.inputs import Impossible

    try:
        yield
    except Fatal as fault:
        fail(str(fault))
    except (Impossible, UnreadableEvent) as refused:
        fail(f"no account can be so: {refused.detail}")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while it is a terminal; what it gives is told how much is done, of how much."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show
