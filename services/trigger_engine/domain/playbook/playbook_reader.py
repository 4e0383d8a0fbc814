"""Read a playbook against the product document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.guardrails import Guardrails
from services.trigger_engine.domain.playbook.moments import AnyMoment
from services.trigger_engine.domain.playbook.moments_reader import MOMENTS, read_moments
from services.trigger_engine.domain.playbook.offer_keys import OFFERS
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.offers_reader import Offers, OffersReader
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.product_guardrails import GUARDRAILS
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.segments_reader import SEGMENTS, Segments, read_segments
from services.trigger_engine.domain.playbook.shapes import AN_ID, TEXT, Shapes, described
from services.trigger_engine.domain.playbook.tightening import read_tightening
from services.trigger_engine.domain.playbook.written import Declared, Written

KEYS: Final[Shapes] = {
    "playbook": described(AN_ID, "Its name"),
    "about": described(TEXT, "What it is about, in words"),
    "moments": described(MOMENTS, "What can become true and earn an offer"),
    "segments": SEGMENTS,
    "guardrails": described(GUARDRAILS, "What is stricter here than the product document says"),
    "offers": described(OFFERS, "What to do about it"),
}
REQUIRED: Final = ("playbook",)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where things stand: the document, its sections, and each offer as it was written."""

    path: str
    entries: Mapping[str, Entry]
    offers: Mapping[str, Written]

    def named(self, section: str) -> Mapping[str, Entry]:
        """The entries of a section by name; none of one that is not there."""
        return {entry.key: entry for entry in self.entries[section].node.entries()} if section in self.entries else {}


@dataclass(frozen=True, slots=True)
class Playbook:
    """One playbook document. ``guardrails`` hold for its offers beside those of the product document."""

    name: str
    about: str | None
    moments: Mapping[str, AnyMoment]
    segments: Segments
    guardrails: Guardrails
    offers: Mapping[str, OfferDefinition]
    sources: Sources


def read_playbook(root: Node, product: Product, problems: Problems) -> Playbook:
    """The playbook at ``root``; with anything in ``problems.found`` the value is not to be used."""
    entries = problems.keys(root, "a playbook", KEYS)
    name_node = problems.required(entries, "playbook", root, "a playbook")
    name = problems.id(name_node, "the playbook's name") if name_node else ""
    segments = read_segments(entries.get("segments"), product, problems)
    declared = Declared(_names(entries, "moments"), _names(entries, "offers"), segments)
    moments = read_moments(entries.get("moments"), product, declared, problems)
    offers = OffersReader(name, product, moments, declared, problems).read(entries.get("offers"))
    _check_used(entries.get("moments"), moments, offers, problems)
    return Playbook(
        name=name,
        about=problems.text(entries["about"].node, "about") if "about" in entries else None,
        moments=moments,
        segments=segments,
        guardrails=read_tightening(entries.get("guardrails"), product, segments, problems),
        offers=offers.read,
        sources=Sources(root.place.path, entries, offers.written),
    )


def _names(entries: Mapping[str, Entry], section: str) -> tuple[str, ...]:
    return tuple(entry.key for entry in entries[section].node.entries()) if section in entries else ()


def _check_used(section: Entry | None, moments: Mapping[str, AnyMoment], offers: Offers, problems: Problems) -> None:
    """Note the moments that nobody uses; none when an offer misnames one, which may be any of them."""
    if section is None or offers.misnamed:
        return
    for entry in section.node.entries():
        if entry.key in moments and entry.key not in offers.used:
            told = f"no offer is made on moment {entry.key!r}: name it under 'on' of one, or leave it out"
            problems.add(entry.place, "unused-moment", told, width=len(entry.key))
