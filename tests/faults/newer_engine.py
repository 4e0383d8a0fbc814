"""`python -m tests.faults.newer_engine`: an engine of a later version, which knows a later format of the position."""

from __future__ import annotations

from typing import Final

from services.trigger_engine import __main__
from services.trigger_engine.runtime import position

FORMAT: Final = position.FORMAT + 1

if __name__ == "__main__":
    vars(position).update(FORMAT=FORMAT)
    __main__.main()
