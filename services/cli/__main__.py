"""`rung`: the command line."""

# ruff: noqa: PLC0415 - what follows is imported with fewer looks for garbage
from __future__ import annotations

import gc
from typing import Final

OBJECTS: Final = 50_000
"""New objects between two looks for garbage. What a command imports lives to its end: at 700, Python's own number, a
tenth of the time of `rung check` went into looking through it."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(OBJECTS)
    from services.cli.commands import app

    app()


if __name__ == "__main__":
    main()
