"""Gates that open too late: accounts that had come far enough for an offer long ago, and never saw one (S57)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

NotBefore = Mapping[str, Mapping[str, Decimal]]
"""By offer, and by meter: what the meter must have come to (``not_before``)."""

FAR_TIMES: Final = 2
"""An account is far beyond when a meter stands at so many times what was asked of it, ..."""

FAR_WAIT: Final = timedelta(days=30)
"""... or when it has been ready for so long: as long as a usual cap lasts, so that no cap alone is to blame."""

FURTHEST: Final = 10
"""Accounts that are named; all are counted."""


@dataclass(frozen=True)
class Beyond:
    """A ``meter`` stands at ``value``, where an offer asks for ``asked``."""

    meter: str
    value: Decimal
    asked: Decimal

    @property
    def times(self) -> Decimal:
        """How many times as much it is."""
        return self.value / self.asked


@dataclass(frozen=True)
class Ready:
    """An account that no ``not_before`` has kept a sale from for as long as it ``waited``, and that never saw an offer.

    ``most_often``: the reason of most of its ``decisions`` since. ``beyond``: of the meters that its offers ask about,
    the one that is furthest beyond what they ask; None when they ask about none, or it fell since.
    """

    account: str
    ready_since: datetime
    waited: timedelta
    decisions: int
    most_often: str | None
    beyond: Beyond | None

    @property
    def is_far(self) -> bool:
        """Whether it should have seen one by now."""
        return self.waited >= FAR_WAIT or (self.beyond is not None and self.beyond.times >= FAR_TIMES)


@dataclass(frozen=True)
class TooLate:
    """All accounts that are ready, those of them that are far beyond, and the `FURTHEST` of all."""

    accounts: int
    far: int
    furthest: tuple[Ready, ...]


def too_late(ready: Iterable[Ready]) -> TooLate:
    """The furthest by its meter comes first; where that is equal or not known, who has waited longest."""
    accounts = sorted(ready, key=lambda one: (-(one.beyond.times if one.beyond else 1), -one.waited, one.account))
    return TooLate(len(accounts), sum(one.is_far for one in accounts), tuple(accounts[:FURTHEST]))


def beyond(meters: Mapping[str, str], offers: Iterable[str], not_before: NotBefore) -> Beyond | None:
    """The meter that is furthest beyond what these offers ask of it; ``meters`` by name, decimals as text."""
    reached = [
        Beyond(meter, Decimal(meters[meter]), asked)
        for offer in offers
        for meter, asked in not_before.get(offer, {}).items()
        if meter in meters and Decimal(meters[meter]) >= asked
    ]
    return max(reached, key=lambda one: (one.times, one.meter), default=None)
