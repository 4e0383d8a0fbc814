"""Levels, guardrails, weights and the holdout: when to say nothing, and to whom."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle.conditions.kinds import FLAG, LENGTH, NUMBER, WHOLE
from oracle.language.guarding import QUIET, BackOff, Cap, Guardrails, Holdout, Level, Quiet, Threshold, Weights
from oracle.language.meter import CALENDAR
from oracle.language.names import RESERVED, Names, condition
from oracle.language.offer import VERBS
from oracle.language.scalars import (
    a_name,
    an_id,
    each_once,
    ensure,
    items,
    keyed,
    length,
    mapping,
    positive,
    share,
    text,
    whole,
    word_of,
)
from oracle.times import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Collection

    from oracle.language.scalars import Node

OTHERWISE: Final = "otherwise"
GUARDRAILS: Final = ("quiet_when", "not_before", "caps", "back_off", "price_step", "first_price")
TIMES: Final = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)x", re.ASCII)
EACH: Final = ("account", "offer", "family", "placement", "user")
MAX_COUNTED: Final = 128
DIGITS: Final = 6
LONGEST: Final = {"day": DAY + 2 * HOUR, "week": 7 * DAY + 2 * HOUR, "month": 31 * DAY + 2 * HOUR}
"""The longest that a day, week or month can be."""


# --- levels -----------------------------------------------------------------------------------------


def levels_of(node: Node, names: Names, segments: Collection[str]) -> dict[str, Level]:
    """Levels by name; they read what is known of an account, and neither one another nor segments."""
    levels: dict[str, Level] = {}
    for name, lines in mapping(node, "levels").items():
        ensure(a_name(name) not in (*RESERVED, *segments), f"level {name} has a name that is taken")
        written = [line for item in items(lines, name) for line in _line(item)]
        words, asked = [word for word, _ in written], [text(said, name) for _, said in written]
        each_once([a_name(word) for word in words], f"level {name}")
        each_once(asked, f"level {name}")
        ensure(len(written) > 1 and asked[-1] == OTHERWISE, f"level {name} must cover every account")
        rungs = {word: condition(said, names, f"level {name}") for word, said in written[:-1]}
        levels[name] = Level(name, rungs, words[-1])
    return levels


def _line(item: Node) -> list[tuple[str, Node]]:
    found = list(mapping(item, "a line of a level").items())
    ensure(len(found) <= 1, "a level has one name and its condition a line")
    return found


def flags_of(levels: Collection[Level], segments: Collection[str]) -> Names:
    """What an account can be: levels and segments alone."""
    names = {f"{level.name}.{word}": FLAG for level in levels for word in level.words}
    return names | dict.fromkeys(segments, FLAG)


# --- guardrails -------------------------------------------------------------------------------------


def guardrails_of(node: Node, names: Names, flags: Names) -> Guardrails:
    """The section; ``names`` are what conditions read, ``flags`` the levels and segments among them."""
    keys = keyed(node, GUARDRAILS, "guardrails")
    return Guardrails(
        quiet=_quiet(keys.get("quiet_when", []), flags),
        not_before=not_before_of(keys.get("not_before", {}), names),
        caps=tuple(_cap(item, names) for item in items(keys.get("caps", []), "caps")),
        back_off=_back_off(keys["back_off"]) if "back_off" in keys else None,
        times=_times(keys["price_step"]) if "price_step" in keys else None,
        first=positive(keys["first_price"]) if "first_price" in keys else None,
    )


def _quiet(node: Node, flags: Names) -> tuple[Quiet, ...]:
    quiet: list[Quiet] = []
    for item in items(node, "quiet_when"):
        said: list[tuple[str, Node | None]] = (
            [(item, None)] if isinstance(item, str) else [*mapping(item, "quiet").items()]
        )
        for word, cool_down in said:
            pause = 0 if cool_down is None else length(cool_down)
            state = word if word in QUIET else condition(word, flags, "quiet_when")
            quiet.append(Quiet(state, pause))
    each_once([one.text for one in quiet], "quiet_when")
    return tuple(quiet)


def not_before_of(node: Node, names: Names) -> tuple[Threshold, ...]:
    """What must have come to so much."""
    found: list[Threshold] = []
    for name, said in mapping(node, "not_before").items():
        ensure(names.get(name) in (NUMBER, WHOLE, LENGTH), f"not_before: {name} is no quantity")
        least: Decimal | int
        if names[name] == LENGTH:
            least, told = length(said), said
        elif names[name] == WHOLE:
            least = whole(said, 1)
            told = str(least)
        else:
            least, told = positive(said), said
        found.append(Threshold(name, least, condition(f"{name} >= {told}", names, "not_before")))
    return tuple(found)


def _cap(node: Node, names: Names) -> Cap:
    keys = keyed(node, ("at_most", "per", "each", "for", "of"), "a cap", required=("at_most", "per"))
    per = keys["per"]
    calendar = per if isinstance(per, str) and per in CALENDAR else None
    return Cap(
        at_most=whole(keys["at_most"], 0, MAX_COUNTED),
        per=length(per) if calendar is None else LONGEST[calendar],
        calendar=calendar,
        each=word_of(keys.get("each", "account"), EACH, "what a cap counts by"),
        who=condition(keys["for"], names, "a cap's for") if "for" in keys else None,
        of=word_of(keys["of"], VERBS, "a verb") if "of" in keys else None,
    )


def _back_off(node: Node) -> BackOff:
    keys = keyed(node, ("after", "wait"), "back_off", required=("after", "wait"))
    return BackOff(whole(keys["after"], 1), length(keys["wait"]))


def _times(node: Node) -> Decimal:
    found = TIMES.fullmatch(text(node, "price_step"))
    ensure(found, "price_step must be a factor such as 3x")
    times = Decimal(found[1] if found else 0)
    ensure(times > 1, "price_step must be above 1x")
    return times


# --- weights and holdout ----------------------------------------------------------------------------


def weights_of(node: Node) -> Weights:
    """The weights; what is left out counts as usual."""
    usual = Weights()
    keys = keyed(node, ("context", "match", "value"), "weights")
    context = keyed(keys.get("context", {}), ("success", "limit", "other"), "context")
    value = keyed(keys.get("value", {}), ("from", "to"), "value")

    def weight(said: Node | None, otherwise: Decimal) -> Decimal:
        found = otherwise if said is None else positive(said)
        ensure(int(found.as_tuple().exponent) >= -DIGITS, "a weight has too many digits")
        return found

    made = Weights(
        success=weight(context.get("success"), usual.success),
        limit=weight(context.get("limit"), usual.limit),
        other=weight(context.get("other"), usual.other),
        match=weight(keys.get("match"), usual.match),
        least=weight(value.get("from"), usual.least),
        most=weight(value.get("to"), usual.most),
    )
    ensure(made.least <= made.most, "value goes downwards")
    return made


def holdout_of(node: Node, product: str) -> Holdout:
    """Who is held out; the salt is the product's name unless another is given."""
    keys = keyed(node, ("share", "salt"), "holdout", required=("share",))
    held = share(keys["share"])
    ensure(0 < held < 1, "the share that is held out")
    return Holdout(held, an_id(keys["salt"], "a salt") if "salt" in keys else product)
