"""The moments of a playbook, each by its kind."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle.language import moment as kinds
from oracle.language.meter import CALENDAR, EVER, ROLLING, SUMMED
from oracle.language.names import condition
from oracle.language.scalars import (
    NotASet,
    a_name,
    each_once,
    ensure,
    items,
    keyed,
    length,
    mapping,
    positive,
    share,
    some,
    text,
    whole,
    word_of,
)
from oracle.times import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from oracle.language.meter import Meter
    from oracle.language.moment import Moment
    from oracle.language.names import Names
    from oracle.language.reading_product import ProductDocument
    from oracle.language.scalars import Node

STEPS: Final = (Decimal("0.8"), Decimal("0.9"), Decimal(1))
CONFIDENCE: Final = Decimal("0.8")
MAX_DAYS: Final = 28
MAX_PERIODS: Final = 12
SINCE: Final = ("account.created", "account.plan_since", "account.term_since")
TENURE: Final = re.compile(r"(\d{1,3}) (months?|years?)", re.ASCII)
ENDINGS: Final = ("presented", "clicked", "accepted", "dismissed", "snoozed", "expired", "ignored", "revoked")
KEYS: Final = {
    "limit": ("at", "again_after"),
    "attempt": ("of",),
    "milestone": ("reaches",),
    "onboarding": ("of", "starts", "order", "within"),
    "habit": ("reaches",),
    "growth": ("by", "of", "periods", "from"),
    "tenure": ("reaches",),
    "forecast": ("within", "confidence"),
    "becomes": (),
    "sequence": ("within",),
    "absence": ("after", "within"),
    "outcome": ("of", "within"),
}
NEEDS: Final = {
    "attempt": ("of",),
    "milestone": ("reaches",),
    "habit": ("reaches",),
    "growth": ("by", "of", "from"),
    "tenure": ("reaches",),
    "forecast": ("within",),
    "sequence": ("within",),
    "absence": ("after", "within"),
    "outcome": ("of",),
}


class MomentReader:
    """Reads the moments of one playbook. ``offers`` are the names of its offers, ``names`` what its conditions read."""

    def __init__(self, product: ProductDocument, offers: Collection[str], names: Names) -> None:
        self._product = product
        self._offers = offers
        self._names = names

    def read(self, node: Node) -> dict[str, Moment]:
        """Moments by name."""
        return {a_name(name): self._moment(name, body) for name, body in mapping(node, "moments").items()}

    def _moment(self, name: str, body: Node) -> Moment:
        found = [kind for kind in KEYS if kind in mapping(body, name)]
        ensure(len(found) == 1, f"moment {name} needs exactly one of {list(KEYS)}")
        kind = found[0]
        keys = keyed(body, (kind, *KEYS[kind], "stale_after"), name, required=NEEDS.get(kind, ()))
        stale_after = length(keys["stale_after"]) if "stale_after" in keys else DAY
        read: Mapping[str, Callable[[str, int, dict[str, Node]], Moment]] = {
            "limit": self._limit,
            "attempt": self._attempt,
            "milestone": self._milestone,
            "onboarding": self._onboarding,
            "habit": self._habit,
            "growth": self._growth,
            "tenure": self._tenure,
            "forecast": self._forecast,
            "becomes": self._becomes,
            "sequence": self._sequence,
            "absence": self._absence,
            "outcome": self._outcome,
        }
        return read[kind](name, stale_after, keys)

    # --- of meters ------------------------------------------------------------------------------

    def _limit(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        meter = self._limited(keys["limit"])
        steps = tuple(share(step) for step in some(keys["at"], "at")) if "at" in keys else STEPS
        ensure(list(steps) == sorted(set(steps)) and steps[0] > 0, f"moment {name}: steps")
        below = None
        for again in items(keys.get("again_after", []), "again_after"):
            word = text(again, "again_after")
            if word != "plan_change":
                ensure(word.startswith("below "), f"moment {name}: again_after")
                below = share(word.removeprefix("below "))
                ensure(below < steps[0], f"moment {name} would fire without an end")
        return kinds.Limit(name, stale, meter.name, steps, below)

    def _attempt(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        return kinds.Attempt(name, stale, self._event(keys["attempt"]), self._limited(keys["of"]).name)

    def _milestone(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        meter, reaches = self._meter(keys["milestone"]), keys["reaches"]
        ensure(meter.span != ROLLING, f"moment {name}: a rolling meter reaches nothing once and for all")
        if not isinstance(reaches, str) or not reaches.startswith("account."):
            return kinds.Milestone(name, stale, meter.name, positive(reaches), None)
        goal = word_of(reaches.removeprefix("account."), self._product.facts, "a fact")
        ensure(self._product.facts[goal][0] in ("number", "whole"), f"{goal} is no number")
        return kinds.Milestone(name, stale, meter.name, None, goal)

    def _habit(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        meter = self._meter(keys["habit"])
        ensure(meter.span != EVER, f"moment {name}: what counts for ever is no habit")
        return kinds.Habit(name, stale, meter.name, positive(keys["reaches"]))

    def _growth(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        return kinds.Growth(
            name,
            stale,
            self._summed(keys["growth"]).name,
            self._share(keys["by"]),
            word_of(keys["of"], CALENDAR, "a period of the calendar"),
            whole(keys["periods"], 1, MAX_PERIODS) if "periods" in keys else 1,
            positive(keys["from"]),
        )

    def _forecast(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        meter = self._limited(self._summed(keys["forecast"]).name)
        within = length(keys["within"])
        ensure(within % DAY == 0 and within <= MAX_DAYS * DAY, f"moment {name}: within must be whole days")
        confidence = self._share(keys["confidence"]) if "confidence" in keys else CONFIDENCE
        ensure(confidence <= 1, f"moment {name}: nothing is surer than sure")
        return kinds.Forecast(name, stale, meter.name, within // DAY, confidence)

    # --- of events ------------------------------------------------------------------------------

    def _onboarding(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        return kinds.Onboarding(
            name,
            stale,
            self._events(keys["onboarding"]),
            word_of(keys.get("of", "account"), ("account", "user", *self._product.products), "whose it is"),
            length(keys["within"]) if "within" in keys else None,
            word_of(keys["starts"], (kinds.ACCOUNT_CREATED, *self._product.events), "a start")
            if "starts" in keys
            else None,
            word_of(keys.get("order", "any"), ("any", "as_written"), "an order") == "as_written",
        )

    def _sequence(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        steps = self._events(keys["sequence"])
        ensure(len(steps) > 1, f"moment {name}: one event is no sequence")
        return kinds.Sequence(name, stale, steps, length(keys["within"]))

    def _absence(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        event, after = self._event(keys["absence"]), self._event(keys["after"])
        ensure(event != after, f"moment {name}: nothing can be missed after itself")
        return kinds.Absence(name, stale, event, after, length(keys["within"]))

    # --- of the account -------------------------------------------------------------------------

    def _tenure(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        since = word_of(keys["tenure"], SINCE, "a time of the account").removeprefix("account.")
        found = TENURE.fullmatch(text(keys["reaches"], "reaches"))
        if found is None or int(found[1]) == 0:
            raise NotASet(f"moment {name}: no time of months or years")
        return kinds.Tenure(name, stale, since, int(found[1]) * (12 if found[2].startswith("year") else 1))

    def _becomes(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        return kinds.Becomes(name, stale, condition(keys["becomes"], self._names, f"moment {name}"))

    def _outcome(self, name: str, stale: int, keys: dict[str, Node]) -> Moment:
        within = length(keys["within"]) if "within" in keys else None
        ending = word_of(keys["outcome"], ENDINGS, "what can become of an offer")
        return kinds.Outcome(name, stale, ending, word_of(keys["of"], self._offers, "an offer of the playbook"), within)

    # --- what several need ----------------------------------------------------------------------

    def _meter(self, node: Node) -> Meter:
        return self._product.meters[word_of(node, self._product.meters, "a meter")]

    def _limited(self, node: Node) -> Meter:
        meter = self._meter(node)
        limited = any(meter.name in plan.limits for plan in self._product.plans.values())
        ensure(meter.of_account and limited, f"no plan has a limit of {meter.name}")
        return meter

    def _summed(self, node: Node) -> Meter:
        meter = self._meter(node)
        ensure(meter.kind in SUMMED, f"{meter.name} is neither a count nor a sum")
        return meter

    def _event(self, node: Node) -> str:
        return word_of(node, self._product.events, "an event")

    def _events(self, node: Node) -> tuple[str, ...]:
        return each_once([self._event(item) for item in some(node, "events")], "steps")

    @staticmethod
    def _share(node: Node) -> Decimal:
        found = share(node)
        ensure(found > 0, f"{node!r} must be above 0%")
        return found
