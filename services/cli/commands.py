"""All commands of `rung`, one a line."""

from __future__ import annotations

from typing import Final

import typer

from services.cli import (
    demo,
    emit,
    explain,
    keys,
    migrate,
    mine,
    offers,
    preview,
    probe,
    publish,
    reach,
    replay,
    report,
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
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,  # a trace that can be copied
)

TRY: Final = "See it on this machine"
WRITE: Final = "Write and try offers; nothing is sent"
FORCE: Final = "Put offers in force"
ASK: Final = "Ask what happens, and why"
RUN: Final = "Run a deployment"

app.command("demo", rich_help_panel=TRY)(demo.demo)
app.command("up", rich_help_panel=TRY)(stack.up_with_services)
app.command("down", rich_help_panel=TRY)(stack.down)
app.command("check", rich_help_panel=WRITE)(publish.check)
app.command("test", rich_help_panel=WRITE)(scenarios.scenarios)
app.command("preview", rich_help_panel=WRITE)(preview.preview)
app.command("reach", rich_help_panel=WRITE)(reach.reach)
app.command("replay", rich_help_panel=WRITE)(replay.replay)
app.command("mine", rich_help_panel=WRITE)(mine.mine)
app.command("publish", rich_help_panel=FORCE)(publish.publish)
app.command("versions", rich_help_panel=FORCE)(versions.versions)
app.command("rollback", rich_help_panel=FORCE)(versions.rollback)
app.command("pause", rich_help_panel=FORCE)(versions.pause)
app.command("resume", rich_help_panel=FORCE)(versions.resume)
app.command("explain", rich_help_panel=ASK)(explain.explain)
app.command("report", rich_help_panel=ASK)(report.report)
app.command("offers", rich_help_panel=ASK)(offers.offers)
app.command("emit", rich_help_panel=ASK)(emit.emit)
app.command("token", rich_help_panel=ASK)(token.token)
app.command("topics", rich_help_panel=RUN)(topics.topics)
app.command("migrate", rich_help_panel=RUN)(migrate.migrate)
app.command("probe", rich_help_panel=RUN)(probe.probe)
app.command("verify", rich_help_panel=RUN)(verify.verify)
app.command("snapshot", rich_help_panel=RUN)(verify.snapshot)
app.add_typer(keys.app, name="keys", rich_help_panel=RUN)
app.add_typer(stack.app, name="stack", rich_help_panel=RUN)
