"""Read a playbook against the product document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.moments import AnyMoment
from services.trigger_engine.domain.playbook.moments_reader import read_moments
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.offers_reader import Offers, OffersReader
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.written import Declared

KEYS: Final = ("playbook", "about", "moments", "segments", "guardrails", "offers")
LATER: Final = ("segments", "guardrails")


@dataclass(frozen=True, slots=True)
class Playbook:
    """One playbook document."""

    name: str
    about: str | None
    moments: Mapping[str, AnyMoment]
    offers: Mapping[str, OfferDefinition]


def read_playbook(root: Node, product: Product, problems: Problems) -> Playbook:
    """The playbook at ``root``; with anything in ``problems`` the value is not to be used."""
    entries = problems.keys(root, "a playbook", KEYS, LATER)
    name_node = problems.required(entries, "playbook", root, "a playbook")
    name = problems.id(name_node, "the playbook's name") if name_node else ""
    declared = Declared(_names(entries, "moments"), _names(entries, "segments"), _names(entries, "offers"))
    moments = read_moments(entries.get("moments"), product, declared, problems)
    offers = OffersReader(name, product, moments, declared, problems).read(entries.get("offers"))
    _check_used(entries.get("moments"), moments, offers, problems)
    about = problems.text(entries["about"].node, "about") if "about" in entries else None
    return Playbook(name, about, moments, offers.read)


def _names(entries: Mapping[str, Entry], section: str) -> tuple[str, ...]:
    return tuple(entry.key for entry in entries[section].node.entries()) if section in entries else ()


def _check_used(section: Entry | None, moments: Mapping[str, AnyMoment], offers: Offers, problems: Problems) -> None:
    """Note the moments that nobody uses; none when an offer misnames one, which may be any of them."""
    if section is None or offers.misnamed:
        return
    for entry in section.node.entries():
        if entry.key in moments and entry.key not in offers.used:
            problems.add(
                entry.place, "unused-moment", f"no offer is made on moment {entry.key!r}", width=len(entry.key)
            )
