"""What a meter counts, over which time, for whom: as values."""

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from services.trigger_engine.domain.conditions.condition import Condition

ANY_EVENT: Final = "any"
"""What `Aggregate.DAYS_WITH` names instead of events when each of the product's events makes a day count."""

QUANTITY: Final = "quantity"
"""What every event has beside its properties: how many it stands for, 1 unless said."""

USER: Final = "user"
"""What an event may have beside its properties: who it was."""


class Aggregate(StrEnum):
    """How a meter makes one number of many events."""

    COUNT = "count"
    SUM = "sum"
    MAX = "max"
    LAST = "last"
    DISTINCT = "distinct"
    DAYS_WITH = "days_with"


class Span(StrEnum):
    """What time a meter covers. Day, week and month are those of the calendar in the account's zone."""

    EVER = "ever"
    BILLING_PERIOD = "billing_period"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ROLLING = "rolling"


@dataclass(frozen=True, slots=True)
class MeterDefinition:
    """A number kept per account, per user (``by_user``), or per value of the property ``by``.

    ``of`` adds to it, ``less`` takes away (count only), ``prop`` is the property that is added up, compared, kept or
    told apart (None: there is none to read); ``may_lack``, ``by_may_lack``: an event without it, or without ``by``, is
    no fault, and moves nothing. With
    `Aggregate.DAYS_WITH`, ``of`` and ``also`` are the events that make a day count, or ``of`` is `ANY_EVENT`.
    ``rolling_us`` is the length of `Span.ROLLING` in microseconds: event times in (t - length, t]. ``where``: only
    events for which it is true count; it reads ``event.*`` alone.
    """

    name: str
    aggregate: Aggregate
    of: str
    less: str | None = None
    prop: str | None = None
    span: Span = Span.EVER
    by_user: bool = False
    may_lack: bool = False
    also: tuple[str, ...] = ()
    rolling_us: int | None = None
    by: str | None = None
    where: Condition | None = None
    by_may_lack: bool = False
    kept: int = 512
    """Event times, or values told apart, that are kept of it in one slice: up to so many it is exact (`rooms`)."""

    key: str = field(init=False, default="")
    """Name and hash of the definition: a meter that is defined otherwise is another meter, and starts anew."""

    is_plain: bool = field(init=False, default=True)
    """Whether it is a count, sum or maximum of ever or of a billing period, of all its events: one number, no more."""

    def __post_init__(self) -> None:
        spans, aggregates = (Span.EVER, Span.BILLING_PERIOD), (Aggregate.COUNT, Aggregate.SUM, Aggregate.MAX)
        plain = self.aggregate in aggregates and self.span in spans and self.where is None
        object.__setattr__(self, "is_plain", plain)
        definition: list[object] = [self.aggregate, self.of, self.less, self.prop, self.span, self.by_user]
        where = self.where.text if self.where is not None else None
        rest = {"also": sorted(self.also), "rolling_us": self.rolling_us, "by": self.by, "where": where}
        told = {name: value for name, value in rest.items() if value}
        hashed = hashlib.sha256(json.dumps([*definition, told] if told else definition).encode()).hexdigest()[:8]
        object.__setattr__(self, "key", f"{self.name}#{hashed}")  # asked for with every event

    def counts(self, event: str) -> bool:
        """Whether an event of this type moves the meter, or may."""
        return self.of == ANY_EVENT or event in (self.of, self.less, *self.also)

    @property
    def of_account(self) -> bool:
        """Whether there is one number for the whole account."""
        return not self.by_user and self.by is None


USER_COUNT: Final = MeterDefinition("account.user_count", Aggregate.DISTINCT, ANY_EVENT, prop=USER, may_lack=True)
"""Counts the users that were seen, of a set that asks for them. No meter that is declared can have this name."""
