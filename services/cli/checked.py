"""Documents that a command goes on with: checked, or all that is wrong with them is told and the command ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from services.cli.documents import Unreadable, read_documents, told
from services.cli.documents import check as checked_set
from services.cli.where import EXIT_REFUSED, fail
from services.trigger_engine.domain.playbook.problems import SetRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from services.cli.documents import Document
    from services.trigger_engine.domain.playbook.checking import Checked
    from services.trigger_engine.domain.playbook.problems import Problem


def checked(paths: Sequence[Path]) -> tuple[list[Document], Checked]:
    """The documents that ``paths`` lead to, and the set they make. Warnings are printed."""
    documents = readable(paths)
    found = checked_or_told(documents)
    if found is None:
        raise typer.Exit(EXIT_REFUSED)
    return documents, found


def checked_or_told(documents: Sequence[Document]) -> Checked | None:
    """The set that ``documents`` make; None, with all that is wrong printed, when they make none."""
    try:
        found = checked_set(documents)
    except SetRefused as refused:
        typer.echo(told(refused.problems, documents), err=True)
        count = len(refused.problems)
        typer.echo(f"{count} {'problem' if count == 1 else 'problems'}", err=True)
        return None
    if found.warnings:
        typer.echo(told(found.warnings, documents), err=True)
    return found


def checked_for_programs(paths: Sequence[Path]) -> dict[str, Any]:
    """What the documents make, or all that is wrong with them; ``ok`` says which."""
    try:
        found = checked_set(readable(paths))
    except SetRefused as refused:
        return {"ok": False, "problems": _for_programs(refused.problems)}
    rules = found.compiled
    return {
        "ok": True,
        "problems": _for_programs(found.warnings),
        "product": rules.product.name,
        "moments": list(rules.moments),
        "offers": list(dict.fromkeys(offer.name for made in rules.offers.values() for offer in made)),
        "scenarios": [name for document in found.scenarios.values() for name in document.scenarios],
    }


def readable(paths: Sequence[Path]) -> list[Document]:
    """The documents that ``paths`` lead to; the command ends when one leads to none."""
    try:
        return read_documents(paths)
    except Unreadable as unreadable:
        fail(str(unreadable))


def _for_programs(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "severity": problem.severity.value,
            "path": problem.place.path,
            "line": problem.place.line,
            "column": problem.place.column,
            "width": problem.width,
            "rule": problem.rule,
            "message": problem.message,
            "suggestion": problem.suggestion,
        }
        for problem in problems
    ]
