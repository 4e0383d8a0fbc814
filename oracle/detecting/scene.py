"""One account at one input: all that may be looked at, and changed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from oracle.meters.counting import Reading, standing
from oracle.meters.windows import When, window_of
from oracle.numbers import ZERO, trimmed
from oracle.state import Standing, size
from oracle.times import FIRST

if TYPE_CHECKING:
    from collections.abc import Container
    from decimal import Decimal

    from oracle.at import At
    from oracle.holdings import Holdings
    from oracle.ids import Part
    from oracle.language.meter import Meter
    from oracle.language.moment import Milestone, Moment, Onboarding
    from oracle.language.rules import Rules
    from oracle.moments.state import State
    from oracle.state import Account, Slice

FORMER_BYTES: Final = 2 * 1024
MAX_FORMER: Final = 16
"""Meters, or moments, of former sets that a slice remembers."""

NOTHING_YET: Final = Standing()

S = TypeVar("S", bound="State")
V = TypeVar("V")


class Scene:
    """One account under one version of the set, at some time."""

    def __init__(self, name: str, account: Account, holdings: Holdings, rules: Rules, at: At) -> None:
        self.id = name
        self.account = account
        self.holdings = holdings
        self.rules = rules
        self.at = at
        self.now = at.now
        self.floor = at.floor

    @property
    def named(self) -> str:
        """The account as ids name it: one that came back after its erasure is another."""
        erased_at = self.account.erased_at
        return self.id if erased_at is None else f"{self.id}@{erased_at}"

    @cached_property
    def when(self) -> When:
        """What event times are held against."""
        return When(self.account.clocks(), self.account.period(), self.floor)

    def holder(self, part: Part | None) -> Slice:
        """The slice of the account, or of one part of it."""
        return self.account if part is None else self.holdings.part(self.id, part)

    def notice(self) -> bool:
        """Something was heard of the account; whether it is the first."""
        is_first = self.account.first_seen is None
        if is_first:
            self.account.first_seen = self.now
            self.__dict__.pop("began", None)
        return is_first

    @cached_property
    def began(self) -> int | None:
        """When the account began: it was created, or, where accounts start empty, first heard of; else nobody knows."""
        created = self.account.created()
        return self.account.first_seen if created is None and self.rules.product.starts_empty else created

    def since_when(self, name: str) -> int | None:
        """When it was ``created``; its ``plan_since``: on the plan of all beginners since it began; ``term_since``."""
        since = self.account.since
        if name == "term_since":
            return since.get("term")
        return since.get("plan") if name == "plan_since" and "plan" in self.account.facts else self.began

    # --- moments --------------------------------------------------------------------------------

    def state(self, holder: Slice, moment: Moment, blank: S) -> S:
        """What a moment remembers; ``blank`` when that is nothing, or of another kind of moment."""
        found = holder.moments.get(moment.name)
        return found if isinstance(found, type(blank)) else blank

    def keep(self, holder: Slice, moment: Moment, state: State) -> None:
        """Have it remember."""
        put(holder.moments, moment.name, state, self.rules.moments)

    def goal(self, moment: Milestone) -> Decimal | None:
        """What a milestone is to reach; None while nobody told."""
        return moment.reaches if moment.goal is None else self.account.number(moment.goal, self.rules.product)

    def since(self, name: str) -> int:
        """When a meter (by its key) or a moment was first published."""
        return FIRST if self.at.always else self.rules.published.get(name, FIRST)

    def could_begin(self, moment: Onboarding) -> int | None:
        """Since when there was somebody to do the steps: the account, or the account with the product."""
        bought = None if moment.product is None else self.account.facts.get(f"product:{moment.product}")
        if bought is not None and bought.value is True:
            return bought.at
        return self.account.first_seen if self.began is None else self.began

    # --- meters ---------------------------------------------------------------------------------

    def reading(self, meter: Meter, holder: Slice, at: int) -> Reading | None:
        """What a meter stands at, wherever it is kept; None when no known billing period holds ``at``."""
        if not meter.is_plain:
            return standing(meter, holder.counted.get(meter.key), at, self.when)
        held, window = holder.meters.get(meter.key, NOTHING_YET), window_of(meter.span, at, self.when)
        if window is None:
            return None
        period = None if meter.span == "ever" else window
        return Reading(trimmed(held.value) if held.period == period or period is None else ZERO, at, period)

    def stands(self, meter: Meter, holder: Slice) -> Reading | None:
        """What it stands at now; None also when not all of it was seen."""
        return self.reading(meter, holder, self.now) if self.knows(meter, self.now) else None

    def knows(self, meter: Meter, at: int) -> bool:
        """Whether all that a meter counts, at ``at``, was seen.

        So it is of an account that began since the meter was published; in the window that a baseline was told for; and
        in one that has begun, or rolled over, since then.
        """
        account, published, began = self.account, self.since(meter.key), self.began
        if began is not None and began >= published:
            return True
        if meter.span == "rolling":
            return at - (meter.rolling or 0) >= published
        window = window_of(meter.span, at, self.when)
        told = account.baselines.get(meter.key)
        if window is None or (told is not None and window == window_of(meter.span, told, self.when)):
            return window is not None
        return meter.span != "ever" and at >= published and window != window_of(meter.span, published, self.when)


def put(held: dict[str, V], name: str, value: V, present: Container[str]) -> None:
    """Keep a value under a name; of what the set has not any more only so much, the first is forgotten."""
    if name not in held:
        former = [known for known in held if known not in present]
        while len(former) > MAX_FORMER or (former and size([(known, held[known]) for known in former]) > FORMER_BYTES):
            del held[former.pop(0)]
    held[name] = value
