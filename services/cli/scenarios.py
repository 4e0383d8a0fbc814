"""`rung test`: the scenarios beside playbooks, played on the engine's own core. Nothing is read or sent.

Where directories hold several sets, each is played by itself, under the name of where it lies.
"""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from services.cli import completing
from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import EXIT_REFUSED, fail
from services.kit.clock import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from services.cli.documents import Document
    from services.trigger_engine.domain.playbook.checking import Checked
    from services.trigger_engine.domain.trying.played import Failed, Played, Standing

DEFAULT: Final = (Path("playbooks"),)
INDENT: Final = " " * 6
REFUSED: Final = "the documents are refused; rung check says why"


Only = Annotated[
    list[str] | None,
    typer.Option(help="Only the scenario of this name, as often as needed.", autocompletion=completing.scenarios),
]


def scenarios(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Documents, or directories of them: of each set a product, playbooks, scenarios.",
            show_default="playbooks",
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

    from services.cli.checked import checked_or_told, readable
    from services.cli.documents import sets_of

    documents = readable(paths or DEFAULT)
    found = {where: checked_or_told(of_set) for where, of_set in sets_of(documents).items()}
    sets = {where: one for where, one in found.items() if one is not None}
    if not sets:
        raise typer.Exit(EXIT_REFUSED)
    wanted = _wanted(only, _names(sets))
    late_us = (_lateness_s() if lateness is None else lateness) * US_PER_S
    played = {where: [(path, one) for path, one in _played(of_set, late_us, wanted)] for where, of_set in sets.items()}
    if as_json:
        told = [_for_programs(where, path, one) for where, of_set in played.items() for path, one in of_set]
        told.extend({"set": where, "ok": False, "why": REFUSED} for where in found if where not in sets)
        typer.echo(msgspec.json.encode(told))
    else:
        _print({where: played.get(where) for where in found}, documents, verbose=verbose)
    if len(sets) < len(found) or any(one.failed is not None for of_set in played.values() for _, one in of_set):
        raise typer.Exit(EXIT_REFUSED)


def _names(sets: Mapping[str, Checked]) -> list[str]:
    """Of all scenarios; the command ends when there are none."""
    scenarios = [document for found in sets.values() for document in found.scenarios.values()]
    if not scenarios:
        fail("there are no scenarios: write some beside the playbook, such as storage.scenarios.yaml")
    for found in sets.values():
        for name in _untested(found):
            typer.echo(f"warning: playbook {name!r} has no scenarios", err=True)
    return [name for document in scenarios for name in document.scenarios]


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


def _played(found: Checked, late_us: int, wanted: Container[str]) -> Iterator[tuple[str, Played]]:
    from services.trigger_engine.domain.trying.playing import play

    for path, document in found.scenarios.items():
        for name, scenario in document.scenarios.items():
            if name in wanted:
                yield path, play(scenario, found.compiled, late_us)


def _print(
    sets: Mapping[str, Sequence[tuple[str, Played]] | None], documents: Sequence[Document], *, verbose: bool
) -> None:
    """Each set by its name where there are several, and then all in one line; a set that is refused is None."""
    texts = {document.path: document.text for document in documents}
    for where, played in sets.items():
        for path, one in played or ():
            if one.failed is not None:
                typer.echo("\n".join(_failure(one, one.failed, texts[path])))
            elif verbose:
                typer.echo(f"ok: {one.name}" + (f"  {one.about}" if one.about else ""))
        if len(sets) > 1 and played != []:
            typer.echo(f"{where}: {'refused' if played is None else _summary(played)}")
    every = [one for played in sets.values() for one in played or ()]
    refused = sum(played is None for played in sets.values())
    if refused:
        typer.echo(f"{refused} of {len(sets)} sets refused; {_summary(every, ' in the others')}")
    else:
        typer.echo(_summary(every, f" in {len(sets)} sets" if len(sets) > 1 else ""))


def _summary(played: Sequence[tuple[str, Played]], of_sets: str = "") -> str:
    failed = sum(one.failed is not None for _, one in played)
    of = f"{len(played)} {'scenario' if len(played) == 1 else 'scenarios'}{of_sets}"
    return f"{failed} of {of} failed" if failed else f"ok: {of}"


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


def _for_programs(where: str, path: str, one: Played) -> dict[str, Any]:
    from services.cli.decisions import for_programs
    from services.trigger_engine.domain.trying.seen import decisions

    told: dict[str, Any] = {"set": where, "path": path, "scenario": one.name, "ok": one.failed is None}
    if one.failed is not None:
        told["line"], told["column"] = one.failed.place.line, one.failed.place.column
        told["why"] = one.failed.why
        told["decisions"] = [for_programs(decision) for decision in decisions(one.failed.came)]
        told["meters"] = one.failed.standings
    return told
