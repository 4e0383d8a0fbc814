"""Locks between processes that a killed holder cannot leave behind (flock)."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# how often a held lock is tried again: short beside the seconds that a start takes
_RETRY_S = 0.05


def acquire(path: Path, *, within_s: float) -> int | None:
    """Lock ``path`` and return the descriptor that holds it, or None when others held it for ``within_s``.

    The lock lasts until the descriptor, and every copy of it that a child inherited, is closed: so while a lock
    that was passed to children is held, some of them live.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    give_up = time.monotonic() + within_s
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up:
                os.close(held)
                return None
            time.sleep(_RETRY_S)
        except BaseException:
            os.close(held)
            raise
        else:
            return held


def is_held(path: Path) -> bool:
    """Whether any process holds the lock now. Takes it for an instant to find out."""
    if not path.exists():
        return False
    held = acquire(path, within_s=0.0)
    if held is None:
        return True
    os.close(held)
    return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock for the block, however long it takes to get it."""
    held = acquire(path, within_s=float("inf"))
    try:
        yield
    finally:
        if held is not None:
            os.close(held)
