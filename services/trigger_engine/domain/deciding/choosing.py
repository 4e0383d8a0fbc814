"""Several things beside each other: what the account could go to, and others that show what that is worth."""

from collections.abc import Iterable
from typing import Final

from schemas.decisions import Reason
from services.trigger_engine.domain.deciding.adding import bundle_item, product_item
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.item import Item
from services.trigger_engine.domain.deciding.sales import sale
from services.trigger_engine.domain.deciding.upgrades import lifts, plan_item
from services.trigger_engine.domain.playbook.verbs import Add, ChooseFrom, Order, SellBundle, UpgradeTo
from services.trigger_engine.domain.pricing import rank
from services.trigger_engine.domain.situation import Situation

ANCHORS: Final = (Reason.NOT_ADJACENT, Reason.NOT_ON_LADDER, Reason.NOT_IN_USE, Reason.TOO_STEEP)
"""Why an account could not go to something that may still be shown: it is too far away, or too dear."""


def choices(does: ChooseFrom, candidate: Candidate, situation: Situation) -> tuple[Item, list[Item]] | Withheld:
    """What the offer is about, and all that is shown, in its order.

    One item at least must be a target: what could be offered by itself. The others are anchors, without regard to
    ladders and price step, as long as they are more than the account has. It is about the one that is marked, when that
    is a target, else about the first target.
    """
    asked = {name: sale(_alone(name, situation), candidate, situation) for name in does.items}
    targets = {name: item for name, item in asked.items() if isinstance(item, Item)}
    if not targets:
        whys = (f"{name} {no.reason.value}" for name, no in asked.items() if isinstance(no, Withheld))
        return Withheld(Reason.NOTHING_FITS, ", ".join(whys))
    beside = [
        item if isinstance(item, Item) else _anchor(name, item, candidate, situation) for name, item in asked.items()
    ]
    main = targets.get(does.mark or "") or next(iter(targets.values()))
    return main, _ordered((item for item in beside if item is not None), does.order, situation)


def _alone(name: str, situation: Situation) -> UpgradeTo | Add | SellBundle:
    """The offer of this item by itself."""
    product = situation.rules.product
    if name in product.plans:
        return UpgradeTo(plan=name)
    return Add(name) if name in product.products else SellBundle(name)


def _anchor(name: str, no: Withheld, candidate: Candidate, situation: Situation) -> Item | None:
    """What can be shown though the account could not go to it; None when there is no point in that."""
    if no.reason not in ANCHORS:
        return None
    match _alone(name, situation):
        case UpgradeTo():
            return plan_item(name, situation) if lifts(name, candidate.passed, situation) else None
        case Add():
            return product_item(name, situation)
        case SellBundle() as does:
            found = bundle_item(does, situation)
            return None if isinstance(found, Withheld) else found


def _ordered(items: Iterable[Item], order: Order, situation: Situation) -> list[Item]:
    """By what each costs a month, at present seats; what has no price is dearest. Equal ones stay as written."""
    if order is Order.AS_WRITTEN:
        return list(items)
    first = order is Order.MOST_EXPENSIVE_FIRST
    return sorted(items, key=lambda item: rank(item.price, situation, per_seat=item.per_seat), reverse=first)
