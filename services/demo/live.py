"""The show in a terminal: what happens now on the left, what it comes to on the right."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas.decisions import Reason
from schemas.offers import MomentKind
from services.demo.tally import Kind, Line, Tally, quantile

LEAST_WIDTH: Final = 90
LEAST_HEIGHT: Final = 28
"""Columns and rows that the picture needs; a smaller terminal gets plain lines."""

QUANTILES: Final = (0.5, 0.95, 0.99)
STYLES: Final = {
    Kind.MOMENT: "cyan",
    Kind.OFFER: "bold green",
    Kind.RAISED: "green",
    Kind.WITHHELD: "yellow",
    Kind.RESPONSE: "magenta",
    Kind.STAYS_AWAY: "bright_black",
    Kind.DEAD_LETTER: "red",
    Kind.MISSING: "bold white on red",
}
KIND_WIDTH: Final = max(map(len, Kind))
ACCOUNT_WIDTH: Final = 16
REASON_WIDTH: Final = max(map(len, Reason))
RESPONSES: Final = {"presented": "seen", "clicked": "click", "accepted": "yes", "dismissed": "no", "snoozed": "later"}
"""What people do, each under a short word."""

FRAME: Final = 2
"""Lines that a panel's frame takes."""

OFFERS_AT_FIRST: Final = 8
"""Lines kept for offers, so that nothing moves while they come."""


class Picture:
    """The whole screen, drawn anew from the tally at every refresh."""

    def __init__(self, tally: Tally, rate: float) -> None:
        self._tally = tally
        self._rate = rate

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As rich asks for it."""
        tally = self._tally
        offers_height = max(len(tally.made), OFFERS_AT_FIRST) + 1 + FRAME
        room = (options.height or console.height) - 1 - offers_height - FRAME
        happened = [kind for kind in MomentKind if tally.moments[kind]] or [MomentKind.LIMIT]
        kinds = " · ".join(f"{kind.value} {tally.moments[kind]}" for kind in happened)
        layout = Layout()
        layout.split_column(Layout(self._title(), size=1), Layout(name="body"))
        layout["body"].split_row(Layout(name="left", ratio=3), Layout(name="right", ratio=2))
        layout["left"].split_column(
            Layout(_panel(_stream(list(tally.lines)[-room:]), f"moments: {kinds}")),
            Layout(_panel(_offers(tally), "offers"), size=offers_height),
        )
        layout["right"].split_column(
            Layout(_panel(_left_out(tally), "not offered, and why")),
            Layout(_panel(_waits(tally), "from produced to fetchable"), size=3 + FRAME),
        )
        yield layout

    def _title(self) -> Text:
        tally = self._tally
        title = Text(no_wrap=True, overflow="ellipsis")
        title.append(" rung ", "reverse bold")
        title.append(f"  {tally.since():.0f} s   {tally.events:,} events   ")
        title.append(f"{tally.moments.total()} moments   ", STYLES[Kind.MOMENT])
        title.append(f"{tally.made.total()} offers   ", STYLES[Kind.OFFER])
        title.append(f"{tally.nothing.total()} withheld   ", STYLES[Kind.WITHHELD])
        title.append(f"{tally.responses.total()} responses", STYLES[Kind.RESPONSE])
        return title


def shown_ms(seconds: float | None) -> str:
    """Milliseconds for people."""
    return "-" if seconds is None else f"{seconds * 1_000:,.0f} ms"


def plain(line: Line) -> str:
    """A line for something that is no terminal."""
    return f"{line.at_s:6.2f} s  {line.kind:<{KIND_WIDTH}}  {line.account:<{ACCOUNT_WIDTH}}  {line.text}"


def _panel(inside: RenderableType, title: str) -> Panel:
    return Panel(inside, title=title, title_align="left", border_style="dim")


def _stream(lines: Sequence[Line]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, min_width=KIND_WIDTH)
    table.add_column(no_wrap=True, overflow="ellipsis", style="dim", width=ACCOUNT_WIDTH)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for line in lines:
        table.add_row(Text(line.kind, STYLES[line.kind]), line.account, Text(line.text))
    return table


def _left_out(tally: Tally) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, min_width=REASON_WIDTH, style=STYLES[Kind.WITHHELD])
    table.add_column(justify="right", no_wrap=True, min_width=3)
    table.add_column(no_wrap=True, overflow="ellipsis", style="dim", ratio=1)
    for reason in Reason:
        if tally.left_out[reason]:
            table.add_row(reason.value, str(tally.left_out[reason]), Text(tally.examples[reason].text))
    for why, count in tally.dead.items():
        table.add_row(Text("dead letter", STYLES[Kind.DEAD_LETTER]), str(count), Text(why))
    return table


def _offers(tally: Tally) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for word in ("made", *RESPONSES.values()):
        table.add_column(justify="right", no_wrap=True, min_width=len(word))
    table.add_row("", *(Text(word, "dim") for word in ("made", *RESPONSES.values())))
    for offer, made in tally.made.most_common():
        table.add_row(offer, str(made), *_told_of(tally, offer))
    return table


def _told_of(tally: Tally, offer: str) -> Iterator[str]:
    for response in RESPONSES:
        yield str(tally.responses_of[offer, response] or "·")


def _waits(tally: Tally) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True, ratio=1)
    for _ in (*QUANTILES, "n"):
        table.add_column(justify="right", no_wrap=True)
    table.add_row(*(Text(head, "dim") for head in ("ms", *(f"p{share * 100:g}" for share in QUANTILES), "n")))
    for name, seconds in (("GET", tally.waits.fetchable), ("SSE", tally.waits.pushed)):
        figures = (shown_ms(quantile(seconds, share)).removesuffix(" ms") for share in QUANTILES)
        table.add_row(name, *figures, Text(str(len(seconds)), "dim"))
    return table
