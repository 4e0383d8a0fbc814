"""How much of each meter and moment is kept: so much that all of a set fit into the state of an account together.

What an account, a user or a value of a property has in the worst case is reckoned beforehand. Where that is too much,
windows that roll, values told apart and lists of times are bounded sooner: they are exact up to fewer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import (
    AbsenceMoment,
    AnyMoment,
    ForecastMoment,
    GrowthMoment,
    LimitMoment,
    OnboardingMoment,
    OnboardingOf,
    OutcomeMoment,
    SequenceMoment,
    meter_of,
)

ROOM_BYTES: Final = 28 * 1024
"""For meters and moments, in one slice. Facts, tickets, offers and what else there is have 36 KiB."""

SIZES: Final = (512, 256, 128, 64, 32)
"""Event times, or values told apart, of one meter; the largest that fits is taken. Moments keep an eighth of it."""

SHARE: Final = 8
"""Of times of a moment, and of windows that follow each other, to event times of a meter."""

NUMBER: Final = 22
"""Bytes of a number of twenty characters, and of what it lies in."""

TIME: Final = 9
NAMED: Final = 24
"""Bytes of what stands beside the name of a meter or moment: a hash, a tag, a few small numbers."""

DAYS: Final = 600
OUTCOMES: Final = 32 * 38
TOTALS: Final = 64 * (5 + NUMBER)
LEAST_WINDOWS: Final = 4


def windows_of(size: int) -> int:
    """How many windows of a meter are kept, or times of a moment, where ``size`` event times are."""
    return max(LEAST_WINDOWS, size // SHARE)


def size_for(meters: Iterable[MeterDefinition], moments: Iterable[AnyMoment]) -> int | None:
    """The most that fits; None when not even the least does."""
    of_meters, of_moments = list(meters), list(moments)
    return next((size for size in SIZES if _most(of_meters, of_moments, size) <= ROOM_BYTES), None)


def roomed_meters(meters: Mapping[str, MeterDefinition], size: int) -> dict[str, MeterDefinition]:
    """The same meters, each keeping so much."""
    return {name: replace(meter, kept=size) for name, meter in meters.items()}


def roomed_moments(moments: Mapping[str, AnyMoment], size: int) -> dict[str, AnyMoment]:
    """The same moments, each keeping its share."""
    kept = windows_of(size)
    return {
        name: replace(moment, kept=kept)
        if isinstance(moment, LimitMoment | OnboardingMoment | SequenceMoment | AbsenceMoment)
        else moment
        for name, moment in moments.items()
    }


def _most(meters: list[MeterDefinition], moments: list[AnyMoment], size: int) -> int:
    """What the fullest slice has: the account's, that of a user, or that of a value of a property."""
    by = {meter.name: "user" if meter.by_user else meter.by for meter in meters}
    found: dict[str | None, int] = {
        None: sum(_meter(meter, size) for meter in meters)
    }  # the account has the total of each
    for meter in meters:
        if by[meter.name] is not None:
            found[by[meter.name]] = found.get(by[meter.name], 0) + _meter(meter, size)
    for moment in moments:
        holder = by.get(meter_of(moment) or "")
        if isinstance(moment, OnboardingMoment) and moment.of is OnboardingOf.USER:
            holder = "user"
        found[holder] = found.get(holder, 0) + _moment(moment, size)
    return max(found.values())


def _meter(meter: MeterDefinition, size: int) -> int:
    named = len(meter.name) + NAMED
    rolls, marked = meter.span is Span.ROLLING, meter.aggregate in (Aggregate.DISTINCT, Aggregate.DAYS_WITH)
    if meter.is_plain:
        return named + NUMBER
    if rolls and meter.aggregate is Aggregate.LAST:
        return named + NUMBER + TIME
    if rolls:
        return named + size * (TIME + (TIME + 1 if marked else SHARE + 1))
    if meter.aggregate is Aggregate.DISTINCT:
        return named + (1 if meter.span is Span.EVER else 2) * size * TIME
    if meter.aggregate is Aggregate.DAYS_WITH:
        return named + DAYS
    return named + (1 if meter.span is Span.EVER else windows_of(size)) * (NUMBER + 2 * TIME)


def _moment(moment: AnyMoment, size: int) -> int:
    return len(moment.name) + NAMED + TIME + _lists(moment, windows_of(size))


def _lists(moment: AnyMoment, times: int) -> int:
    """What is in the lists of a moment, of so many times each."""
    match moment:
        case LimitMoment():
            return times * (2 * NUMBER + 3 * TIME)
        case OnboardingMoment():
            return sum(len(step) + TIME * (times if moment.in_order else 1) for step in moment.events)
        case SequenceMoment():
            return sum(len(step) + TIME * times for step in moment.steps)
        case AbsenceMoment():
            return TIME * 2 * times
        case GrowthMoment() | ForecastMoment():
            return TOTALS
        case _:
            return OUTCOMES if isinstance(moment, OutcomeMoment) else 0
