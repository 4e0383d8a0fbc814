"""What a shell can complete: names that stand in documents nearby, and stacks of this machine. It asks nobody else."""

# ruff: noqa: PLC0415 - a shell waits for these at every press of a key
from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer  # noqa: TC002 - typer reads the annotations of what completes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.trigger_engine.domain.playbook.document import Node

PLAYBOOKS: Final = Path("playbooks")
"""Where documents are looked for, unless the line names others."""

MOST_DOCUMENTS: Final = 50
"""Read before a shell gives up waiting: some milliseconds each."""


def offers(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of offers."""
    return _starting(incomplete, (entry for root in _documents(ctx) for entry in _names(root, "offers")))


def scenarios(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of scenarios."""
    return _starting(incomplete, (entry for root in _documents(ctx) for entry in _names(root, "tests")))


def stacks(incomplete: str) -> list[str]:
    """Names of the stacks that were ever started on this machine."""
    from services.local_stack.places import Home
    from services.local_stack.settings import StackSettings

    try:
        found = [path.name for path in Home(StackSettings().home()).stacks.iterdir() if path.is_dir()]
    except OSError:
        return []
    return _starting(incomplete, found)


def _starting(incomplete: str, names: Iterator[str] | list[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})


def _documents(ctx: typer.Context) -> Iterator[Node]:
    """The documents that the line names, else those in `playbooks`; what can not be read is passed over."""
    from services.trigger_engine.domain.playbook.document import read
    from services.trigger_engine.domain.playbook.problems import SetRefused

    for path in islice(_paths(ctx), MOST_DOCUMENTS):
        try:
            yield read(str(path), path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, SetRefused):
            continue


def _paths(ctx: typer.Context) -> Iterator[Path]:
    for given in ctx.params.get("paths") or [PLAYBOOKS]:
        path = Path(given)
        if path.is_dir():
            yield from sorted(path.rglob("*.yaml"))
        else:
            yield path


def _names(root: Node, section: str) -> Iterator[str]:
    for entry in root.entries():
        if entry.key == section:
            yield from (named.key for named in entry.node.entries())
