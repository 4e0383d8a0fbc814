"""How much of each meter and moment is kept, so that all of a set fit into 28 KiB of an account, a user or a value.

Reckoned is what each takes at most; of the sizes the largest is taken with which the fullest of them has room.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from oracle.language import moment as kinds
from oracle.language.meter import EVER, ROLLING, TOLD_APART, USER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oracle.language.meter import Meter
    from oracle.language.moment import Moment

ROOM: Final = 28 * 1024
SIZES: Final = (512, 256, 128, 64, 32)
BESIDE: Final = 24
"""Bytes beside the name of a meter, or of a moment."""
NUMBER: Final = 22
TIME: Final = 9
SUM_ENTRY: Final = TIME + 9
MARK_ENTRY: Final = TIME + 10
DAYS: Final = 600
WINDOW: Final = NUMBER + 2 * TIME
LIMIT: Final = 2 * NUMBER + 3 * TIME
TOTALS: Final = 64 * (5 + NUMBER)
OFFERS: Final = 32 * 38
KEPT_OF_MOMENTS: Final = (kinds.Limit, kinds.Onboarding, kinds.Sequence, kinds.Absence)


def size_of(meters: Iterable[Meter], moments: Iterable[Moment]) -> int | None:
    """How many event times, or values told apart, are kept of a meter; None when not even the fewest have room."""
    of_meters, of_moments = list(meters), list(moments)
    return next((size for size in SIZES if _fullest(of_meters, of_moments, size) <= ROOM), None)


def eighth(size: int) -> int:
    """How many windows of a meter, or times of a moment, are kept with that."""
    return max(4, size // 8)


def meter_with(meter: Meter, size: int) -> Meter:
    """A meter that keeps so many."""
    return replace(meter, kept=size)


def moment_with(moment: Moment, size: int) -> Moment:
    """A moment that keeps its share."""
    return replace(moment, kept=eighth(size)) if isinstance(moment, KEPT_OF_MOMENTS) else moment


def _fullest(meters: list[Meter], moments: list[Moment], size: int) -> int:
    by = {meter.name: meter.by for meter in meters}
    filled: dict[str | None, int] = {None: 0}
    for meter in meters:
        for holder in {None, meter.by}:
            filled[holder] = filled.get(holder, 0) + BESIDE + len(meter.name) + _of_meter(meter, size)
    for moment in moments:
        watched = str(getattr(moment, "meter", ""))
        holder = USER if isinstance(moment, kinds.Onboarding) and moment.of_user else by.get(watched)
        filled[holder] = filled.get(holder, 0) + BESIDE + len(moment.name) + TIME + _of_moment(moment, eighth(size))
    return max(filled.values())


def _of_meter(meter: Meter, size: int) -> int:
    if meter.is_plain:
        return NUMBER
    if meter.span == ROLLING:
        if meter.kind == "last":
            return NUMBER + TIME
        return size * (MARK_ENTRY if meter.kind in TOLD_APART else SUM_ENTRY)
    windows = 1 if meter.span == EVER else eighth(size)
    if meter.kind == "distinct":
        return TIME * size * min(windows, 2)
    return DAYS if meter.kind == "days_with" else windows * WINDOW


def _of_moment(moment: Moment, times: int) -> int:
    match moment:
        case kinds.Limit():
            return times * LIMIT
        case kinds.Onboarding():
            events = {*moment.steps, *([] if moment.starts in (None, kinds.ACCOUNT_CREATED) else [str(moment.starts)])}
            return sum(len(event) + TIME * (times if moment.in_order else 1) for event in events)
        case kinds.Sequence():
            return sum(len(step) + TIME * times for step in moment.steps)
        case kinds.Absence():
            return 2 * TIME * times
        case kinds.Growth() | kinds.Forecast():
            return TOTALS
        case _:
            return OFFERS if isinstance(moment, kinds.Outcome) else 0
