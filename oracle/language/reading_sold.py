"""Terms, plans, products, bundles and ladders of the product document."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from oracle.language.scalars import (
    a_name,
    an_id,
    each_once,
    ensure,
    flag,
    items,
    keyed,
    mapping,
    not_negative,
    positive,
    whole,
    word_of,
)
from oracle.language.sold import ANY_TERM, ONCE, UNLIMITED, Bundle, Limit, Plan, Product
from oracle.numbers import ZERO, plus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from decimal import Decimal

    from oracle.language.meter import Meter
    from oracle.language.scalars import Node

TERMS: Final[Node] = {"month": "1", "year": "12"}
MAX_MONTHS: Final = 1_200
PLAN_KEYS: Final = ("id", "price", "per", "limits", "features", "term_features")
PRODUCT_KEYS: Final = ("id", "price", "adds", "goes_with", "sort", "repeat")
BUNDLE_KEYS: Final = ("id", "items", "price")


def terms_of(node: Node) -> dict[str, int]:
    """Months by term, each of its own length."""
    terms = {a_name(name): whole(months, 1, MAX_MONTHS) for name, months in mapping(node, "terms").items()}
    ensure(terms and not terms.keys() & {ONCE, ANY_TERM}, "terms: none, or one with a name that is taken")
    each_once(list(terms.values()), "the lengths of terms")  # type: ignore[arg-type]  # numbers are as good as words
    return terms


def _prices(node: Node | None, terms: Collection[str]) -> dict[str, Decimal]:
    if node is None:
        return {}
    if isinstance(node, str):
        ensure(not_negative(node) == 0, "a price must say for which term")
        return {ANY_TERM: not_negative(node)}
    prices = {term: not_negative(amount) for term, amount in keyed(node, (*terms, ONCE), "a price").items()}
    ensure(prices and (ONCE not in prices or len(prices) == 1), "a price must say for which term, or once")
    return prices


def _words(node: Node | None, what: str) -> tuple[str, ...]:
    return each_once([an_id(item, what) for item in items([] if node is None else node, what)], what)


# --- plans ------------------------------------------------------------------------------------------


def plans_of(node: Node, terms: Collection[str], meters: Mapping[str, Meter]) -> dict[str, Plan]:
    """Plans by id, in the order written."""
    plans: dict[str, Plan] = {}
    for item in items(node, "plans"):
        plan = _plan(keyed(item, PLAN_KEYS, "a plan", required=("id",)), terms, meters)
        ensure(plan.id not in plans, f"{plan.id} stands twice")
        plans[plan.id] = plan
    return plans


def _plan(keys: dict[str, Node], terms: Collection[str], meters: Mapping[str, Meter]) -> Plan:
    prices = _prices(keys.get("price"), terms)
    ensure(ONCE not in prices, "a plan is paid by term")
    ensure(keys.get("per", "seat") == "seat", "per")
    limits = {
        _limited(meter, meters): _limit(rule) for meter, rule in mapping(keys.get("limits", {}), "limits").items()
    }
    given = {
        word_of(term, prices, "a term that the plan is sold for"): _words(features, "features")
        for term, features in mapping(keys.get("term_features", {}), "term_features").items()
    }
    features = _words(keys.get("features"), "features")
    return Plan(an_id(keys["id"], "a plan's id"), prices, "per" in keys, limits, features, given)


def _limited(name: str, meters: Mapping[str, Meter]) -> str:
    ensure(name in meters and meters[name].of_account, f"{name} is no meter of accounts")
    return name


def _limit(node: Node) -> Limit:
    if node == UNLIMITED:
        return Limit(None, ZERO)
    if node == "seats":
        return Limit(ZERO, ZERO + 1)
    if isinstance(node, dict):
        return Limit(ZERO, not_negative(keyed(node, ("per_seat",), "a limit", required=("per_seat",))["per_seat"]))
    return Limit(not_negative(node), ZERO)


def features_of(plans: Iterable[Plan]) -> tuple[str, ...]:
    """Every feature that some plan gives."""
    given = (feature for plan in plans for some in (plan.features, *plan.term_features.values()) for feature in some)
    return tuple(dict.fromkeys(given))


# --- products and bundles ---------------------------------------------------------------------------


def products_of(
    node: Node, terms: Collection[str], meters: Mapping[str, Meter], plans: Collection[str]
) -> dict[str, Product]:
    """Products by id, in the order written."""
    written = [keyed(item, PRODUCT_KEYS, "a product", required=("id",)) for item in items(node, "products")]
    ids = each_once([*plans, *(an_id(keys["id"], "a product's id") for keys in written)], "products")
    products: dict[str, Product] = {}
    for keys in written:
        name = str(keys["id"])
        adds = mapping(keys.get("adds", {}), "adds")
        goes = mapping(keys.get("goes_with", {}), "goes_with")
        ensure(goes.keys() <= set(ids) - {name}, f"{name} goes with what is not there")
        products[name] = Product(
            name,
            _prices(keys.get("price"), terms),
            {_limited(meter, meters): positive(amount) for meter, amount in adds.items()},
            {mate: positive(strength) for mate, strength in goes.items()},
            an_id(keys["sort"], "sort") if "sort" in keys else None,
            flag(keys["repeat"]) if "repeat" in keys else False,
        )
    return products


def bundles_of(
    node: Node, terms: Collection[str], products: Mapping[str, Product], plans: Collection[str]
) -> dict[str, Bundle]:
    """Bundles by id: for each of their terms what is in them has a price, and together costs no less."""
    bundles: dict[str, Bundle] = {}
    for item in items(node, "bundles"):
        keys = keyed(item, BUNDLE_KEYS, "a bundle", required=BUNDLE_KEYS)
        made = an_id(keys["id"], "a bundle's id")
        ensure(made not in (*plans, *products, *bundles), f"{made} stands twice")
        inside = each_once([word_of(each, products, "a product") for each in items(keys["items"], "items")], made)
        ensure(len(inside) > 1, f"{made} needs two products")
        prices = _prices(keys["price"], terms)
        for term, price in prices.items():
            total = ZERO
            for each in inside if term != ANY_TERM else ():
                listed = products[each].prices
                ensure(term in listed or ANY_TERM in listed, f"{each} has no price for {term}")
                total = plus(total, listed.get(term, ZERO))
            ensure(term == ANY_TERM or price <= total, f"{made} costs more than what is in it")
        bundles[made] = Bundle(made, inside, prices)
    return bundles


# --- ladders ----------------------------------------------------------------------------------------


def ladders_of(
    node: Node, plans: Collection[str], beside: tuple[Collection[str], Collection[str]], in_use: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """The rungs of each, from the lowest up; ``beside`` plans are products and features."""
    products, features = beside
    ladders: dict[str, tuple[str, ...]] = {}
    for name, written in mapping(node, "ladders").items():
        rungs = [word_of(item, (*plans, *products, *features), "a rung") for item in items(written, name)]
        each_once(rungs, f"ladder {name}")
        ensure(len(rungs) > 1, f"ladder {a_name(name)} needs two rungs")
        ensure(not set(rungs) & set(features) & {*plans, *products}, f"ladder {name}: a rung is two things")
        ensure(set(rungs) <= set(plans) or not set(rungs) & set(plans), f"ladder {name} has plans, and others")
        ensure(set(rungs) <= set(plans) or set(rungs[:-1]) <= set(in_use), f"ladder {name}: in_use")
        for lower, upper in pairwise(rungs):
            for others in ladders.values():
                turned = lower in others and upper in others and others.index(lower) > others.index(upper)
                ensure(not turned, f"ladder {name} is the other way round")
        ladders[name] = tuple(rungs)
    return ladders
