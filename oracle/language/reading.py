"""A set as it was published: files, told apart by what they are, and read against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oracle.conditions.kinds import FLAG
from oracle.language.guarding import Guardrails
from oracle.language.names import RESERVED, Names, condition
from oracle.language.reading_guardrails import flags_of, guardrails_of
from oracle.language.reading_moments import MomentReader
from oracle.language.reading_offers import OfferReader
from oracle.language.reading_product import product_of
from oracle.language.rules import Playbook, Rules
from oracle.language.scalars import a_name, an_id, each_once, ensure, keyed, mapping, text
from oracle.language.tightening import only_stricter
from oracle.language.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle.conditions.condition import Condition
    from oracle.language.reading_product import ProductDocument
    from oracle.language.scalars import Node

KEYS: Final = ("playbook", "about", "moments", "segments", "guardrails", "offers")
NAMED: Final = ("moments", "segments", "offers")


def rules_of(files: Sequence[tuple[str, str]], version: int) -> Rules:
    """The set that ``files`` (path and text) make; raises `oracle.language.scalars.NotASet`."""
    roots = [tree_of(text) for _, text in files]
    products = [root for root in roots if isinstance(root, dict) and "product" in root]
    ensure(len(products) == 1, "a set needs exactly one product document")
    books = [
        keyed(root, KEYS, "a playbook", ("playbook",))
        for root in roots
        if root is not products[0] and not _is_tests(root)
    ]
    sections = [(section, mapping(book.get(section, {}), section)) for book in books for section in NAMED]
    each_once([name for _, section in sections for name in section], "the set")
    each_once([an_id(book["playbook"], "a playbook's name") for book in books], "the set")
    segments = [name for kind, section in sections if kind == "segments" for name in section]
    product = product_of(products[0], segments)
    made = Rules(version, product, tuple(_playbook(book, product) for book in books))
    ensure(made.size is not None, "there is more to keep than an account has room for")
    return made


def _is_tests(root: Node) -> bool:
    """Whether it is a document of scenarios, which is no part of the set."""
    return isinstance(root, dict) and "scenarios" in root


def _playbook(keys: dict[str, Node], product: ProductDocument) -> Playbook:
    if "about" in keys:
        text(keys["about"], "about")
    name = an_id(keys["playbook"], "a playbook's name")
    written = mapping(keys.get("segments", {}), "segments")
    names = product.names | dict.fromkeys(written, FLAG)
    segments = _segments(written, product, names)
    moments = MomentReader(product, mapping(keys.get("offers", {}), "offers"), names).read(keys.get("moments", {}))
    offers = OfferReader(name, product, moments, segments, names).read(keys.get("offers", {}))
    guardrails = Guardrails()
    if "guardrails" in keys:
        flags = flags_of(product.levels.values(), segments)
        guardrails = guardrails_of(keys["guardrails"], names, flags)
        only_stricter(guardrails, product.guardrails)
    return Playbook(name, segments, moments, offers, guardrails)


def _segments(written: dict[str, Node], product: ProductDocument, names: Names) -> dict[str, Condition]:
    """Each can name those above it."""
    found: dict[str, Condition] = {}
    for name, said in written.items():
        ensure(a_name(name) not in (*RESERVED, *product.levels), f"segment {name} has a name that is taken")
        made = condition(said, names, f"segment {name}")
        ensure(set(made.names) & written.keys() <= found.keys(), f"segment {name} can name those above it only")
        found[name] = made
    return found
