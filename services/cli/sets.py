"""The set that a command is about: the one that documents make, or the one in force."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from typing import TYPE_CHECKING

from services.cli.where import fail, kafka

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from services.trigger_engine.domain.playbook.sets import CompiledSet


def made_of(paths: Sequence[Path]) -> CompiledSet:
    """The set of these documents; ends the command when something is wrong with them."""
    from services.cli.checked import checked

    return checked(paths)[1].compiled


def chosen(paths: Sequence[Path] | None, stack: str | None) -> CompiledSet:
    """The set of these documents; without any, the one in force."""
    if paths:
        return made_of(paths)
    from services.cli.asking import ask
    from services.cli.history import read

    force = ask(read(kafka(stack))).in_force
    if force is None:
        fail("no set is in force: name the documents of one")
    return force.rules
