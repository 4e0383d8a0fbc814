"""What each type of event can lead to, worked out once for a set."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.trigger_engine.domain.conditions.names import Scope, total
from services.trigger_engine.domain.playbook.meter_definitions import (
    QUANTITY,
    USER_COUNT,
    Aggregate,
    MeterDefinition,
    Span,
)
from services.trigger_engine.domain.playbook.moments import (
    AbsenceMoment,
    AnyMoment,
    AttemptMoment,
    BecomesMoment,
    ForecastMoment,
    GrowthMoment,
    HabitMoment,
    LimitMoment,
    MilestoneMoment,
    OnboardingMoment,
    OnboardingOf,
    SequenceMoment,
)

MeterMoment = LimitMoment | MilestoneMoment | HabitMoment
"""Moments that look at a meter whenever it moves."""

TrendMoment = GrowthMoment | ForecastMoment
"""Moments with totals of their own of what a meter counts."""

EventMoment = OnboardingMoment | SequenceMoment | AbsenceMoment
"""Moments that events are steps of themselves."""


STEPS: Final = "(steps)"
"""Stands for steps of onboardings beside names of meters."""

ALL_USAGE: Final = "(all)"
"""Stands for whatever is counted."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A meter, the moments that look at it whenever it moves, and those that add up what it counts."""

    meter: MeterDefinition
    moments: tuple[MeterMoment, ...]
    trends: tuple[TrendMoment, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """How one event type moves one plain meter of one holder, taken apart beforehand.

    ``by_user``: of the user, else of the account, which of a meter by user has the total and no moments. ``prop`` None
    is the event's quantity.
    """

    key: str
    name: str
    moments: tuple[MeterMoment, ...]
    prop: str | None
    by_user: bool
    takes_away: bool
    is_max: bool
    in_period: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """What one event type feeds: meters with the moments that watch them, and moments that it is a step of itself.

    ``attempts`` are looked at before it is counted. ``moves`` are those of its plain meters; ``is_quick``: these may be
    all there is to it. ``by_user``: something of it is kept by user; ``by``: properties that something is kept by.
    ``quiets``: it may bring an account into a segment that is left alone.
    """

    meters: tuple[Watched, ...]
    attempts: tuple[AttemptMoment, ...]
    onboardings: tuple[OnboardingMoment, ...]
    sequences: tuple[SequenceMoment, ...]
    absences: tuple[AbsenceMoment, ...]
    becomes: tuple[BecomesMoment, ...]
    moves: tuple[Move, ...]
    is_quick: bool
    by_user: bool
    by: tuple[str, ...]
    quiets: bool = False

    @property
    def counted(self) -> tuple[str, ...]:
        """The names of meters that it is counted by, and `STEPS` where it is a step of an onboarding."""
        return (*(watched.meter.name for watched in self.meters), *((STEPS,) if self.onboardings else ()))

    @property
    def is_empty(self) -> bool:
        """Whether an event of this type can change nothing."""
        return not (self.meters or self.attempts or self.onboardings or self.sequences or self.absences)

    @property
    def sets_timers(self) -> bool:
        """Whether an event of this type can set or stop a timer."""
        return bool(self.onboardings or self.absences) or any(watched.trends for watched in self.meters)


def feed_of(
    event: str, all_meters: Iterable[MeterDefinition], moments: Mapping[str, AnyMoment], quiet: Collection[str] = ()
) -> Feed:
    """What an event of this type can lead to; ``quiet``: the names that segments which are left alone ask about."""
    every = tuple(moments.values())
    meters = tuple(
        Watched(meter, tuple(_watching(meter, every)), tuple(_adding_up(meter, every)))
        for meter in all_meters
        if meter.counts(event)
    )
    attempts = tuple(moment for moment in every if isinstance(moment, AttemptMoment) and event == moment.event)
    onboardings = tuple(moment for moment in every if isinstance(moment, OnboardingMoment) and event in moment.events)
    sequences = tuple(moment for moment in every if isinstance(moment, SequenceMoment) and event in moment.steps)
    absences = tuple(
        moment for moment in every if isinstance(moment, AbsenceMoment) and event in (moment.event, moment.after)
    )
    becomes = tuple(moment for moment in every if isinstance(moment, BecomesMoment) and _asks(moment.asks, meters))
    by_user = any(watched.meter.by_user for watched in meters) or any(
        moment.of is OnboardingOf.USER for moment in onboardings
    )
    quick = all(_is_quick(watched) for watched in meters) and not (attempts or sequences or absences or becomes)
    moves = tuple(move for watched in meters if watched.meter.is_plain for move in _moves(event, watched))
    by = dict.fromkeys(watched.meter.by for watched in meters if watched.meter.by is not None)
    quiets = _asks(quiet, meters)
    return Feed(meters, attempts, onboardings, sequences, absences, becomes, moves, quick, by_user, tuple(by), quiets)


def _asks(names: Collection[str], meters: Iterable[Watched]) -> bool:
    """Whether one of these meters is among the names that are asked about."""
    return any(name in names for watched in meters for name in names_of_meter(watched.meter))


def names_of_meter(meter: MeterDefinition) -> tuple[str, str]:
    """What conditions call a meter, and its total; the one that counts users has a name of its own."""
    if meter.key == USER_COUNT.key:
        return meter.name, meter.name
    return f"{Scope.METERS}.{meter.name}", total(f"{Scope.METERS}.{meter.name}")


def _watching(meter: MeterDefinition, moments: Iterable[AnyMoment]) -> Iterable[MeterMoment]:
    return (moment for moment in moments if isinstance(moment, MeterMoment) and moment.meter == meter.name)


def _adding_up(meter: MeterDefinition, moments: Iterable[AnyMoment]) -> Iterable[TrendMoment]:
    return (moment for moment in moments if isinstance(moment, TrendMoment) and moment.meter == meter.name)


def _is_quick(watched: Watched) -> bool:
    """Whether its moments can say between which values of the meter they have nothing to say."""
    return watched.meter.is_plain and watched.meter.by is None and not watched.trends


def _moves(event: str, watched: Watched) -> Iterable[Move]:
    meter = watched.meter
    counts = meter.aggregate is Aggregate.COUNT
    for by_user in (True, False) if meter.by_user else () if meter.by is not None else (False,):
        yield Move(
            key=meter.key,
            name=meter.name,
            moments=watched.moments if by_user is meter.by_user else (),
            prop=None if counts or meter.prop == QUANTITY else meter.prop,
            by_user=by_user,
            takes_away=counts and event != meter.of,
            is_max=meter.aggregate is Aggregate.MAX,
            in_period=meter.span is not Span.EVER,
        )
