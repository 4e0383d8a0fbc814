"""What a meter stands at, worked out from the whole list of events each time: slow and plain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.trigger_engine.domain.reference.dates import shown


@dataclass(frozen=True, order=True)
class Event:
    """Something that happened at ``at``, microseconds since 1970 UTC."""

    type: str
    at: int
    quantity: Decimal = Decimal(1)
    size: Decimal = Decimal(0)
    who: str = ""


def wall(at: int, zone: str) -> datetime:
    return shown(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at), zone)


Number = Callable[[Sequence[Event], str], Decimal]


def _newest(events: Sequence[Event]) -> Decimal:
    return max(events, key=lambda event: (event.at, event.size)).size if events else Decimal(0)


NUMBERS: dict[str, Number] = {
    "count": lambda events, _: sum((-e.quantity if e.type == "less" else e.quantity for e in events), Decimal(0)),
    "sum": lambda events, _: sum((event.size for event in events), Decimal(0)),
    "max": lambda events, _: max([Decimal(0), *(event.size for event in events)]),
    "last": lambda events, _: _newest(events),
    "distinct": lambda events, _: Decimal(len({event.who for event in events})),
    "days_with": lambda events, zone: Decimal(len({wall(event.at, zone).date() for event in events})),
}

SAME: dict[str, Callable[[datetime, datetime], bool]] = {
    "ever": lambda _, __: True,
    "day": lambda one, other: one.date() == other.date(),
    "week": lambda one, other: one.isocalendar()[:2] == other.isocalendar()[:2],
    "month": lambda one, other: (one.year, one.month) == (other.year, other.month),
}


def stands(aggregate: str, span: str | int, events: Sequence[Event], at: int, zone: str) -> Decimal:
    """What the meter stands at, at ``at``. ``span``: a word, or the microseconds of a rolling window."""
    if isinstance(span, int):
        held = [event for event in events if at - span < event.at <= at]
    else:
        held = [event for event in events if SAME[span](wall(event.at, zone), wall(at, zone))]
    return NUMBERS[aggregate](held, zone)


def highest(aggregate: str, span: str | int, events: Sequence[Event], zone: str) -> Decimal:
    """The most that it stands at when something happens."""
    return max((stands(aggregate, span, events, event.at, zone) for event in events), default=Decimal(0))
