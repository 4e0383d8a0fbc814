"""What is sold beside the plan: products, and bundles of them."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.numbers import ZERO, added
from services.trigger_engine.domain.playbook.catalogue import ANY_TERM, BundleSold, PlanSold, ProductSold
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.product_plans import Sold
from services.trigger_engine.domain.playbook.product_prices import PRICE
from services.trigger_engine.domain.playbook.shapes import (
    AN_ID,
    FLAG,
    NUMERIC,
    Shape,
    Shapes,
    keyed,
    list_of,
    mapping_of,
)

PRODUCT_KEYS: Final[Shapes] = {
    "id": AN_ID,
    "price": PRICE,
    "adds": mapping_of(NUMERIC),
    "goes_with": mapping_of(NUMERIC, AN_ID),
    "sort": AN_ID,
    "repeat": FLAG,
}
PRODUCTS: Final[Shape] = list_of(keyed(PRODUCT_KEYS, ("id",)))
BUNDLE_KEYS: Final[Shapes] = {"id": AN_ID, "items": list_of(AN_ID, least=2), "price": PRICE}
BUNDLES: Final[Shape] = list_of(keyed(BUNDLE_KEYS, BUNDLE_KEYS))
TYPED_SAVINGS: Final = (
    "saving",
    "savings",
    "save",
    "saves",
    "discount",
    "off",
    "percent_off",
    "was",
    "instead_of",
    "worth",
)
"""Words somebody might look for in a bundle."""


def read_products(section: Entry | None, plans: Mapping[str, PlanSold], sold: Sold) -> dict[str, ProductSold]:
    """Products by id, in the order written."""
    items = sold.problems.items(section.node, "products") if section else ()
    ids = [entry.node.value for item in items for entry in item.entries() if entry.key == "id"]
    mates = [*plans, *(name for name in ids if isinstance(name, str))]
    products: dict[str, ProductSold] = {}
    for item in items:
        keys = sold.problems.keys(item, "a product", PRODUCT_KEYS)
        product_id = sold.id(keys, item, "a product", {**plans, **products})
        if product_id:
            products[product_id] = ProductSold(
                id=product_id,
                prices=sold.prices(keys),
                adds=_adds(keys, sold),
                goes_with=_goes_with(product_id, keys, mates, sold),
                sort=sold.problems.id(keys["sort"].node, "sort") if "sort" in keys else None,
                repeat=_repeat(keys, sold),
            )
    return products


def _adds(keys: Mapping[str, Entry], sold: Sold) -> dict[str, Decimal]:
    adds: dict[str, Decimal] = {}
    for entry in sold.problems.mapping(keys["adds"].node, "adds").values() if "adds" in keys else ():
        meter = sold.meter(entry)
        amount = sold.problems.positive(entry.node, "added capacity")
        if meter and amount is not None:
            adds[meter] = amount
    return adds


def _goes_with(product: str, keys: Mapping[str, Entry], mates: Collection[str], sold: Sold) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for entry in sold.problems.mapping(keys["goes_with"].node, "goes_with").values() if "goes_with" in keys else ():
        name = Node(entry.key, entry.place)
        mate = sold.problems.one_of(name, "a plan or product", mates, "unknown-product")
        if mate == product:
            sold.problems.add(entry.place, "goes-with", f"{mate!r} can not go with itself", width=len(product))
        strength = sold.problems.positive(entry.node, "how strongly they go together")
        if mate and strength is not None:
            found[mate] = strength
    return found


def _repeat(keys: Mapping[str, Entry], sold: Sold) -> bool:
    if "repeat" not in keys:
        return False
    return sold.problems.one_of(keys["repeat"].node, "true or false", ("true", "false"), "flag") == "true"


# --- bundles ---------------------------------------------------------------------------------------


def read_bundles(
    section: Entry | None, plans: Mapping[str, PlanSold], products: Mapping[str, ProductSold], sold: Sold
) -> dict[str, BundleSold]:
    """Bundles by id, in the order written."""
    bundles: dict[str, BundleSold] = {}
    for item in sold.problems.items(section.node, "bundles") if section else ():
        keys = sold.problems.keys(item, "a bundle", [*BUNDLE_KEYS, *TYPED_SAVINGS])
        for key in (key for key in TYPED_SAVINGS if key in keys):
            told = f"what a bundle saves is computed and shown, never typed: leave {key!r} out"
            sold.problems.add(keys[key].place, "typed-saving", told, width=len(key))
        bundle_id = sold.id(keys, item, "a bundle", {**plans, **products, **bundles})
        items = _items(keys, item, products, sold)
        sold.problems.required(keys, "price", item, "a bundle")
        prices = sold.prices(keys)
        if bundle_id:
            bundles[bundle_id] = BundleSold(bundle_id, items, prices)
        if items:
            _is_honest(keys, prices, [products[name] for name in items], sold)
    return bundles


def _items(keys: Mapping[str, Entry], bundle: Node, products: Mapping[str, ProductSold], sold: Sold) -> tuple[str, ...]:
    """The products in it; none, and a problem, when one of them is not there."""
    node = sold.problems.required(keys, "items", bundle, "a bundle")
    if node is None:
        return ()
    written = sold.problems.items(node, "items")
    found = [name for item in written if (name := sold.problems.one_of(item, "a product", products, "unknown-product"))]
    if isinstance(node.value, tuple) and (len(set(found)) != len(found) or len(written) < 2):  # noqa: PLR2004  - a pair
        told = "a bundle needs two products at least, each given once"
        sold.problems.add(keys["items"].place, "bundle", told, width=len("items"))
    return tuple(found) if len(found) == len(written) else ()


def _is_honest(
    keys: Mapping[str, Entry], prices: Mapping[str, Decimal], items: Collection[ProductSold], sold: Sold
) -> None:
    """For each term the items have prices, and together cost no less: or there would be no saving to compute."""
    places = {entry.key: entry.place for entry in keys["price"].node.entries()} if "price" in keys else {}
    for term, price in prices.items():
        if term == ANY_TERM:  # what costs nothing costs no more than anything
            continue
        place = places.get(term, keys["price"].node.place)
        lists = [item.prices.get(term, item.prices.get(ANY_TERM)) for item in items]
        missing = [item.id for item, listed in zip(items, lists, strict=True) if listed is None]
        total = ZERO
        for listed in lists:
            total = added(total, listed or ZERO)
        if missing:
            told = f"{missing[0]!r} has no price for {term!r}, so nobody can tell what the bundle saves"
            sold.problems.add(place, "bundle-price", told, width=len(term))
        elif price > total:
            told = f"the bundle costs {price} and what is in it {total} for {term!r}: it must not cost more"
            sold.problems.add(place, "bundle-price", told, width=len(term))
