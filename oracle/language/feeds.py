"""What one type of event may lead to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from oracle.language import moment as kinds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from oracle.language.meter import Meter
    from oracle.language.moment import Moment

STEPS: Final = "(steps)"
"""Stands for steps of onboardings beside the names of meters that may end a reason."""

ON_METERS: Final = (kinds.Limit, kinds.Milestone, kinds.Habit)
ADDING_UP: Final = (kinds.Growth, kinds.Forecast)


class Watched(NamedTuple):
    """A meter; the moments that look at it whenever it moves, and those that add up what it counts."""

    meter: Meter
    moments: tuple[Moment, ...]
    trends: tuple[kinds.Growth | kinds.Forecast, ...]


@dataclass(frozen=True)
class Feed:
    """The meters that an event may move, and the moments that it is a step of by itself, all in the order written."""

    meters: tuple[Watched, ...]
    attempts: tuple[kinds.Attempt, ...]
    onboardings: tuple[kinds.Onboarding, ...]
    sequences: tuple[kinds.Sequence, ...]
    absences: tuple[kinds.Absence, ...]
    becomes: tuple[kinds.Becomes, ...]
    quiets: bool = False
    """Whether it may bring an account into a segment in which it is left alone."""

    @cached_property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return not (self.meters or self.attempts or self.onboardings or self.sequences or self.absences)

    @cached_property
    def is_plain(self) -> bool:
        """Whether it only counts, and moments look at what is counted."""
        return not (self.attempts or self.onboardings or self.sequences or self.absences or self.becomes)

    @cached_property
    def sets_timers(self) -> bool:
        """Whether a timer may run from it though nothing else comes of it."""
        return bool(self.onboardings or self.absences) or any(watched.trends for watched in self.meters)

    @cached_property
    def of_user(self) -> bool:
        """Whether something is kept of the user that it names."""
        by_meter = any(watched.meter.by_user for watched in self.meters)
        return by_meter or any(moment.of_user for moment in self.onboardings)

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """The properties that one of its meters is kept by."""
        by = [watched.meter.by for watched in self.meters if not watched.meter.by_user]
        return tuple(dict.fromkeys(prop for prop in by if prop is not None))

    @cached_property
    def counted(self) -> tuple[str, ...]:
        """What it may end a reason by: the names of its meters, and whether it is a step."""
        names = [watched.meter.name for watched in self.meters]
        return (*names, STEPS) if self.onboardings else tuple(names)


def feed_of(
    event: str,
    meters: Collection[Meter],
    moments: Collection[Moment],
    asks: Mapping[str, Collection[str]],
    quiet: Collection[str],
) -> Feed:
    """What an event of this type may lead to.

    ``asks``: what moments of a condition ask about, by their names; ``quiet``: what segments ask that are left alone.
    """
    counting = [meter for meter in meters if meter.counts(event)]
    names = {name for meter in counting for name in meter.asked_as}
    return Feed(
        meters=tuple(_watched(meter, moments) for meter in counting),
        attempts=tuple(one for one in moments if isinstance(one, kinds.Attempt) and one.event == event),
        onboardings=tuple(
            one for one in moments if isinstance(one, kinds.Onboarding) and event in (*one.steps, one.starts)
        ),
        sequences=tuple(one for one in moments if isinstance(one, kinds.Sequence) and event in one.steps),
        absences=tuple(one for one in moments if isinstance(one, kinds.Absence) and event in (one.event, one.after)),
        becomes=tuple(one for one in moments if isinstance(one, kinds.Becomes) and names & set(asks[one.name])),
        quiets=not names.isdisjoint(quiet),
    )


def _watched(meter: Meter, moments: Collection[Moment]) -> Watched:
    watching = tuple(one for one in moments if isinstance(one, ON_METERS) and one.meter == meter.name)
    trends = tuple(one for one in moments if isinstance(one, ADDING_UP) and one.meter == meter.name)
    return Watched(meter, watching, trends)
