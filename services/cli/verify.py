"""`rung verify` and `rung snapshot`: let the oracle say whether what was published is what follows from the inputs."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import Stack, fail, kafka

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oracle.kafka import KafkaLogs
    from oracle.verify import Report
    from oracle.violations import Violation

EXIT_WRONG: Final = 1
"""Something that was published is not what follows from the inputs."""

EXIT_UNABLE: Final = 2
"""Not all could be verified; the message says why."""

EXIT_INTERRUPTED: Final = 130
"""As shells have it for SIGINT."""


def verify(
    snapshot: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Begin here instead of at the beginning of the logs."),
    ] = None,
    lateness: Annotated[
        int | None,
        typer.Option(min=1, help="Seconds that usage may be late; by default what the engine's journal tells."),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="How many partitions to verify side by side; by default one for each core."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for machines.")] = False,  # noqa: FBT002 - an option, not a parameter
    stack: Stack = None,
) -> None:
    """Recompute every decision from the inputs, compare with all that was published, and print each violation."""
    from oracle.crew import Crew
    from oracle.faults import CannotVerify
    from oracle.snapshot import load
    from oracle.verify import Options
    from oracle.verify import verify as verified

    def told(violation: Violation) -> None:
        typer.echo(json.dumps(violation._asdict()) if as_json else str(violation))

    try:
        with _at_work(), _logs(stack) as logs, Crew(processes or len(os.sched_getaffinity(0))) as crew:
            starts = None if snapshot is None else load(snapshot, logs.prefix)
            report = verified(logs, Options(starts=starts, lateness_s=lateness, on_found=told, crew=crew))
    except CannotVerify as fault:
        typer.echo(f"error: {fault}", err=True)
        raise typer.Exit(EXIT_UNABLE) from None
    except KeyboardInterrupt:
        typer.echo("error: interrupted; not all is verified", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    typer.echo(json.dumps(_numbers(report)) if as_json else _summary(report))
    if report.violations:
        raise typer.Exit(EXIT_WRONG)


def snapshot(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write it.")],
    *,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Write the state at one commit of each partition: there `rung verify` can begin when older input is gone."""
    from oracle.faults import CannotVerify
    from oracle.snapshot import save, taken

    try:
        with _logs(stack) as logs:
            found = taken(logs)
            save(found, file)
    except CannotVerify as fault:
        typer.echo(f"error: {fault}", err=True)
        raise typer.Exit(EXIT_UNABLE) from None
    partitions = {number: part.transaction for number, part in sorted(found.partitions.items())}
    if as_json:
        typer.echo(json.dumps({"file": str(file), "slices": found.slices, "transactions": partitions}))
        return
    at = ", ".join(f"{number}: {transaction}" for number, transaction in partitions.items())
    typer.echo(f"{file}: {found.slices} slices; transactions by partition {at}")


@contextmanager
def _at_work() -> Iterator[None]:
    """Show on a terminal that it goes on, and for how long; how much there is to do is not known beforehand."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console, columns = Console(stderr=True), (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        bar.add_task("recomputing every decision", total=None)
        yield


def _logs(stack: str | None) -> KafkaLogs:
    try:
        from oracle.kafka import KafkaLogs
    except ModuleNotFoundError as error:
        fail(f"{error.name} is not installed: `pip install 'rung[verify]'`")
    found = kafka(stack)
    return KafkaLogs(found.bootstrap_servers, found.topic_prefix)


def _numbers(report: Report) -> dict[str, object]:
    every = report.partitions.items()
    return {
        "violations": len(report.violations),
        "partitions": {number: numbers._asdict() for number, numbers in every},
    }


def _summary(report: Report) -> str:
    matched: dict[str, int] = {}
    for numbers in report.partitions.values():
        for topic, count in numbers.matched.items():
            matched[topic] = matched.get(topic, 0) + count
    compared = ", ".join(f"{count} {topic}" for topic, count in matched.items())
    aside = sum(numbers.handled["set aside"] for numbers in report.partitions.values())
    taken = f"{report.total('inputs')} messages in {report.total('transactions')} transactions"
    return (
        f"{taken} of {len(report.partitions)} partitions; {report.waiting} not taken in yet\n"
        f"compared: {compared}, {report.total('slices')} slices, {report.total('digests')} digests\n"
        + (f"set aside, since the broker did not take what came of them: {aside} messages\n" if aside else "")
        + (f"{len(report.violations)} violations" if report.violations else "no violation")
    )
