"""Stage 1, for what is sold: one thing by its verb, several beside each other, and how steep that may be."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from oracle.deciding import adding, contract, prices, upgrades
from oracle.deciding.adoption import next_adopted, too_early
from oracle.deciding.candidate import Item, Withheld
from oracle.language.offer import COMPLEMENT, FITTING, Does
from oracle.numbers import plain

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.deciding.candidate import Candidate
    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene

ANCHORS: Final = ("not_adjacent", "not_on_ladder", "not_in_use", "too_steep")
"""Why an account could not go to something that may still be shown."""


def sale(does: Does, candidate: Candidate, scene: Scene) -> Item | Withheld:
    """What would be sold, when the account could go to it and that is not too much at once."""
    found = _found(does, candidate, scene)
    if isinstance(found, Withheld):
        return found
    early = too_early(found.id, candidate.fired, scene) if found.kind == "product" else None
    return early or _too_steep(found, candidate, scene) or found


def _found(does: Does, candidate: Candidate, scene: Scene) -> Item | Withheld:
    fired = candidate.fired
    match does.verb:
        case "add":
            return adding.complement(fired, scene) if does.what == COMPLEMENT else adding.add(does.what, scene)
        case "bundle":
            return adding.bundle(does.what, scene)
        case "seats":
            return contract.seats(does, fired, scene)
        case "term":
            return contract.longer_term(does, scene)
        case _:
            return _plan(does, fired, scene)


def _plan(does: Does, fired: Fired, scene: Scene) -> Item | Withheld:
    product = scene.rules.product
    if does.ladder is not None and not set(product.ladders[does.ladder]) & product.plans.keys():
        return next_adopted(does.ladder, fired, scene)
    if does.unlocks is not None:
        return upgrades.unlocking(does.unlocks, fired, scene)
    return contract.fitting(fired, scene) if does.what == FITTING else upgrades.next_rung(does, fired, scene)


# --- how steep it is --------------------------------------------------------------------------------


def _too_steep(item: Item, candidate: Candidate, scene: Scene) -> Withheld | None:
    """All that it pays after against all that it pays now; from nothing, the price itself."""
    bounds = scene.rules.bounds[candidate.offer.playbook]
    times, first = bounds.times, bounds.first
    currency, now = scene.rules.product.currency, prices.whole(scene.account, scene.rules.product)
    if now == 0:
        return _at_first(item, first, scene)
    if times is None:
        return None
    if now is None or item.increase is None:
        return _seats_unknown(item, scene)
    after = now + item.increase
    if after <= now * Fraction(times):
        return None
    step = f"{_amount(now)} to {_amount(after)} {currency} a month, {plain(times)}x at most"
    return Withheld("too_steep", step, item.id)


def _at_first(item: Item, first: Decimal | None, scene: Scene) -> Withheld | None:
    price = prices.cost(item.price, scene.rules.product)
    if first is None or price is None or price <= Fraction(first):
        return None
    each = " a seat" if item.per_seat else ""
    told = f"{_amount(price)} {scene.rules.product.currency}{each} a month at first, {plain(first)} at most"
    return Withheld("too_steep", told, item.id)


def _seats_unknown(item: Item, scene: Scene) -> Withheld | None:
    """Nobody can tell how steep it is, where that depends on seats and nobody knows how many."""
    product, account = scene.rules.product, scene.account
    plan = product.plans.get(account.plan(product) or "")
    by_seat = item.per_seat or (plan is not None and plan.per_seat)
    if item.price is None or not by_seat or account.seats() is not None:
        return None
    return Withheld("unknown", "account.seats", item.id)


def _amount(cost: Fraction) -> str:
    return plain(prices.told(cost))


# --- several beside each other ----------------------------------------------------------------------


def choices(does: Does, candidate: Candidate, scene: Scene) -> tuple[Item, list[Item]] | Withheld:
    """What the offer is about, and all that is shown: targets, and anchors that show what these are worth."""
    asked = {name: sale(_alone(name, scene), candidate, scene) for name in does.items}
    targets = {name: item for name, item in asked.items() if isinstance(item, Item)}
    if not targets:
        whys = [f"{name} {no.reason}" for name, no in asked.items() if isinstance(no, Withheld)]
        return Withheld("nothing_fits", ", ".join(whys))
    beside = [item if isinstance(item, Item) else _anchor(name, item, candidate, scene) for name, item in asked.items()]
    shown = [item for item in beside if item is not None]
    main = targets.get(does.mark or "") or next(iter(targets.values()))
    if does.order != "as_written":
        dear_first, product = does.order == "most_expensive_first", scene.rules.product
        shown.sort(
            key=lambda one: prices.rank(one.price, scene.account, product, per_seat=one.per_seat), reverse=dear_first
        )
    return main, shown


def _alone(name: str, scene: Scene) -> Does:
    """The offer of this item by itself."""
    product = scene.rules.product
    verb = "upgrade_to" if name in product.plans else "add" if name in product.products else "bundle"
    return Does(verb, name)


def _anchor(name: str, no: Withheld, candidate: Candidate, scene: Scene) -> Item | None:
    if no.reason not in ANCHORS:
        return None
    verb = _alone(name, scene).verb
    if verb == "upgrade_to":
        return upgrades.plan_item(name, scene) if upgrades.lifts(name, candidate.fired, scene) else None
    if verb == "add":
        return adding.product_item(name, scene)
    found = adding.bundle(name, scene)
    return None if isinstance(found, Withheld) else found
