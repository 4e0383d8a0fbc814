"""What an offer says: the operator's words with the account's own numbers, or words of ours where there are none."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from oracle import days
from oracle.deciding.options import limit_shown, saving
from oracle.deciding.standings import standing
from oracle.deciding.values import Values
from oracle.language.rules import names_behind
from oracle.numbers import plain, spoken
from oracle.telling import known, text
from oracle.times import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle.deciding.candidate import Candidate, Item
    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene
    from oracle.language.offer import Words

VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
OF_A_METER: Final = ("limit", "milestone", "habit", "growth", "forecast", "attempt")
"""Kinds of moment that are made of a meter's number."""


def content(candidate: Candidate, scene: Scene) -> dict[str, Any]:
    """Title and body; other words when a number is unknown, never a blank."""
    words = _words(candidate)
    if words is None:
        return known(title=_title(candidate.items, candidate.fired), body=_earned(candidate.fired))
    title = _filled(words.title, candidate, scene)
    body = None if words.body is None else _filled(words.body, candidate, scene)
    return known(title=title or words.otherwise or _title(candidate.items, candidate.fired), body=body)


def note(candidate: Candidate, scene: Scene) -> str | None:
    """What the person who gets a task is told; an unknown number is told as such."""
    written = candidate.offer.does.note
    if written is None:
        return None
    return VARIABLE.sub(lambda found: _value(found[1], candidate, scene) or "unknown", written)


def _words(candidate: Candidate) -> Words | None:
    """Those of the variant, or else of the step."""
    offer, step = candidate.offer, candidate.fired.step
    if candidate.variant is not None and candidate.variant in offer.words_of:
        return offer.words_of[candidate.variant]
    return offer.words if step is None else offer.words_at.get(step, offer.words)


# --- variables --------------------------------------------------------------------------------------


def _filled(words: str, candidate: Candidate, scene: Scene) -> str | None:
    values = {name: _value(name, candidate, scene) for name in VARIABLE.findall(words)}
    if None in values.values():
        return None
    return VARIABLE.sub(lambda found: values[found[1]] or "", words)


def _value(name: str, candidate: Candidate, scene: Scene) -> str | None:
    """A variable in words; None when it is not known."""
    fired, item, product = candidate.fired, candidate.items[0], scene.rules.product
    scope, _, rest = name.partition(".")
    if scope == "meters":
        number = standing(product.meters[rest], fired, scene)
        return None if number is None else spoken(number)
    if scope == "limit":
        limit = scene.account.limit(rest, product)
        return None if limit is None else limit_shown(limit)
    if name == "target":
        return candidate.target
    if name == "growth.percent":
        return None if fired.percent is None else f"{plain(fired.percent)}%"
    if name == "forecast.date":
        return None if fired.date is None else days.told_day(fired.date)
    return _price(item, product.currency) if name == "price" else _saving(item, scene)


def _price(item: Item, currency: str) -> str | None:
    if item.price is None:
        return None
    each = " a seat" if item.per_seat else ""
    return f"{item.price.amount:f} {currency}{each} {_per(item.price.term)}"


def _saving(item: Item, scene: Scene) -> str | None:
    saved = saving(item, scene)
    if saved is None:
        return None
    share = f" ({saved['percent']}%)" if saved["percent"] != "0" else ""
    return f"{saved['amount']} {saved['currency']} {_per(saved['term'])}{share}"


def _per(term: str) -> str:
    return "once" if term == "once" else f"a {term}"


# --- words of ours ----------------------------------------------------------------------------------


def _title(items: Sequence[Item], fired: Fired) -> str:
    """What is offered, in a few words."""
    item = items[0]
    if len(items) > 1:
        return f"Choose from {_listed([one.id for one in items])}"
    if item.kind == "bundle":
        return f"{_listed(item.items)} together"
    if item.kind == "seats":
        return f"{item.quantity} more {'seat' if item.quantity == 1 else 'seats'}"
    if item.kind == "task":
        return f"Look into {_word(fired.moment.name)}"
    does = {"plan": "Upgrade to", "product": "Add", "term": "Change to", "feature": "Have a look at", "topic": "About"}
    return f"{does[item.kind]} {_word(item.id)}"


def _earned(fired: Fired) -> str | None:
    """What the account has done, in its own number."""
    meter = meter_of(fired)
    if meter is None:
        return None
    if fired.percent is not None:
        return f"Your {_word(meter)} grew by {plain(fired.percent)}%."
    if fired.date is not None and fired.limit is not None:
        return f"Your {_word(meter)} will come to {limit_shown(fired.limit)} by {days.told_day(fired.date)}."
    if fired.value is None:
        return None
    of = "" if fired.limit is None else f" of {limit_shown(fired.limit)}"
    return f"Your {_word(meter)}: {spoken(fired.value)}{of}."


def _listed(names: Sequence[str]) -> str:
    *before, last = (_word(name) for name in names)
    return f"{', '.join(before)} and {last}" if before else last


def _word(name: str) -> str:
    return name.replace("_", " ")


# --- evidence ---------------------------------------------------------------------------------------


def meter_of(fired: Fired) -> str | None:
    """The meter whose number makes the moment."""
    return getattr(fired.moment, "meter", None) if fired.moment.kind in OF_A_METER else None


def signals(candidate: Candidate, scene: Scene) -> list[dict[str, Any]]:
    """The moment; and each meter that the offer's own conditions ask about, with what it stands at."""
    offer, fired = candidate.offer, candidate.fired
    own = [*([] if offer.who is None else [offer.who]), *(threshold.condition for threshold in offer.not_before)]
    asked: dict[str, str] = {}
    for name in names_behind(own, scene.rules):
        if name.startswith(("meters.", "total(")):
            asked.setdefault(name.removeprefix("total(").removeprefix("meters.").removesuffix(")"), name)
    values, found = Values(scene, fired.user), [evidence(fired)]
    for meter, name in asked.items():
        value = values.get(name)
        if meter != meter_of(fired) and isinstance(value, Decimal):
            kind, happened_at = fired.moment.kind, told(fired.at)
            found.append(
                known(moment=fired.moment.name, kind=kind, meter=meter, value=text(value), happened_at=happened_at)
            )
    return found


def evidence(fired: Fired) -> dict[str, Any]:
    """The account's own usage that made the moment."""
    return known(
        moment=fired.moment.name,
        kind=fired.moment.kind,
        meter=meter_of(fired),
        group=fired.group,
        value=text(fired.value),
        limit=text(fired.limit),
        step=text(fired.step),
        percent=text(fired.percent),
        date=None if fired.date is None else days.told_day(fired.date),
        confidence=text(fired.confidence),
        happened_at=told(fired.at),
    )
