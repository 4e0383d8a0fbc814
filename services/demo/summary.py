"""What it all came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from schemas.decisions import Reason, Verdict
from services.demo.figures import Buckets, FunnelRow, quantile_of
from services.demo.live import QUANTILES, shown_ms
from services.demo.tally import Tally, quantile

INDENT: Final = (0, 0, 0, 2)
HIDDEN: Final = 3
"""Things that went wrong and are told beyond which only their number is."""


@dataclass(frozen=True)
class Outcome:
    """All figures at the end of a show."""

    tally: Tally
    stored: Buckets
    funnel: Sequence[FunnelRow]
    accounts: int


def print_summary(console: Console, outcome: Outcome) -> None:
    """Print it."""
    tally = outcome.tally
    console.print()
    _section(console, f"{tally.events:,} events of {outcome.accounts} accounts in {tally.since():.0f} s", _kinds(tally))
    _section(
        console,
        f"{tally.decisions.total()} decisions: {tally.decisions[Verdict.OFFERED]} offered something, "
        f"{tally.decisions[Verdict.WITHHELD]} nothing",
        _reasons(tally),
    )
    _section(console, "the funnel, as the metrics sink has it in PostgreSQL", _funnel(outcome.funnel))
    _section(console, "from a usage event produced to its offer", _latency(tally, outcome.stored))
    words = "dead letter" if tally.dead.total() == 1 else "dead letters"
    _section(console, f"{tally.dead.total()} {words}", Text(tally.dead_example, no_wrap=True, overflow="ellipsis"))
    if tally.missing:
        told = [*tally.missing[:HIDDEN], *([f"and {len(tally.missing) - HIDDEN} more"] * (len(tally.missing) > HIDDEN))]
        _section(console, f"{len(tally.missing)} things did not happen that should have", Text("\n".join(told), "red"))


def _section(console: Console, title: str, body: RenderableType) -> None:
    console.print(Text(title, "bold"))
    console.print(Padding(body, INDENT))
    console.print()


def _kinds(tally: Tally) -> Table:
    table = Table.grid(padding=(0, 2))
    told = ", ".join(f"{kind.value} {count}" for kind, count in tally.moments.most_common())
    table.add_row("moments", told)
    table.add_row("offers made", f"{tally.made.total()}, and {tally.changed.total()} raised to a higher step")
    table.add_row("responses", ", ".join(f"{what} {count}" for what, count in tally.responses.most_common()))
    table.add_row("stayed away", f"{tally.stayed_away} offers were asked for after their end, and not handed out")
    return table


def _reasons(tally: Tally) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True, min_width=max(map(len, Reason)))
    for word in ("nothing offered", "offer left out"):
        table.add_column(justify="right", no_wrap=True, min_width=len(word))
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_row(*(Text(word, "dim") for word in ("why not", "nothing offered", "offer left out", "last example")))
    for reason in Reason:
        if tally.left_out[reason]:
            example = Text(f"{tally.examples[reason].account}: {tally.examples[reason].text}")
            table.add_row(reason.value, str(tally.nothing[reason]), str(tally.left_out[reason]), example)
    return table


def _funnel(rows: Sequence[FunnelRow]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    for _ in range(6):
        table.add_column(justify="right")
    heads = ("offer", "made", "presented", "clicked", "accepted", "dismissed", "snoozed")
    table.add_row(*(Text(word, "dim") for word in heads))
    for row in rows:
        numbers = (row.made, row.presented, row.clicked, row.accepted, row.dismissed, row.snoozed)
        table.add_row(row.offer, *map(str, numbers))
    return table


def _latency(tally: Tally, stored: Buckets) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    for _ in QUANTILES:
        table.add_column(justify="right", no_wrap=True)
    table.add_row("", *(Text(f"p{share * 100:g}", "dim") for share in QUANTILES))
    waits = tally.waits
    table.add_row(
        "fetchable by GET, seen by the front end", *_of(waits.fetchable), Text(f"n={len(waits.fetchable)}", "dim")
    )
    table.add_row("pushed down an open stream, likewise", *_of(waits.pushed), Text(f"n={len(waits.pushed)}", "dim"))
    own = tuple(shown_ms(quantile_of(stored, share)) for share in QUANTILES)
    count = f"n={stored[-1][1]:g}" if stored else "n=0"
    table.add_row("stored, by the API's own histogram", *own, Text(count, "dim"))
    return Group(table)


def _of(seconds: Sequence[float]) -> tuple[str, ...]:
    return tuple(shown_ms(quantile(seconds, share)) for share in QUANTILES)
