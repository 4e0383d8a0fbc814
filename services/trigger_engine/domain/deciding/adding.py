"""Something beside the plan: a product, what goes best with what was just bought, or several products at one price."""

from decimal import Decimal

from schemas.decisions import Reason
from services.trigger_engine.domain import pricing
from services.trigger_engine.domain.account import PRODUCT
from services.trigger_engine.domain.deciding.candidate import ONE, Sort, Withheld
from services.trigger_engine.domain.deciding.item import Item, Kind
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.numbers import ZERO, added
from services.trigger_engine.domain.playbook.moments import OnboardingMoment, OutcomeMoment
from services.trigger_engine.domain.playbook.money import share, unit
from services.trigger_engine.domain.playbook.product import ANY_TERM, UNLIMITED, Product
from services.trigger_engine.domain.playbook.verbs import Add, SellBundle
from services.trigger_engine.domain.situation import Situation

FEWEST_NEW = 2
"""Products of a bundle that must be new to the account: one alone is no bundle."""


def add(does: Add, situation: Situation) -> Item | Withheld:
    """A product that the account has not, or can have again; capacity only where it adds to a limit."""
    name, account, sold = does.product, situation.account, situation.rules.product.products[does.product]
    owned = account.owned()
    if name in owned and not sold.repeat:
        return Withheld(Reason.OWNED, name, name)
    limits = [account.limit(meter, situation.rules.product) for meter in sold.adds]
    if limits and all(limit == UNLIMITED for limit in limits):
        return Withheld(Reason.LIFTS_NOTHING, ", ".join(sold.adds), name)
    has = [*owned, account.plan(situation.rules.product)]
    strengths = [strength for mate, strength in sold.goes_with.items() if mate in has]
    return product_item(name, situation, max(strengths, default=ONE))


def complement(passed: Passed, situation: Situation) -> Item | Withheld:
    """What goes best with what was just bought, of all that the account has not; the first written of equals."""
    bought, sold = just_bought(passed, situation), situation.rules.product.products
    if bought is None:
        return Withheld(Reason.NOTHING_FITS, "nothing was bought")
    owned = situation.account.owned()
    strengths = {
        name: one.goes_with[bought] for name, one in sold.items() if bought in one.goes_with and name not in owned
    }
    if not strengths:
        return Withheld(Reason.NOTHING_FITS, f"nothing new goes with {bought}")
    best = max(strengths, key=lambda name: strengths[name])  # of equals the first
    return product_item(best, situation, strengths[best])


def just_bought(passed: Passed, situation: Situation) -> str | None:
    """What the moment says was bought, or whose onboarding it is; else the newest of its products and its plan."""
    if passed.about is not None and not isinstance(passed.moment, OutcomeMoment):
        return passed.about
    if isinstance(passed.moment, OnboardingMoment) and passed.moment.product is not None:
        return passed.moment.product
    account = situation.account
    bought = [
        (known.at, known.id, slot.removeprefix(PRODUCT))
        for slot, known in account.facts.items()
        if slot.startswith(PRODUCT) and known.value is True
    ]
    plan = account.facts.get("plan")
    if plan is not None and isinstance(plan.value, str):
        bought.append((plan.at, plan.id, plan.value))
    return max(bought)[2] if bought else None


def product_item(name: str, situation: Situation, strength: Decimal = ONE) -> Item:
    """A product, for the account's own term when there is a price for it."""
    account, product = situation.account, situation.rules.product
    sold = product.products[name]
    price = pricing.listed(sold.prices, account.term(), product)
    return Item(
        id=name,
        kind=Kind.PRODUCT,
        price=price,
        increase=pricing.cost(price, product),
        strength=strength,
        sort=Sort.UPSELL if sold.adds else Sort.CROSS_SELL,
    )


# --- bundles ---------------------------------------------------------------------------------------


def bundle_item(does: SellBundle, situation: Situation) -> Item | Withheld:
    """A bundle without what is owned; the rest costs its share of it by list price, rounded down."""
    account, product = situation.account, situation.rules.product
    sold = product.bundles[does.bundle]
    owned = account.owned()
    new = tuple(name for name in sold.items if name not in owned)
    if len(new) < FEWEST_NEW:
        return Withheld(Reason.TOO_LITTLE_NEW, ", ".join(new) or None, sold.id)
    price = pricing.listed(sold.prices, account.term(), product)
    apart, rest = price, price
    if price is not None:
        part, whole = (_together(names, price.term, product) for names in (new, sold.items))
        cut = price.amount if len(new) == len(sold.items) else share(price.amount, part, whole, unit(product.currency))
        apart, rest = pricing.Listed(price.term, part), pricing.Listed(price.term, cut)
    return Item(
        id=sold.id,
        kind=Kind.BUNDLE,
        price=rest,
        instead=apart,
        increase=pricing.cost(rest, product),
        items=new,
        sort=Sort.CROSS_SELL,
    )


def _together(names: tuple[str, ...], term: str, product: Product) -> Decimal:
    """What these cost by themselves for ``term``: for each that a bundle is sold for they have a price."""
    total = ZERO
    for name in names:
        prices = product.products[name].prices
        total = added(total, prices.get(term, prices.get(ANY_TERM, ZERO)))
    return total
