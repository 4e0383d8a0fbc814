"""A meter, as it was written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from oracle.conditions.condition import Condition

EVER: Final = "ever"
BILLING_PERIOD: Final = "billing_period"
CALENDAR: Final = ("day", "week", "month")
ROLLING: Final = "rolling"
ANY_EVENT: Final = "any"
USER: Final = "user"
QUANTITY: Final = "quantity"
PLAIN: Final = ("count", "sum", "max")
SUMMED: Final = ("count", "sum")
TOLD_APART: Final = ("distinct", "days_with")


@dataclass(frozen=True)
class Meter:
    """``kind`` is count, sum, max, last, distinct or days_with. ``events`` add to it, ``less`` takes away.

    ``prop`` is what is added up, compared, kept or told apart; ``may_lack``: an event need not have it. ``span`` is
    ever, billing_period, day, week, month, or rolling over ``rolling`` microseconds. ``by``: user, or a property;
    ``by_may_lack``: an event need not have that.
    """

    name: str
    kind: str
    events: tuple[str, ...]
    less: str | None = None
    prop: str | None = None
    may_lack: bool = False
    span: str = EVER
    rolling: int | None = None
    by: str | None = None
    by_may_lack: bool = False
    where: Condition | None = None
    kept: int = 512
    """Event times, or values told apart, that are kept of it."""

    @cached_property
    def is_plain(self) -> bool:
        """Whether it is one number and no more: a count, sum or maximum of ever or of a period, of all its events."""
        return self.kind in PLAIN and self.span in (EVER, BILLING_PERIOD) and self.where is None

    @cached_property
    def key(self) -> str:
        """Its name in the state: with a hash of the definition, so that another definition starts anew."""
        first, also = self.events[0], list(self.events[1:])
        definition: list[object] = [self.kind, first, self.less, self.prop, self.span, self.by == USER]
        more = {
            "also": also,
            "rolling_us": self.rolling,
            "by": None if self.by == USER else self.by,
            "where": None if self.where is None else self.where.text,
        }
        told = {name: value for name, value in more.items() if value}
        written = json.dumps([*definition, told] if told else definition)
        return f"{self.name}#{hashlib.sha256(written.encode()).hexdigest()[:8]}"

    @cached_property
    def of_account(self) -> bool:
        """Whether there is one number for the whole account."""
        return self.by is None

    @cached_property
    def asked_as(self) -> tuple[str, ...]:
        """What conditions call it."""
        return (self.name,) if "." in self.name else (f"meters.{self.name}", f"total(meters.{self.name})")

    @cached_property
    def by_user(self) -> bool:
        """Whether there is a number for each user."""
        return self.by == USER

    def counts(self, event: str) -> bool:
        """Whether an event of this type may move it."""
        return event in (*self.events, self.less) or self.events == (ANY_EVENT,)


USERS: Final = Meter("account.user_count", "distinct", (ANY_EVENT,), prop=USER, may_lack=True)
"""Counts the users of an account, for sets that ask how many there are."""
