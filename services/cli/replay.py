"""`rung replay`: what a set would have offered, played over a log of events."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.cli.options import Json, duration
from services.cli.where import Stack, kafka
from services.kit.clock import US_PER_S

if TYPE_CHECKING:
    from services.cli.replaying import Played, Wanted
    from services.trigger_engine.domain.playbook.sets import CompiledSet
    from services.trigger_engine.domain.trying.hindsight import Sought

MONTH_US: Final = 30 * 86_400 * US_PER_S

Set = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Documents, or directories of them: one product, any playbooks.", show_default="the set in force"
    ),
]
Events = Annotated[
    Path | None,
    typer.Option(
        help="A file with one CloudEvent in JSON a line, may be compressed by gzip; - reads standard input.",
        show_default="what the deployment keeps of its usage and responses",
    ),
]
Against = Annotated[
    list[Path] | None,
    typer.Option(help="Documents of another set, as often as needed: tell what it offers and this one does not."),
]
Outcome = Annotated[
    str | None,
    typer.Option(
        metavar="TYPE[:NAME=VALUE,...]",
        help="An event to look back from, such as `rung.plan_changed:plan=plus`: who had an offer before it.",
    ),
]
Within = Annotated[
    int,
    typer.Option(
        parser=duration, metavar="DURATION", show_default="30d", help="How long before the outcome is in time."
    ),
]


def replay(  # noqa: PLR0913 - one parameter an option
    paths: Set = None,
    *,
    events: Events = None,
    against: Against = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Tell the difference to what the deployment has offered.")
    ] = False,
    outcome: Outcome = None,
    within: Within = MONTH_US,
    lateness: Annotated[
        int | None, typer.Option(min=0, envvar="RUNG_ENGINE_LATENESS_S", help="Seconds that usage may be late.")
    ] = None,
    examples: Annotated[int, typer.Option(min=0, help="How many for each offer and reason.")] = 1,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Play a set over a log of events, and tell what it would have offered, to how many, and why not.

    It is the engine's own work, done in memory in the log's own time: freshness, caps and timers go by the times of the
    events. Nothing is sent. Accounts begin as new, so a log that was cut off at its beginning knows less of them than
    the engine does.
    """
    from services.cli.replayed import Telling
    from services.cli.replaying import Wanted
    from services.cli.sets import chosen, made_of
    from services.kit.clock import SystemClock

    sought = _sought(outcome)
    rules, others = chosen(paths, stack), [(str(path), made_of([path])) for path in against or ()]
    late_us = (_lateness_s() if lateness is None else lateness) * US_PER_S
    wanted = Wanted(((_named(paths, rules), rules), *others), late_us, SystemClock(), sought, within, examples)
    played = _from_topics(wanted, stack) if events is None else _from_file(wanted, events)
    if stored:
        _add_stored(played, stack, examples)
    telling = Telling(played, outcome)
    typer.echo(json.dumps(telling.for_programs()) if as_json else "\n".join(telling.in_lines()))


def _from_file(wanted: Wanted, path: Path) -> Played:
    import asyncio

    from services.cli.event_log import from_lines
    from services.cli.lines import opened
    from services.cli.replaying import play_file

    with opened(path, f"playing {path}") as source:
        return asyncio.run(play_file(wanted, from_lines(source.lines())))


def _from_topics(wanted: Wanted, stack: str | None) -> Played:
    from services.cli.asking import ask, progress
    from services.cli.replaying import play_topics

    with progress("playing what the deployment keeps") as show:
        return ask(play_topics(wanted, kafka(stack), show))


def _add_stored(played: Played, stack: str | None, examples: int) -> None:
    """Count what the deployment decided, of the same accounts."""
    from services.cli.asking import ask, progress
    from services.cli.decision_log import counted
    from services.trigger_engine.domain.trying.tally import Tally

    tally = Tally(played.seen.accounts, examples)
    with progress("reading decisions") as show:
        ask(counted(kafka(stack), tally, show))
    played.stored = tally


def _named(paths: list[Path] | None, rules: CompiledSet) -> str:
    return " ".join(str(path) for path in paths) if paths else f"set {rules.version}"


def _sought(outcome: str | None) -> Sought | None:
    """``rung.plan_changed:plan=plus`` as what to look for."""
    if outcome is None:
        return None
    from services.trigger_engine.domain.trying.hindsight import Sought

    event_type, _, says = outcome.partition(":")
    pairs = [text.partition("=") for text in says.split(",")] if says else []
    if not event_type or not all(name and equals for name, equals, _ in pairs):
        raise typer.BadParameter("must read TYPE or TYPE:NAME=VALUE,...", param_hint="--outcome")
    return Sought(event_type, tuple((name, value) for name, _, value in pairs))


def _lateness_s() -> int:
    from services.trigger_engine.settings import EngineSettings

    return int(EngineSettings.model_fields["lateness_s"].default)
