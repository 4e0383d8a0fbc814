"""More of the plan that the account is on: seats, or a longer term."""

from schemas.decisions import Reason
from services.trigger_engine.domain import pricing
from services.trigger_engine.domain.deciding.candidate import Sort, Withheld
from services.trigger_engine.domain.deciding.item import Item, Kind
from services.trigger_engine.domain.playbook.product import PlanSold, Product
from services.trigger_engine.domain.playbook.verbs import ChangeTerm
from services.trigger_engine.domain.situation import Situation


def longer_term(does: ChangeTerm, situation: Situation) -> Item | Withheld:
    """The next longer term that the plan is sold for, and never a jump, as on any ladder."""
    account, product = situation.account, situation.rules.product
    plan, term = account.plan(product), account.term()
    if plan is None or plan not in product.plans:
        return Withheld(Reason.UNKNOWN, "account.plan") if plan is None else Withheld(Reason.NOT_ON_LADDER, plan)
    sold = product.plans[plan]
    rungs = sorted((name for name in sold.prices if name in product.terms), key=lambda name: product.terms[name])
    if not rungs:
        return Withheld(Reason.NOT_ON_LADDER, plan)
    if term is None or term not in product.terms:
        return Withheld(Reason.UNKNOWN, "account.term")
    longer = [name for name in rungs if product.terms[name] > product.terms[term]]
    found = _named(does.term, term, longer, product) if does.term is not None else None
    if isinstance(found, Withheld):
        return found
    if not longer:
        return Withheld(Reason.TOP_RUNG, term)
    return _term_item(longer[0], sold, situation)


def _named(target: str, term: str, longer: list[str], product: Product) -> Withheld | None:
    if product.terms[target] <= product.terms[term]:
        return Withheld(Reason.OWNED, target)
    if target not in longer:
        return Withheld(Reason.NOT_ON_LADDER, f"{term} to {target}")
    return None if target == longer[0] else Withheld(Reason.NOT_ADJACENT, f"{term} to {target}")


def _term_item(term: str, sold: PlanSold, situation: Situation) -> Item:
    account, product = situation.account, situation.rules.product
    price = pricing.Listed(term, sold.prices[term])
    seats = account.seats() if sold.per_seat else 1
    return Item(
        id=term,
        kind=Kind.TERM,
        price=price,
        per_seat=sold.per_seat,
        instead=pricing.own_plan_price(account, product),
        increase=pricing.more(pricing.cost(price, product, seats), pricing.paid(situation).plan),
        sort=Sort.UPSELL,
    )
