"""Read a playbook: its moments and offers, against the product document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.offers import (
    Add,
    AfterNo,
    LimitMoment,
    MilestoneMoment,
    Moment,
    NoRule,
    OfferDefinition,
    OnboardingMoment,
    OnboardingOf,
    UpgradeTo,
    Words,
)
from services.trigger_engine.domain.playbook.problems import did_you_mean
from services.trigger_engine.domain.playbook.product import Product, Span
from services.trigger_engine.domain.playbook.reading import DURATION, DURATIONS_US, Problems
from services.trigger_engine.domain.playbook.words import variables

KEYS: Final = ("playbook", "about", "moments", "offers")
LATER: Final = ("segments", "guardrails")
MOMENT_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "limit": ("limit", "at", "stale_after"),
    "milestone": ("milestone", "reaches", "stale_after"),
    "onboarding": ("onboarding", "of", "within", "order", "stale_after"),
}
MOMENT_LATER: Final = (
    "attempt", "habit", "growth", "tenure", "forecast", "becomes", "sequence", "absence", "outcome",
    "again_after", "starts",
)  # fmt: skip
OFFER_KEYS: Final = (
    "on", "upgrade_to", "add", "family", "content", "placements", "after_a_no", "open_for", "boost",
)  # fmt: skip
VERBS_LATER: Final = ("bundle", "seats", "term", "highlight", "nurture", "task", "choose_from")
OFFER_LATER: Final = (
    *VERBS_LATER, "for", "not_before", "mark", "runs", "stop_if", "variants", "report_by", "propensity", "note", "due",
    "caps",
)  # fmt: skip
VERBS: Final = ("upgrade_to", "add")
DAY_US: Final = DURATIONS_US["d"]
DEFAULT_STALE_AFTER_US: Final = DAY_US
DEFAULT_STEPS: Final[tuple[Decimal, ...]] = (Decimal("0.8"), Decimal("0.9"), Decimal(1))
NEXT_ON: Final = "next on "
HIGHER_STEP: Final = "wait for higher step"
AT: Final = "at_"
"""Begins the key of the words for one step, such as ``at_80%``."""


@dataclass(frozen=True, slots=True)
class Playbook:
    """One playbook document."""

    name: str
    moments: Mapping[str, Moment]
    offers: Mapping[str, OfferDefinition]


def read_playbook(root: Node, product: Product, problems: Problems) -> Playbook:
    """The playbook at ``root``; with anything in ``problems`` the value is not to be used."""
    entries = problems.keys(root, "a playbook", KEYS, LATER)
    name_node = problems.required(entries, "playbook", root, "a playbook")
    name = problems.id(name_node, "the playbook's name") if name_node else ""
    moments = _Moments(product, problems).read(entries.get("moments"))
    declared = [entry.key for entry in entries["moments"].node.entries()] if "moments" in entries else []
    reader = _Offers(name, product, moments, declared, problems)
    offers = reader.read(entries.get("offers"))
    if "moments" in entries and not reader.misnamed:
        for entry in entries["moments"].node.entries():
            if entry.key in moments and entry.key not in reader.used:
                problems.add(
                    entry.place, "unused-moment", f"no offer is made on moment {entry.key!r}", width=len(entry.key)
                )
    return Playbook(name, moments, offers)


class _Moments:
    def __init__(self, product: Product, problems: Problems) -> None:
        self._product = product
        self._problems = problems

    def read(self, section: Entry | None) -> dict[str, Moment]:
        found: dict[str, Moment] = {}
        for entry in self._problems.mapping(section.node, "moments").values() if section else ():
            moment = self._moment(entry)
            if moment is not None:
                found[moment.name] = moment
        return found

    def _moment(self, entry: Entry) -> Moment | None:
        name = self._problems.name(entry, "a moment")
        what = f"moment {name!r}"
        shape = self._problems.mapping(entry.node, what)
        kind = next((kind for kind in MOMENT_KEYS if kind in shape), None)
        known = MOMENT_KEYS[kind] if kind else sum(MOMENT_KEYS.values(), ())
        keys = self._problems.keys(entry.node, what, known, MOMENT_LATER)
        if kind is None:
            if isinstance(entry.node.value, dict) and not any(key in MOMENT_LATER for key in keys):
                self._problems.add(
                    entry.place, "moment", f"{what} needs exactly one of {', '.join(MOMENT_KEYS)}", width=len(name)
                )
            return None
        stale = keys.get("stale_after")
        stale_us = self._problems.duration(stale.node, "stale_after") if stale else DEFAULT_STALE_AFTER_US
        stale_us = DEFAULT_STALE_AFTER_US if stale_us is None else stale_us
        if kind == "limit":
            return self._limit(name, keys, stale_us)
        return (
            self._milestone(name, keys, stale_us, entry)
            if kind == "milestone"
            else self._onboarding(name, keys, stale_us)
        )

    def _limit(self, name: str, keys: Mapping[str, Entry], stale_us: int) -> Moment | None:
        node = keys["limit"].node
        meter = self._meter(node, name)
        if meter is None:
            return None
        if self._product.plans and not any(meter in plan.limits for plan in self._product.plans.values()):
            self._problems.add(node.place, "no-limit", f"no plan has a limit of {meter!r}", width=len(meter))
        steps = DEFAULT_STEPS
        if "at" in keys:
            items = self._problems.items(keys["at"].node, "at")
            steps = tuple(step for item in items if (step := self._problems.percent(item, "a step")) is not None)
            if len(steps) != len(items) or not isinstance(keys["at"].node.value, tuple):
                return None
            if not steps or list(steps) != sorted(set(steps)) or steps[0] <= 0:
                self._problems.add(
                    keys["at"].place, "steps", "steps must be above 0%, ascending, and each given once", width=len("at")
                )
                return None
        return LimitMoment(name, meter, steps, stale_us)

    def _milestone(self, name: str, keys: Mapping[str, Entry], stale_us: int, entry: Entry) -> Moment | None:
        meter = self._meter(keys["milestone"].node, name)
        node = self._problems.required(keys, "reaches", entry.node, f"moment {name!r}")
        if node and isinstance(node.value, str) and node.value.startswith("account."):
            self._problems.later(node, "a milestone that a fact sets")
            return None
        reaches = self._problems.positive(node, "a milestone") if node else None
        return None if meter is None or reaches is None else MilestoneMoment(name, meter, reaches, stale_us)

    def _meter(self, node: Node, moment: str) -> str | None:
        word = self._problems.text(node, "a meter")
        if not word:
            return None
        if word in self._product.meters:
            return word
        hint = did_you_mean(word, self._product.meters)
        message = f"moment {moment!r} watches {word!r}, which is not a meter"
        self._problems.add(node.place, "unknown-meter", message, hint, width=len(word))
        return None

    def _onboarding(self, name: str, keys: Mapping[str, Entry], stale_us: int) -> Moment | None:
        written = keys["onboarding"]
        steps = tuple(
            word
            for item in self._problems.items(written.node, "onboarding")
            if (word := self._problems.one_of(item, "an event", self._product.events, "unknown-event"))
        )
        if written.node.value == () or len(set(steps)) != len(steps):
            self._problems.add(
                written.place, "steps", "onboarding needs events, each given once", width=len(written.key)
            )
        if "order" in keys and keys["order"].node.value != "any":
            self._problems.later(keys["order"].node, "an order of steps other than 'any'")
        within = self._problems.duration(keys["within"].node, "within") if "within" in keys else None
        return OnboardingMoment(name, steps, self._of(keys), within, stale_us)

    def _of(self, keys: Mapping[str, Entry]) -> OnboardingOf:
        if "of" not in keys:
            return OnboardingOf.ACCOUNT
        node = keys["of"].node
        if node.value in self._product.products:
            self._problems.later(node, "the onboarding of a product")
            return OnboardingOf.ACCOUNT
        word = self._problems.one_of(node, "account or user", list(OnboardingOf), "of")
        return OnboardingOf(word) if word else OnboardingOf.ACCOUNT


class _Offers:
    """Reads offers. A moment that could not be read still counts as declared: one fault is told once.

    ``used`` are the moments that some offer is made on; ``misnamed``: an offer named one that is not there, so that
    nobody can tell which of them are not used.
    """

    def __init__(
        self,
        playbook: str,
        product: Product,
        moments: Mapping[str, Moment],
        declared: Sequence[str],
        problems: Problems,
    ) -> None:
        self.used: set[str] = set()
        self.misnamed = False
        self._playbook = playbook
        self._product = product
        self._moments = moments
        self._declared = declared
        self._problems = problems

    def read(self, section: Entry | None) -> dict[str, OfferDefinition]:
        offers: dict[str, OfferDefinition] = {}
        for entry in self._problems.mapping(section.node, "offers").values() if section else ():
            offer = self._offer(entry)
            if offer is not None:
                offers[offer.name] = offer
        return offers

    def _offer(self, entry: Entry) -> OfferDefinition | None:
        name = self._problems.name(entry, "an offer")
        what = f"offer {name!r}"
        keys = self._problems.keys(entry.node, what, OFFER_KEYS, OFFER_LATER)
        on = self._on(keys, entry, what)
        does = self._does(keys, entry, what)
        open_for = self._problems.duration(keys["open_for"].node, "open_for") if "open_for" in keys else 7 * DAY_US
        boost = self._problems.positive(keys["boost"].node, "boost") if "boost" in keys else Decimal(1)
        words, words_at = self._content(keys.get("content"), on)
        if does is None or open_for is None or boost is None:
            return None
        return OfferDefinition(
            name=name,
            playbook=self._playbook,
            on=on,
            does=does,
            family=self._problems.id(keys["family"].node, "a family") if "family" in keys else name,
            words=words,
            words_at=words_at,
            placements=self._placements(keys),
            after_a_no=self._after_a_no(keys, on),
            open_for_us=open_for,
            boost=boost,
        )

    def _on(self, keys: Mapping[str, Entry], entry: Entry, what: str) -> tuple[str, ...]:
        node = self._problems.required(keys, "on", entry.node, what)
        items = self._problems.items(node, "on") if node else ()
        on = tuple(
            word
            for item in items
            if (word := self._problems.one_of(item, "a moment of this playbook", self._declared, "unknown-moment"))
        )
        self.used.update(on)
        self.misnamed = self.misnamed or len(on) < len(items) or not on
        if node and len(set(on)) != len(on):
            self._problems.add(keys["on"].place, "twice", f"{what} names a moment twice", width=len("on"))
        if node and not on and node.value == ():
            self._problems.add(node.place, "no-signal", f"{what} must name the moments that earn it")
        return on if all(name in self._moments for name in on) else ()

    def _does(self, keys: Mapping[str, Entry], entry: Entry, what: str) -> UpgradeTo | Add | None:
        verbs = [verb for verb in VERBS if verb in keys]
        if len(verbs) != 1:
            if isinstance(entry.node.value, dict) and not any(key in VERBS_LATER for key in keys):
                told = f"{what} needs exactly one of {', '.join(VERBS)}"
                self._problems.add(entry.place, "verb", told, width=len(entry.key))
            return None
        node = keys[verbs[0]].node
        if verbs[0] == "add":
            if node.value == "complement":
                self._problems.later(node, "'add: complement'")
                return None
            product = self._problems.one_of(node, "a product", self._product.products, "unknown-product")
            return Add(product) if product else None
        return self._upgrade(node)

    def _upgrade(self, node: Node) -> UpgradeTo | None:
        if node.value == "fitting" or (isinstance(node.value, dict) and "unlocks" in node.value):
            self._problems.later(node, "'upgrade_to: fitting' or 'unlocks'")
            return None
        word = self._problems.text(node, "upgrade_to")
        if word == "next":
            return UpgradeTo()
        if not word or not self._product.plans:
            return None
        if word.startswith(NEXT_ON):
            place = replace(node.place, column=node.place.column + len(NEXT_ON))
            named = Node(word.removeprefix(NEXT_ON), place)
            ladder = self._problems.one_of(named, "a ladder", self._product.ladders, "unknown-ladder")
            return UpgradeTo(ladder=ladder) if ladder else None
        plan = self._problems.one_of(node, "'next', 'next on LADDER' or a plan", self._product.plans, "unknown-plan")
        return UpgradeTo(plan=plan) if plan else None

    def _placements(self, keys: Mapping[str, Entry]) -> tuple[str, ...]:
        known = self._product.placements
        if "placements" not in keys or not known:
            return known[:1]
        written = keys["placements"]
        if written.node.value == ():
            told = "at least one placement is needed, or the offer could not be shown"
            self._problems.add(written.place, "missing", told, width=len(written.key))
        return tuple(
            word
            for item in self._problems.items(written.node, "placements")
            if (word := self._problems.one_of(item, "a placement", known, "unknown-placement"))
        )

    def _after_a_no(self, keys: Mapping[str, Entry], on: tuple[str, ...]) -> AfterNo:
        if "after_a_no" not in keys:
            return AfterNo(NoRule.FOR, "30d", 30 * DAY_US)
        node = keys["after_a_no"].node
        written = self._problems.text(node, "after_a_no")
        if written == HIGHER_STEP:
            if not all(isinstance(self._moments[name], LimitMoment) for name in on):
                told = f"{HIGHER_STEP!r} needs moments that have steps"
                self._problems.add(node.place, "no-steps", told, width=len(written))
            return AfterNo(NoRule.HIGHER_STEP, written)
        if written in ("never", "next_period"):
            return AfterNo(NoRule(written), written)
        if DURATION.fullmatch(written):
            return AfterNo(NoRule.FOR, written, self._problems.duration(node, "after_a_no"))
        if written:
            told = f"after_a_no must be 30d, never, next_period or '{HIGHER_STEP}', not {written!r}"
            self._problems.add(node.place, "after-a-no", told, width=len(written))
        return AfterNo(NoRule.NEVER, written)

    # --- content --------------------------------------------------------------------------------

    def _content(self, entry: Entry | None, on: tuple[str, ...]) -> tuple[Words | None, dict[Decimal, Words]]:
        if entry is None:
            return None, {}
        shape = self._problems.mapping(entry.node, "content")
        at = [key for key in shape if key.startswith(AT)]
        keys = self._problems.keys(entry.node, "content", ["title", "body", "otherwise", *at])
        words = self._words(keys, entry.node, on)
        words_at: dict[Decimal, Words] = {}
        for key in at:
            place = replace(keys[key].place, column=keys[key].place.column + len(AT))
            step = self._problems.percent(Node(key.removeprefix(AT), place), "a step in 'at_80%'")
            inner = self._problems.keys(keys[key].node, key, ("title", "body", "otherwise"))
            if step is not None and on and not any(step in self._steps(name) for name in on):
                told = f"no moment of this offer has a step {key.removeprefix(AT)}"
                self._problems.add(place, "unknown-step", told, width=len(key) - len(AT))
            if step is not None:
                words_at[step] = self._words(inner, keys[key].node, on, words.otherwise)
        return words, words_at

    def _steps(self, moment: str) -> tuple[Decimal, ...]:
        found = self._moments[moment]
        return found.steps if isinstance(found, LimitMoment) else ()

    def _words(self, keys: Mapping[str, Entry], node: Node, on: tuple[str, ...], inherited: str | None = None) -> Words:
        title = self._problems.required(keys, "title", node, "content")
        words = Words(
            title=self._problems.text(title, "title") if title else "",
            body=self._problems.text(keys["body"].node, "body") if "body" in keys else None,
            otherwise=self._problems.text(keys["otherwise"].node, "otherwise") if "otherwise" in keys else inherited,
        )
        for key in ("title", "body"):
            for name in variables(getattr(words, key) or ""):
                self._variable(name, keys[key].node, on, has_other=words.otherwise is not None)
        if "otherwise" in keys and variables(words.otherwise or ""):
            place = keys["otherwise"].node.place
            self._problems.add(place, "otherwise", "'otherwise' is for when a variable is unknown: it can have none")
        return words

    def _variable(self, name: str, node: Node, on: tuple[str, ...], *, has_other: bool) -> None:
        meters = self._product.meters
        known = [*(f"meters.{meter}" for meter in meters), *(f"limit.{meter}" for meter in meters), "target", "price"]
        if name not in known:
            self._problems.add(
                node.place, "unknown-variable", f"{{{name}}} is not known here", did_you_mean(name, known)
            )
        elif on and not has_other and self._may_be_unknown(name, on):
            self._problems.add(
                node.place, "otherwise", f"{{{name}}} may be unknown, so 'otherwise' must say what is shown then"
            )

    def _may_be_unknown(self, name: str, on: tuple[str, ...]) -> bool:
        """Whether an account can reach this offer for which ``name`` has no value."""
        scope, _, meter = name.partition(".")
        if scope == "target":
            return False
        moments = [self._moments[moment] for moment in on]
        if scope == "limit":
            return not all(isinstance(moment, LimitMoment) and moment.meter == meter for moment in moments)
        if scope == "meters":
            definition = self._product.meters[meter]
            always_known = definition.span is Span.EVER and not definition.by_user
            return not always_known and not all(
                isinstance(moment, LimitMoment | MilestoneMoment) and moment.meter == meter for moment in moments
            )
        return scope == "price"
