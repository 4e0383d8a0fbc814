"""Something beside the plan: a product, what goes with what was just bought, a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oracle.deciding import prices
from oracle.deciding.candidate import CROSS_SELL, UPSELL, Item, Price, Withheld
from oracle.language import moment as kinds
from oracle.language.sold import ANY_TERM, UNLIMITED
from oracle.numbers import ONE, ZERO, plus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene
    from oracle.language.sold import Bundle

FEWEST_NEW: Final = 2


def add(name: str, scene: Scene) -> Item | Withheld:
    """A product that the account has not, or can have again; capacity only where it adds to a limit."""
    account, product = scene.account, scene.rules.product
    sold, owned = product.products[name], account.owned()
    if name in owned and not sold.repeat:
        return Withheld("owned", name, name)
    if sold.adds and all(account.limit(meter, product) == UNLIMITED for meter in sold.adds):
        return Withheld("lifts_nothing", ", ".join(sold.adds), name)
    has = (*owned, account.plan(product))
    return product_item(name, scene, max((s for mate, s in sold.goes_with.items() if mate in has), default=ONE))


def complement(fired: Fired, scene: Scene) -> Item | Withheld:
    """What goes best with what was just bought; of equals the first written."""
    bought, owned = _just_bought(fired, scene), scene.account.owned()
    if bought is None:
        return Withheld("nothing_fits", "nothing was bought")
    sold = scene.rules.product.products
    fitting = [name for name in sold if bought in sold[name].goes_with and name not in owned]
    if not fitting:
        return Withheld("nothing_fits", f"nothing new goes with {bought}")
    best = max(fitting, key=lambda name: sold[name].goes_with[bought])
    return product_item(best, scene, sold[best].goes_with[bought])


def _just_bought(fired: Fired, scene: Scene) -> str | None:
    """What the moment says was bought; else the newest of the account's products and its plan."""
    if fired.about is not None and not isinstance(fired.moment, kinds.Outcome):
        return fired.about
    if isinstance(fired.moment, kinds.Onboarding) and fired.moment.product is not None:
        return fired.moment.product
    facts = scene.account.facts
    bought = [(facts[f"product:{name}"].at, facts[f"product:{name}"].id, name) for name in scene.account.owned()]
    plan = facts.get("plan")
    if plan is not None and isinstance(plan.value, str):
        bought.append((plan.at, plan.id, plan.value))
    return max(bought)[2] if bought else None


def product_item(name: str, scene: Scene, strength: Decimal = ONE) -> Item:
    """A product, for the account's term when there is a price for it."""
    product = scene.rules.product
    sold = product.products[name]
    price = prices.listed(sold.prices, scene.account.term(), product)
    sort, adds = (UPSELL if sold.adds else CROSS_SELL), prices.cost(price, product)
    return Item(id=name, kind="product", price=price, increase=adds, strength=strength, sort=sort)


def bundle(name: str, scene: Scene) -> Item | Withheld:
    """A bundle without what is owned; the rest costs its share by list price, rounded down."""
    product = scene.rules.product
    sold, owned = product.bundles[name], scene.account.owned()
    new = tuple(one for one in sold.items if one not in owned)
    if len(new) < FEWEST_NEW:
        return Withheld("too_little_new", ", ".join(new) or None, name)
    price = prices.listed(sold.prices, scene.account.term(), product)
    apart = None
    if price is not None:
        part, all_of_it = (_together(names, sold, price.term, scene) for names in (new, sold.items))
        apart = Price(price.term, part)
        if new != sold.items:
            price = Price(price.term, _share(price.amount, part, all_of_it, prices.unit(product.currency)))
    return Item(
        id=name,
        kind="bundle",
        price=price,
        instead=apart,
        increase=prices.cost(price, product),
        items=new,
        sort=CROSS_SELL,
    )


def _together(names: Iterable[str], sold: Bundle, term: str, scene: Scene) -> Decimal:
    """What these cost by themselves."""
    total = ZERO
    for name in names:
        listed = scene.rules.product.products[name].prices
        free = listed.get(ANY_TERM, ZERO)
        total = plus(total, listed.get(term if term in sold.prices else ANY_TERM, free))
    return total


def _share(price: Decimal, part: Decimal, all_of_it: Decimal, smallest: Decimal) -> Decimal:
    if not all_of_it:
        return ZERO.quantize(smallest)
    exact = prices.DOWN.divide(prices.DOWN.multiply(price, part), all_of_it)
    return exact.quantize(smallest, context=prices.DOWN)
