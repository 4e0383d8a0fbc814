"""`rung`: all commands, one a line."""

from __future__ import annotations

import gc
from typing import Final

import typer

from services.cli import (
    demo,
    emit,
    explain,
    migrate,
    mine,
    offers,
    publish,
    reach,
    replay,
    scenarios,
    stack,
    token,
    topics,
    verify,
    versions,
)

app: Final = typer.Typer(
    name="rung",
    help="Shows a customer the next rung of the ladder at the moment they have earned it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,  # a trace that can be copied
)

app.command("demo")(demo.demo)
app.command("up")(stack.up_with_services)
app.command("down")(stack.down)
app.command("migrate")(migrate.migrate)
app.command("topics")(topics.topics)
app.command("check")(publish.check)
app.command("test")(scenarios.scenarios)
app.command("publish")(publish.publish)
app.command("versions")(versions.versions)
app.command("rollback")(versions.rollback)
app.command("pause")(versions.pause)
app.command("resume")(versions.resume)
app.command("reach")(reach.reach)
app.command("replay")(replay.replay)
app.command("mine")(mine.mine)
app.command("emit")(emit.emit)
app.command("token")(token.token)
app.command("offers")(offers.offers)
app.command("explain")(explain.explain)
app.command("verify")(verify.verify)
app.command("snapshot")(verify.snapshot)
app.add_typer(stack.app, name="stack")

OBJECTS: Final = 50_000
"""New objects between two looks for garbage. What a command imports lives to its end: at 700, Python's own number, a
tenth of the time of `rung check` went into looking through it."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(OBJECTS)
    app()


if __name__ == "__main__":
    main()
