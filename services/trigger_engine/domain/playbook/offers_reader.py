"""Read the offers of a playbook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.conditions.names import Names
from services.trigger_engine.domain.playbook.conditions_reader import read_condition
from services.trigger_engine.domain.playbook.content_reader import check_note, read_content
from services.trigger_engine.domain.playbook.document import Entry
from services.trigger_engine.domain.playbook.honesty import without_dark_keys
from services.trigger_engine.domain.playbook.moments import (
    AnyMoment,
    HabitMoment,
    MilestoneMoment,
    OnboardingMoment,
    OnboardingOf,
)
from services.trigger_engine.domain.playbook.no_reader import read_after_a_no
from services.trigger_engine.domain.playbook.offer_keys import OFFER_KEYS, SHOWN_NOWHERE
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.product_guardrails import read_not_before
from services.trigger_engine.domain.playbook.reading import DURATIONS_US, Problems
from services.trigger_engine.domain.playbook.trials_reader import (
    check_variants_differ,
    read_report_by,
    read_runs,
    read_stop_if,
    read_variants,
)
from services.trigger_engine.domain.playbook.variables import variables_of
from services.trigger_engine.domain.playbook.verbs import Does, Nurture, TaskFor
from services.trigger_engine.domain.playbook.verbs_reader import read_verb
from services.trigger_engine.domain.playbook.written import Declared, Written

DEFAULT_OPEN_FOR_US: Final = 7 * DURATIONS_US["d"]
ONE: Final = Decimal(1)
UNREAD: Final = Nurture("")
"""Stands for a verb that could not be read, so that the rest of the offer is."""


@dataclass(slots=True)
class Offers:
    """The offers read, and each as it was written. ``used`` are the moments that some offer is made on.

    ``misnamed``: an offer names a moment that is not there, so that nobody can tell which are not used.
    """

    read: dict[str, OfferDefinition] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    misnamed: bool = False


class OffersReader:
    """Reads offers. A moment that could not be read still counts as declared: one fault is told once."""

    def __init__(
        self,
        playbook: str,
        product: Product,
        moments: Mapping[str, AnyMoment],
        declared: Declared,
        problems: Problems,
    ) -> None:
        self._playbook = playbook
        self._product = product
        self._moments = moments
        self._declared = declared
        self._problems = problems
        self._offers = Offers()

    def read(self, section: Entry | None) -> Offers:
        """The offers under ``section``, without those that can not be read."""
        for entry in self._problems.mapping(section.node, "offers").values() if section else ():
            offer = self._offer(entry)
            if offer is not None:
                self._offers.read[offer.name] = offer
        return self._offers

    def _offer(self, entry: Entry) -> OfferDefinition | None:
        what = f"offer {self._problems.name(entry, 'an offer')!r}"
        keys = self._problems.keys(without_dark_keys(entry.node, what, self._problems), what, OFFER_KEYS)
        offer = Written(what, entry, keys, self._product, self._declared, self._problems)
        self._offers.written[entry.key] = offer
        on = self._on(offer)
        moments = [self._moments[name] for name in on]
        does = read_verb(offer)
        variants = read_variants(offer)
        known = variables_of(does, moments, self._product)
        content = read_content(offer, moments, known, tuple(variants))
        check_variants_differ(offer, variants, content.worded)
        check_note(offer, known)
        definition = OfferDefinition(
            name=offer.name,
            playbook=self._playbook,
            on=on,
            does=does or UNREAD,
            family=self._problems.id(keys["family"].node, "a family") if "family" in keys else offer.name,
            words=content.words,
            words_at=content.at,
            placements=self._placements(offer, does),
            after_a_no=read_after_a_no(offer, moments),
            open_for_us=offer.duration("open_for", DEFAULT_OPEN_FOR_US) or DEFAULT_OPEN_FOR_US,
            boost=self._factor(offer, "boost"),
            propensity=self._propensity(offer),
            only_for=self._only_for(offer, moments),
            not_before=read_not_before(keys.get("not_before"), self._names(moments), self._problems),
            words_of=content.of,
            runs=read_runs(offer),
            stop_if=read_stop_if(offer),
            variants=variants,
            report_by=read_report_by(offer),
        )
        return None if does is None else definition

    def _on(self, offer: Written) -> tuple[str, ...]:
        node = offer.required("on")
        items = self._problems.items(node, "on") if node else ()
        known = self._declared.moments
        on = tuple(
            word
            for item in items
            if (word := self._problems.one_of(item, "a moment of this playbook", known, "unknown-moment"))
        )
        self._offers.used.update(on)
        self._offers.misnamed = self._offers.misnamed or len(on) < len(items) or not on
        if node and len(set(on)) != len(on):
            offer.add("on", "twice", f"{offer.what} names a moment twice")
        if node and not on and node.value == ():
            self._problems.add(node.place, "no-signal", f"{offer.what} must name the moments that earn it")
        return on if all(name in self._moments for name in on) else ()

    def _only_for(self, offer: Written, moments: Sequence[AnyMoment]) -> Condition | None:
        node = offer.node("for")
        return read_condition(node, "for", self._names(moments), self._problems) if node else None

    def _names(self, moments: Sequence[AnyMoment]) -> Names:
        """What conditions of an offer at these moments read: meters by user only where each is one user's moment."""
        segments = self._declared.segments
        one_user = moments and all(of_user(moment, self._product) for moment in moments)
        return segments.of_user if one_user else segments.names

    def _placements(self, offer: Written, does: Does | None) -> tuple[str, ...]:
        if isinstance(does, TaskFor):
            for key in SHOWN_NOWHERE:
                if key in offer.keys:
                    offer.add(key, "goes-with", f"a task is shown in its queue and says its note: it has no {key!r}")
            return (does.queue,)
        known = self._product.placements
        if "placements" not in offer.keys or not known:
            return known[:1]
        node = offer.keys["placements"].node
        if node.value == ():
            offer.add("placements", "missing", "at least one placement is needed, or the offer could not be shown")
        return tuple(
            word
            for item in self._problems.items(node, "placements")
            if (word := self._problems.one_of(item, "a placement", known, "unknown-placement"))
        )

    def _factor(self, offer: Written, key: str) -> Decimal:
        node = offer.node(key)
        return ONE if node is None else self._problems.positive(node, key) or ONE

    def _propensity(self, offer: Written) -> Decimal:
        propensity = self._factor(offer, "propensity")
        if propensity > ONE:
            offer.add("propensity", "range", "propensity is a share of those who are asked: 1 at most")
        return propensity


def of_user(moment: AnyMoment, product: Product) -> bool:
    """Whether the moment is one user's, and with it the offer."""
    match moment:
        case MilestoneMoment() | HabitMoment():
            return product.meters[moment.meter].by_user
        case OnboardingMoment():
            return moment.of is OnboardingOf.USER
        case _:
            return False
