"""The show in a terminal: what happens now on the left, what it comes to on the right."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas.decisions import Reason
from services.demo.tally import Kind, Line, Tally, quantile

LEAST_WIDTH: Final = 90
LEAST_HEIGHT: Final = 28
"""Columns and rows that the picture needs; a smaller terminal gets plain lines."""

QUANTILES: Final = (0.5, 0.95, 0.99)
STYLES: Final = {
    Kind.MOMENT: "cyan",
    Kind.OFFER: "bold green",
    Kind.CHANGED: "green",
    Kind.WITHHELD: "yellow",
    Kind.RESPONSE: "magenta",
    Kind.STAYS_AWAY: "bright_black",
    Kind.DEAD_LETTER: "red",
    Kind.MISSING: "bold white on red",
}
ACCOUNT_WIDTH: Final = 17
KIND_WIDTH: Final = 11
TOLD_RESPONSES: Final = ("presented", "clicked", "accepted", "dismissed", "snoozed")
FRAME: Final = 2
"""Lines that a panel's frame takes."""


class Picture:
    """The whole screen, drawn anew from the tally at every refresh."""

    def __init__(self, tally: Tally, rate: float) -> None:
        self._tally = tally
        self._rate = rate

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As rich asks for it."""
        offers = _offers(self._tally)
        waits = _waits(self._tally)
        layout = Layout()
        layout.split_column(Layout(self._title(), size=1), Layout(name="body"))
        layout["body"].split_row(Layout(name="left", ratio=11), Layout(name="right", ratio=9))
        offers_height = max(len(self._tally.made), 8) + 1 + FRAME
        height = (options.height or console.height) - 1
        lines = list(self._tally.lines)[-(height - offers_height - FRAME) :]
        layout["left"].split_column(
            Layout(Panel(_stream(lines), title="happening", border_style="dim")),
            Layout(Panel(offers, title="offers", border_style="dim"), size=offers_height),
        )
        layout["right"].split_column(
            Layout(Panel(_left_out(self._tally), title="not offered, and why", border_style="dim")),
            Layout(Panel(waits, title="from produced to fetchable", border_style="dim"), size=3 + FRAME),
        )
        yield layout

    def _title(self) -> Text:
        tally = self._tally
        title = Text(no_wrap=True, overflow="ellipsis")
        title.append(" rung ", "reverse bold")
        title.append(f"  {tally.since():4.0f} s   {tally.events:,} events ({self._rate:g}/s)   ")
        title.append(f"{sum(tally.moments.values())} moments   ", STYLES[Kind.MOMENT])
        title.append(f"{sum(tally.made.values())} offers   ", STYLES[Kind.OFFER])
        title.append(f"{sum(tally.nothing.values())} withheld   ", STYLES[Kind.WITHHELD])
        title.append(f"{sum(tally.responses.values())} responses", STYLES[Kind.RESPONSE])
        return title


def shown_ms(seconds: float | None) -> str:
    """Milliseconds for people."""
    return "-" if seconds is None else f"{seconds * 1_000:.0f} ms"


def plain(line: Line) -> str:
    """A line for something that is no terminal."""
    return f"{line.at_s:6.2f} s  {line.kind:<{KIND_WIDTH}}  {line.account:<{ACCOUNT_WIDTH}}  {line.text}"


def _stream(lines: Sequence[Line]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=KIND_WIDTH, no_wrap=True)
    table.add_column(width=ACCOUNT_WIDTH, no_wrap=True, overflow="ellipsis", style="dim")
    table.add_column(no_wrap=True, overflow="ellipsis")
    for line in lines:
        table.add_row(Text(line.kind, STYLES[line.kind]), line.account, Text(line.text))
    return table


def _left_out(tally: Tally) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style=STYLES[Kind.WITHHELD])
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", style="dim", ratio=1)
    for reason in Reason:
        if tally.left_out[reason]:
            table.add_row(reason.value, str(tally.left_out[reason]), Text(tally.examples[reason]))
    for reason_of_dead, count in tally.dead.items():
        table.add_row(Text("dead letter", STYLES[Kind.DEAD_LETTER]), str(count), Text(reason_of_dead))
    return table


def _offers(tally: Tally) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for _ in ("made", *TOLD_RESPONSES):
        table.add_column(justify="right", no_wrap=True)
    table.add_row("", *(Text(word, "dim") for word in ("made", "seen", "click", "yes", "no", "later")))
    for offer, made in tally.made.most_common():
        table.add_row(offer, str(made), *_told_of(tally, offer))
    return table


def _told_of(tally: Tally, offer: str) -> Iterator[str]:
    for response in TOLD_RESPONSES:
        yield str(tally.responses_of[offer, response] or "·")


def _waits(tally: Tally) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, seconds in (("GET gives it", tally.waits.fetchable), ("pushed (SSE)", tally.waits.pushed)):
        figures = (shown_ms(quantile(seconds, share)) for share in QUANTILES)
        table.add_row(name, *(Text(figure, "bold") for figure in figures), Text(f"n={len(seconds)}", "dim"))
    head = Table.grid(padding=(0, 2))
    head.add_row(Text("p50, p95, p99 as the front end sees them", "dim"))
    whole = Table.grid()
    whole.add_row(head)
    whole.add_row(table)
    return whole
