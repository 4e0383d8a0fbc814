"""`rung test`: the scenarios beside playbooks, played on the engine's own core. Nothing is read or sent."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from services.cli import completing
from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import EXIT_REFUSED, fail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.cli.documents import Document
    from services.trigger_engine.domain.playbook.checking import Checked
    from services.trigger_engine.domain.trying.played import Failed, Played, Standing

DEFAULT: Final = (Path("playbooks"),)
US_PER_S: Final = 1_000_000
INDENT: Final = " " * 6


Only = Annotated[
    list[str] | None,
    typer.Option(help="Only the scenario of this name, as often as needed.", autocompletion=completing.scenarios),
]


def scenarios(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Documents, or directories of them: one product, playbooks, scenarios.", show_default="playbooks"
        ),
    ] = None,
    *,
    only: Only = None,
    lateness: Annotated[
        int | None, typer.Option(min=0, envvar="RUNG_ENGINE_LATENESS_S", help="Seconds that usage may be late.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name the scenarios that hold, too.")] = False,
    as_json: Json = False,
) -> None:
    """Play the scenarios beside playbooks. Prints each that fails, what was decided, and why; exits 1 when one does."""
    import msgspec

    from services.cli.checked import checked

    documents, found = checked(paths or DEFAULT)
    if not found.scenarios:
        fail("there are no scenarios: write some beside the playbook, such as storage.scenarios.yaml")
    for name in _untested(found):
        typer.echo(f"warning: playbook {name!r} has no scenarios", err=True)
    names = [name for document in found.scenarios.values() for name in document.scenarios]
    wanted = _wanted(only, names)
    late_us = (_lateness_s() if lateness is None else lateness) * US_PER_S
    played = [(path, one) for path, one in _played(found, late_us) if one.name in wanted]
    if as_json:
        typer.echo(msgspec.json.encode([_for_programs(path, one) for path, one in played]))
    else:
        _print(played, documents, verbose=verbose)
    if any(one.failed is not None for _, one in played):
        raise typer.Exit(EXIT_REFUSED)


def _untested(found: Checked) -> list[str]:
    """Playbooks with offers that no scenario is about."""
    of = {offer.playbook for made in found.compiled.offers.values() for offer in made}
    return sorted(of - {document.playbook for document in found.scenarios.values()})


def _wanted(only: Sequence[str] | None, names: Sequence[str]) -> set[str]:
    from services.trigger_engine.domain.playbook.problems import did_you_mean

    for name in only or ():
        if name not in names:
            hint = did_you_mean(name, names)
            fail(f"there is no scenario {name!r}" + (f": {hint}" if hint else ""))
    return set(only or names)


def _lateness_s() -> int:
    from services.trigger_engine.settings import EngineSettings

    return int(EngineSettings.model_fields["lateness_s"].default)


def _played(found: Checked, late_us: int) -> Iterator[tuple[str, Played]]:
    from services.trigger_engine.domain.trying.playing import play

    for path, document in found.scenarios.items():
        for scenario in document.scenarios.values():
            yield path, play(scenario, found.compiled, late_us)


def _print(played: Sequence[tuple[str, Played]], documents: Sequence[Document], *, verbose: bool) -> None:
    texts = {document.path: document.text for document in documents}
    failed = 0
    for path, one in played:
        if one.failed is not None:
            failed += 1
            typer.echo("\n".join(_failure(one, one.failed, texts[path])))
        elif verbose:
            typer.echo(f"ok: {one.name}" + (f"  {one.about}" if one.about else ""))
    of = f"{len(played)} {'scenario' if len(played) == 1 else 'scenarios'}"
    typer.echo(f"{failed} of {of} failed" if failed else f"ok: {of}")


def _failure(one: Played, failed: Failed, text: str) -> Iterator[str]:
    """The step as a compiler shows it, then what the engine told since the expectation before it."""
    from services.cli.decisions import in_words
    from services.trigger_engine.domain.playbook.problems import Problem
    from services.trigger_engine.domain.trying.seen import decisions

    line = text.splitlines()[failed.place.line - 1]
    width = len(line.rstrip()) - failed.place.column + 1
    yield Problem(failed.place, "scenario", f"{one.name}: {failed.why}", width=width).shown(text)
    for decision in decisions(failed.came):
        yield from (INDENT + line for line in in_words(decision.input.event_type or "time passed", decision))
    if failed.standings:
        yield f"{INDENT}meters: {', '.join(_standing(standing) for standing in failed.standings)}"


def _standing(standing: Standing) -> str:
    of = f" of {standing.limit}" if standing.limit is not None else ""
    by = f" ({standing.user})" if standing.user is not None else ""
    return f"{standing.meter} {standing.value}{of}{by}"


def _for_programs(path: str, one: Played) -> dict[str, Any]:
    from services.cli.decisions import for_programs
    from services.trigger_engine.domain.trying.seen import decisions

    told: dict[str, Any] = {"path": path, "scenario": one.name, "ok": one.failed is None}
    if one.failed is not None:
        told["line"], told["column"] = one.failed.place.line, one.failed.place.column
        told["why"] = one.failed.why
        told["decisions"] = [for_programs(decision) for decision in decisions(one.failed.came)]
        told["meters"] = one.failed.standings
    return told
