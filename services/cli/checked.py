"""Documents that a command goes on with: checked, or all that is wrong with them is told and the command ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from services.cli.documents import Unreadable, read_documents, told
from services.cli.documents import check as checked_set
from services.cli.where import EXIT_REFUSED, fail
from services.trigger_engine.domain.playbook.problems import SetRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from services.cli.documents import Document
    from services.trigger_engine.domain.playbook.checking import Checked


def checked(paths: Sequence[Path]) -> tuple[list[Document], Checked]:
    """The documents that ``paths`` lead to, and the set they make. Warnings are printed."""
    try:
        documents = read_documents(paths)
    except Unreadable as unreadable:
        fail(str(unreadable))
    try:
        found = checked_set(documents)
    except SetRefused as refused:
        typer.echo(told(refused.problems, documents), err=True)
        count = len(refused.problems)
        typer.echo(f"{count} {'problem' if count == 1 else 'problems'}", err=True)
        raise typer.Exit(EXIT_REFUSED) from None
    if found.warnings:
        typer.echo(told(found.warnings, documents), err=True)
    return documents, found
