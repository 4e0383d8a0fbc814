"""The command line that ties a program to the life of this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import signal
    from collections.abc import Sequence

_TIED: Final = str(Path(__file__).with_name("tied.py"))


def tied(command: Sequence[str], death: signal.Signals, uid: int | None = None) -> list[str]:
    """``command``, as user ``uid`` (None: as ourselves), signalled ``death`` when the calling thread ends."""
    user = "-" if uid is None else str(uid)
    launcher = [sys.executable, "-I", "-S", _TIED]
    return [*launcher, str(int(death)), str(os.getpid()), user, *command]
