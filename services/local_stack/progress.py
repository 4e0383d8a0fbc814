"""How far a long preparation is. Whoever starts a stack may show it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told from one thread at a time."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """``done`` of ``total`` of ``what``; a total of 0 means that the length is not known."""


def silent(what: str, done: int, total: int) -> None:
    """Show nothing."""
