"""`rung mine`: what goes with what, found in baskets of products."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
import re
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.cli.lines import File, opened
from services.cli.options import share
from services.cli.where import fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.trigger_engine.domain.mining.complements import Baskets, Mined, Rule

SHARE: Final = "SHARE"
STRENGTH_DIGITS: Final = 4
"""Behind the point, of a strength to paste; more would not move an offer."""

DIGITS: Final = 8
"""Behind the point, for programs."""

NO_ID: Final = re.compile(r"[^A-Za-z0-9_.:-]+")


class Form(StrEnum):
    """How baskets are written."""

    BASKETS = "baskets"
    PAIRS = "pairs"


Support = Annotated[
    Fraction,
    typer.Option(parser=share, metavar=SHARE, show_default="0.1%", help="Least share of all baskets that have both."),
]
Confidence = Annotated[
    Fraction,
    typer.Option(
        parser=share, metavar=SHARE, show_default="10%", help="Least share of one's baskets that have the other."
    ),
]
Lift = Annotated[
    Fraction,
    typer.Option(parser=share, metavar="NUMBER", show_default="1.1", help="Least times as often as by chance."),
]
Sells = Annotated[Path | None, typer.Option(exists=True, help="A product document: only what it sells is looked at.")]


def mine(  # noqa: PLR0913 - one parameter an option
    file: File,
    *,
    form: Annotated[
        Form, typer.Option(help="`baskets`: the items of one basket a line. `pairs`: basket,item in each line.")
    ] = Form.BASKETS,
    separator: Annotated[str, typer.Option(help="What stands between two values of a line.")] = ",",
    support: Support = Fraction("0.001"),
    confidence: Confidence = Fraction("0.1"),
    lift: Lift = Fraction("1.1"),
    baskets: Annotated[int, typer.Option(min=1, help="Least number of baskets that have both.")] = 10,
    product: Sells = None,
    top: Annotated[int, typer.Option(min=1, help="How many of the strongest in the table.")] = 20,
    most: Annotated[int, typer.Option(min=1, help="How many in one `goes_with`.")] = 3,
    goes_with: Annotated[
        bool, typer.Option("--goes-with", help="Only the lines to paste into the product document.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: every pair that holds.")] = False,
) -> None:
    """Find complements: what is bought together more often than chance would have it.

    Each line of FILE is one basket, such as `photos,sign,insights`; or, with `--form pairs`, one item of a basket, such
    as `order-17,photos`, in any order. An item counts once in a basket. Values may stand in double quotes.

    Of "who buys A also buys B", support is the share of baskets with both, confidence the share of A's baskets that has
    B, and lift how many times that is B's share of all: the strength of `goes_with`.
    """
    from services.trigger_engine.domain.mining.baskets import BadLine
    from services.trigger_engine.domain.mining.complements import Bounds
    from services.trigger_engine.domain.mining.complements import mine as mined

    if len(separator) != 1:
        raise typer.BadParameter("is one character", param_hint="--separator")
    sold = _sold(product)
    bounds = Bounds(support, confidence, lift, baskets)
    with opened(file, f"reading {file}") as source:
        try:
            found = mined(_of(_baskets(source.texts, form, separator), sold), bounds)
        except BadLine as bad:
            fail(f"{file}: {bad}")
    if as_json:
        typer.echo(json.dumps(_for_programs(found)))
        return
    lines = _pasted(found, most)
    if not goes_with:
        typer.echo("\n".join(_table(found, top)))
        lines = ["", "# for the products of the product document:", *lines] if lines else []
    if lines:
        typer.echo("\n".join(lines))


def _baskets(texts: Callable[[], Iterator[str]], form: Form, separator: str) -> Baskets:
    from services.trigger_engine.domain.mining.baskets import a_basket_a_line, an_item_a_line

    if form is Form.BASKETS:
        return lambda: a_basket_a_line(texts(), separator)
    held = list(an_item_a_line(texts(), separator))
    return lambda: held


def _of(baskets: Baskets, sold: frozenset[str] | None) -> Baskets:
    """The baskets, with no more in them than what is sold."""
    if sold is None:
        return baskets
    return lambda: ([item for item in basket if item in sold] for basket in baskets())


def _sold(product: Path | None) -> frozenset[str] | None:
    """Ids of what the product document sells."""
    if product is None:
        return None
    from services.cli.checked import checked

    _, found = checked([product])
    return frozenset({*found.compiled.product.plans, *found.compiled.product.products})


def _table(found: Mined, top: int) -> Iterator[str]:
    from services.cli.options import in_percent, many

    counts = (found.baskets, "basket"), (len(found.items), "item"), (len(found.rules), "pair")
    yield f"{', '.join(many(*count) for count in counts)} that hold"
    if not found.rules:
        yield "nothing is bought together so often: lower --support, --confidence or --lift, or read more baskets"
        return
    shown = found.rules[:top]
    wide = max(len("bought"), *(len(rule.bought) for rule in shown))
    other = max(len("goes with"), *(len(rule.complement) for rule in shown))
    yield f"{'bought':<{wide}}  {'goes with':<{other}}  support  confidence    lift  baskets"
    for rule in shown:
        numbers = f"{in_percent(rule.support):>7}  {in_percent(rule.confidence):>10}  {float(rule.lift):>6.2f}"
        yield f"{rule.bought:<{wide}}  {rule.complement:<{other}}  {numbers}  {rule.both:>7}"
    if len(shown) < len(found.rules):
        yield f"the strongest {len(shown)} of {len(found.rules)}; --top shows more"


def _pasted(found: Mined, most: int) -> list[str]:
    """A line for each complement, as the product document has them."""
    from services.trigger_engine.domain.mining.complements import strongest

    return [
        f"- {{id: {_id(complement)}, goes_with: {{{', '.join(_strength(rule) for rule in rules)}}}}}"
        for complement, rules in strongest(found.rules, most).items()
    ]


def _strength(rule: Rule) -> str:
    return f"{_id(rule.bought)}: {_plain(rule.lift, STRENGTH_DIGITS)}"


def _id(item: str) -> str:
    """The item as an id of the product document: those have no blanks."""
    return NO_ID.sub("_", item)


def _plain(number: Fraction, digits: int) -> str:
    """Rounded half to even, without needless zeros."""
    whole = round(number * 10**digits)
    return f"{whole // 10**digits}.{whole % 10**digits:0{digits}}".rstrip("0").rstrip(".")


def _for_programs(found: Mined) -> dict[str, object]:
    return {
        "baskets": found.baskets,
        "items": len(found.items),
        "pairs": [
            {
                "bought": rule.bought,
                "complement": rule.complement,
                "baskets": rule.both,
                "support": _plain(rule.support, DIGITS),
                "confidence": _plain(rule.confidence, DIGITS),
                "lift": _plain(rule.lift, DIGITS),
            }
            for rule in found.rules
        ],
    }
