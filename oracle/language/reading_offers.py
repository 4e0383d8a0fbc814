"""The offers of a playbook."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle.language import moment as kinds
from oracle.language.names import condition, with_users_meters
from oracle.language.offer import VERBS, Offer
from oracle.language.reading_guardrails import not_before_of
from oracle.language.reading_verbs import (
    BESIDE,
    does_of,
    no_of,
    report_by_of,
    runs_of,
    stop_if_of,
    variants_of,
)
from oracle.language.reading_words import WordReader
from oracle.language.scalars import (
    a_name,
    an_id,
    each_once,
    ensure,
    keyed,
    length,
    mapping,
    positive,
    some,
    word_of,
)
from oracle.times import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oracle.conditions.condition import Condition
    from oracle.language.moment import Moment
    from oracle.language.names import Names
    from oracle.language.offer import Does
    from oracle.language.reading_product import ProductDocument
    from oracle.language.scalars import Node

KEYS: Final = (
    "on", *VERBS, *(key for beside in BESIDE.values() for key in beside), "for", "not_before", "family", "content",
    "placements", "after_a_no", "open_for", "boost", "propensity", "runs", "stop_if", "variants", "report_by",
)  # fmt: skip
OPEN_FOR: Final = 7 * DAY
ONE: Final = Decimal(1)


class OfferReader:
    """Reads the offers of one playbook. ``names`` are what its conditions read."""

    def __init__(
        self,
        playbook: str,
        product: ProductDocument,
        moments: Mapping[str, Moment],
        segments: Mapping[str, Condition],
        names: Names,
    ) -> None:
        self._playbook = playbook
        self._product = product
        self._moments = moments
        self._segments = segments
        self._names = names

    def read(self, node: Node) -> dict[str, Offer]:
        """Offers by name; each moment has one at least."""
        offers = {a_name(name): self._offer(name, body) for name, body in mapping(node, "offers").items()}
        unused = self._moments.keys() - {name for offer in offers.values() for name in offer.on}
        ensure(not unused, f"no offer is made on {sorted(unused)}")
        return offers

    def _offer(self, name: str, body: Node) -> Offer:
        keys = keyed(body, KEYS, name, required=("on",))
        on = each_once(
            [word_of(item, self._moments, "a moment of the playbook") for item in some(keys["on"], "on")], name
        )
        moments = [self._moments[one] for one in on]
        does = does_of(keys, self._product)
        variants = variants_of(keys["variants"]) if "variants" in keys else {}
        reader = WordReader(does, moments, self._product, variants)
        words, at, of = reader.content(keys["content"]) if "content" in keys else (None, {}, {})
        ensure(len(variants) - len(of) <= 1, f"offer {name}: variants say the same")
        reader.note(does.note)
        no, no_rule, no_for = no_of(keys.get("after_a_no", "30d"), has_steps=_have_steps(moments))
        names = (
            with_users_meters(self._names, self._product.meters.values()) if self._of_users(moments) else self._names
        )
        propensity = positive(keys["propensity"]) if "propensity" in keys else ONE
        ensure(propensity <= ONE, f"offer {name}: propensity is a share")
        return Offer(
            name=name,
            playbook=self._playbook,
            on=on,
            does=does,
            family=an_id(keys["family"], "a family") if "family" in keys else name,
            words=words,
            words_at=at,
            words_of=of,
            placements=self._placements(keys, does),
            no=no,
            no_rule=no_rule,
            no_for=no_for,
            open_for=length(keys["open_for"]) if "open_for" in keys else OPEN_FOR,
            boost=positive(keys["boost"]) if "boost" in keys else ONE,
            propensity=propensity,
            who=condition(keys["for"], names, f"offer {name}") if "for" in keys else None,
            not_before=not_before_of(keys.get("not_before", {}), names),
            runs=runs_of(keys["runs"]) if "runs" in keys else (None, None),
            variants=variants,
            stop_if=stop_if_of(keys["stop_if"]) if "stop_if" in keys else None,
            report_by=report_by_of(keys.get("report_by", []), self._product, self._segments),
        )

    def _placements(self, keys: dict[str, Node], does: Does) -> tuple[str, ...]:
        if does.verb == "task":
            ensure(not keys.keys() & {"placements", "content"}, "a task is shown in its queue and says its note")
            return (does.what,)
        if "placements" not in keys:
            return self._product.placements[:1]
        return tuple(
            word_of(item, self._product.placements, "a placement") for item in some(keys["placements"], "them")
        )

    def _of_users(self, moments: list[Moment]) -> bool:
        """Whether each of the moments is one user's."""
        return all(is_of_user(moment, self._product) for moment in moments)


def is_of_user(moment: Moment, product: ProductDocument) -> bool:
    """Whether a moment is one user's, and with it the offer."""
    match moment:
        case kinds.Milestone() | kinds.Habit():
            return product.meters[moment.meter].by_user
        case kinds.Onboarding():
            return moment.of_user
        case _:
            return False


def _have_steps(moments: list[Moment]) -> bool:
    return all(isinstance(moment, kinds.Limit) for moment in moments)
