"""A set: everything that was published together, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from oracle.conditions.condition import Condition
from oracle.language import moment as kinds
from oracle.language.bounds import tightened
from oracle.language.feeds import Feed, feed_of
from oracle.language.guarding import Guardrails, Quiet
from oracle.language.meter import EVER, USERS
from oracle.language.moment import Moment
from oracle.language.offer import Offer
from oracle.language.reading_product import ProductDocument
from oracle.language.rooms import meter_with, moment_with, size_of

if TYPE_CHECKING:
    from oracle.language.meter import Meter

PASSING: Final = ("now", "account.age", "account.term_ends")
"""What time alone changes, beside meters whose span passes."""

M = TypeVar("M", bound=Moment)


@dataclass(frozen=True)
class Playbook:
    """One playbook; its guardrails hold for its own offers, beside those of the product document."""

    name: str
    segments: Mapping[str, Condition]
    moments: Mapping[str, Moment]
    offers: Mapping[str, Offer]
    guardrails: Guardrails


@dataclass(frozen=True)
class Rules:
    """Everything that was published together; ``version`` is its offset on the log of sets.

    ``published``: when each meter (by its key) and each moment first was, in microseconds since 1970 UTC.
    """

    version: int
    product: ProductDocument
    playbooks: tuple[Playbook, ...]
    paused: frozenset[str] = field(default_factory=frozenset)
    published: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def moments(self) -> dict[str, Moment]:
        """All moments by name, in the order written."""
        return {name: moment_with(moment, self.size or 0) for name, moment in self._written.items()}

    @cached_property
    def _written(self) -> dict[str, Moment]:
        return {name: moment for playbook in self.playbooks for name, moment in playbook.moments.items()}

    @cached_property
    def size(self) -> int | None:
        """How many event times, or values told apart, are kept of a meter; of moments an eighth. None: too much."""
        return size_of(self.product.meters.values(), self._written.values())

    @cached_property
    def offers(self) -> dict[str, Offer]:
        """All offers by name, in the order written."""
        return {name: offer for playbook in self.playbooks for name, offer in playbook.offers.items()}

    @cached_property
    def segments(self) -> dict[str, Condition]:
        """All segments by name, in the order written."""
        return {name: segment for playbook in self.playbooks for name, segment in playbook.segments.items()}

    @cached_property
    def bounds(self) -> dict[str, Guardrails]:
        """What bounds the offers of each playbook."""
        return {one.name: tightened(self.product.guardrails, one.guardrails) for one in self.playbooks}

    @cached_property
    def cooling(self) -> dict[str, Quiet]:
        """The segments, by their text, that some offers are quiet after: each with the longest that is asked for."""
        found: dict[str, Quiet] = {}
        for one in (quiet for bounds in self.bounds.values() for quiet in bounds.quiet):
            known = found.get(one.text, one)
            if not isinstance(one.state, str) and one.cool_down:
                found[one.text] = max(known, one, key=lambda held: held.cool_down)
        return found

    @cached_property
    def asked(self) -> dict[str, list[str]]:
        """By moment: the names that conditions of its offers, and all segments and levels, ask about."""
        of_all = [
            *self.segments.values(),
            *(rung for level in self.product.levels.values() for rung in level.rungs.values()),
        ]
        return {
            name: names_behind(
                [asked for offer in self.offers_on(moment) for asked in self._conditions(offer)] + of_all, self
            )
            for name, moment in self.moments.items()
        }

    def _conditions(self, offer: Offer) -> list[Condition]:
        """All that is asked before the offer is made."""
        bounds = self.bounds[offer.playbook]
        states = [quiet.state for quiet in bounds.quiet if not isinstance(quiet.state, str)]
        thresholds = [threshold.condition for threshold in (*offer.not_before, *bounds.not_before)]
        caps = [cap.who for cap in bounds.caps if cap.who is not None]
        return [*([] if offer.who is None else [offer.who]), *thresholds, *states, *caps]

    @cached_property
    def meters(self) -> Mapping[str, Meter]:
        """All meters by name, in the order written."""
        return {name: meter_with(meter, self.size or 0) for name, meter in self.product.meters.items()}

    # --- what an event can lead to --------------------------------------------------------------

    @cached_property
    def feeds(self) -> dict[str, Feed]:
        """What each type of event may lead to."""
        moments, asks = tuple(self.moments.values()), self._becomes
        states = [quiet.state for bounds in self.bounds.values() for quiet in bounds.quiet]
        quiet = names_behind([state for state in states if not isinstance(state, str)], self)
        return {event: feed_of(event, self.counting, moments, asks, quiet) for event in self.product.events}

    @cached_property
    def counting(self) -> tuple[Meter, ...]:
        """All meters; the users of an account are counted where anything asks how many there are."""
        names = {name for asked in (*self.asked.values(), *self._becomes.values()) for name in asked}
        names.update(names_behind(self.product.in_use.values(), self))
        return (*self.meters.values(), USERS) if USERS.name in names else tuple(self.meters.values())

    @cached_property
    def _becomes(self) -> dict[str, list[str]]:
        """By moment of a condition: the names that it asks about."""
        return {moment.name: names_behind([moment.condition], self) for moment in self.every(kinds.Becomes)}

    @cached_property
    def by_time(self) -> list[kinds.Becomes]:
        """Those that time alone may make true."""
        passing = {name: any(self.passes(asked) for asked in names) for name, names in self._becomes.items()}
        return [moment for moment in self.every(kinds.Becomes) if passing[moment.name]]

    def passes(self, name: str) -> bool:
        """Whether time alone changes what stands behind a name."""
        meter = name.removeprefix("total(").removesuffix(")").removeprefix("meters.")
        return name in PASSING or (meter in self.meters and self.meters[meter].span != EVER)

    @cached_property
    def meter_keys(self) -> frozenset[str]:
        """The keys of all meters."""
        return frozenset(meter.key for meter in self.counting)

    @cached_property
    def runs_from_the_start(self) -> bool:
        """Whether a timer may run from when an account began: then the first that is heard of it may set one."""
        starts = any(moment.starts is not None for moment in self.onboardings)
        return bool(self.every(kinds.Tenure) or self.by_time) or starts

    def every(self, kind: type[M]) -> list[M]:
        """The moments of a kind, in the order written."""
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[type, list[Any]]:
        found: dict[type, list[Any]] = {}
        for moment in self.moments.values():
            found.setdefault(type(moment), []).append(moment)
        return found

    @cached_property
    def goals(self) -> list[kinds.Milestone]:
        """Milestones that a fact sets."""
        return [moment for moment in self.every(kinds.Milestone) if moment.goal is not None]

    @cached_property
    def onboardings(self) -> list[kinds.Onboarding]:
        """The moments that are onboardings, in the order written."""
        return self.every(kinds.Onboarding)

    @cached_property
    def limits(self) -> list[tuple[kinds.Limit, Meter]]:
        """The moments that are limits, with their meters, in the order written."""
        return [(moment, self.meters[moment.meter]) for moment in self.every(kinds.Limit)]

    def offers_on(self, moment: Moment) -> list[Offer]:
        """The offers that a moment puts forward, in the order written."""
        return [offer for offer in self.offers.values() if moment.name in offer.on]


def names_behind(conditions: Iterable[Condition], rules: Rules) -> list[str]:
    """The names that these ask about; instead of segments and levels what those ask about. Each once."""
    found: dict[str, None] = {}
    for name in (name for condition in conditions for name in condition.names):
        segment, level = rules.segments.get(name), rules.product.levels.get(name.partition(".")[0])
        if segment is not None:
            found |= dict.fromkeys(names_behind([segment], rules))
        elif level is not None:
            found |= dict.fromkeys(names_behind(level.rungs.values(), rules))
        else:
            found[name] = None
    return list(found)
