"""What an offer says: its words with the account's own numbers, what it costs, what it gives, and why it is made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from oracle.known import knows
from oracle.numbers import ZERO, spoken
from oracle.prices import listed
from oracle.rules import BILLING_PERIOD, UNLIMITED
from oracle.state import Standing
from oracle.telling import known, text
from oracle.times import told

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.firing import Fired
    from oracle.rules import Meter, Offer
    from oracle.telling import Situation

VARIABLE: Final = re.compile(r"\{([^{}]*)\}")


def content(offer: Offer, fired: Fired, target: str, situation: Situation) -> dict[str, Any]:
    """Title and body; other words when a number is unknown, never a blank."""
    words = offer.words_at.get(fired.step, offer.words) if fired.step is not None else offer.words
    if words is None:
        does = "Upgrade to" if offer.add is None else "Add"
        return known(title=f"{does} {_as_words(target)}", body=_earned(fired))
    values = _values(offer, fired, target, situation)
    title = _filled(words.title, values) or words.otherwise or ""
    return known(title=title, body=None if words.body is None else _filled(words.body, values))


def _earned(fired: Fired) -> str | None:
    """Without words of the operator's: the number that made the moment."""
    if fired.moment.meter is None or fired.value is None:
        return None
    of = "" if fired.limit is None else f" of {_limit(fired.limit)}"
    return f"Your {_as_words(fired.moment.meter)}: {spoken(fired.value)}{of}."


def _as_words(name: str) -> str:
    return name.replace("_", " ")


def _filled(words: str, values: dict[str, str]) -> str | None:
    if not set(VARIABLE.findall(words)) <= values.keys():
        return None
    return VARIABLE.sub(lambda found: values[found[1]], words)


def _values(offer: Offer, fired: Fired, target: str, situation: Situation) -> dict[str, str]:
    account, rules = situation.account, situation.rules
    values = {"target": target}
    for meter in rules.meters.values():
        standing = _standing(meter, fired, situation)
        if standing is not None:
            values[f"meters.{meter.name}"] = spoken(standing)
        limit = account.limit(meter.name, rules)
        if limit is not None:
            values[f"limit.{meter.name}"] = _limit(limit)
    price = option(offer, target, situation).get("price")
    if price is not None:
        each = " a seat" if price["per_seat"] else ""
        per = "once" if price["term"] == "once" else f"a {price['term']}"
        values["price"] = f"{listed_amount(offer, target, situation):f} {price['currency']}{each} {per}"
    return values


def _standing(meter: Meter, fired: Fired, situation: Situation) -> Decimal | None:
    """What a meter stands at; None when it is of a user, or a period, that this offer knows nothing of."""
    account, holder = situation.account, situation.user
    if meter.by_user and (fired.user is None or holder is None):
        return None
    held = holder if meter.by_user and holder is not None else account
    state = held.meters.get(meter.key, Standing())
    period = account.period() if meter.span == BILLING_PERIOD else None
    starts = None if period is None else period.starts
    if not knows(account, meter, starts, situation.rules, backfill=situation.in_backfill):
        return None
    if meter.span != BILLING_PERIOD:
        return state.value
    if period is None or not period.holds(situation.now):
        return None
    return state.value if state.period == period.starts else ZERO


def _limit(limit: Decimal | str) -> str:
    return limit if isinstance(limit, str) else spoken(limit)


def _sold(offer: Offer, target: str, situation: Situation) -> tuple[dict[str, Decimal], bool]:
    rules = situation.rules
    if offer.add is not None:
        return dict(rules.products[target].prices), False
    return dict(rules.plans[target].prices), rules.plans[target].per_seat


def listed_amount(offer: Offer, target: str, situation: Situation) -> Decimal:
    """The amount of the list price, as the operator wrote it."""
    found = listed(_sold(offer, target, situation)[0], situation.account, situation.rules)
    return ZERO if found is None else found[1]


def option(offer: Offer, target: str, situation: Situation) -> dict[str, Any]:
    """The one thing on offer: its list price, and what it gives beyond what the account has."""
    rules = situation.rules
    prices, per_seat = _sold(offer, target, situation)
    found = listed(prices, situation.account, rules)
    price = None
    if found is not None:
        price = {"amount": str(found[1]), "currency": rules.currency, "term": found[0], "per_seat": per_seat}
    kind, gains = ("plan", _gains(target, situation)) if offer.add is None else ("product", _adds(target, situation))
    return known(id=target, kind=kind, items=[], price=price, gains=gains, recommended=False)


def _adds(target: str, situation: Situation) -> list[dict[str, Any]]:
    adds = situation.rules.products[target].adds
    return [{"what": meter, "after": f"+{spoken(amount)}"} for meter, amount in adds.items()]


def _gains(target: str, situation: Situation) -> list[dict[str, Any]]:
    account, rules = situation.account, situation.rules
    gains = []
    for meter in rules.plans[target].limits:
        before, after = account.limit(meter, rules), account.limit_on(target, meter, rules)
        if after is not None and (before is None or more(after, before)):
            told_before = None if before is None else _limit(before)
            gains.append(known(what=meter, before=told_before, after=_limit(after)))
    present = account.plan(rules)
    had = rules.plans[present].features if present is not None and present in rules.plans else ()
    gains.extend({"what": name, "after": "included"} for name in rules.plans[target].features if name not in had)
    return gains


def more(after: Decimal | str | None, before: Decimal | str | None) -> bool:
    """Whether one limit is above the other; nothing is above one that is unknown."""
    if after == UNLIMITED:
        return before != UNLIMITED
    return not isinstance(after, str | None) and not isinstance(before, str | None) and after > before


def evidence(fired: Fired) -> dict[str, Any]:
    """The account's own usage that made the moment."""
    return known(
        moment=fired.moment.name,
        kind=fired.moment.kind,
        meter=fired.moment.meter,
        value=text(fired.value),
        limit=text(fired.limit),
        step=text(fired.step),
        happened_at=told(fired.at),
    )
