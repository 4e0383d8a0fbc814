"""What each type of event can lead to, worked out once for a set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.trigger_engine.domain.playbook.meter_definitions import QUANTITY, Aggregate, MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import (
    AnyMoment,
    LimitMoment,
    MilestoneMoment,
    OnboardingMoment,
    OnboardingOf,
)
from services.trigger_engine.domain.playbook.product import Product

MeterMoment = LimitMoment | MilestoneMoment
"""Moments that look at a meter whenever it moves."""

QUIET = (LimitMoment, MilestoneMoment)
"""Those that can say between which values they have nothing to say."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A meter, and the moments that look at it whenever it moves."""

    meter: MeterDefinition
    moments: tuple[MeterMoment, ...]


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

    ``moves`` are those of its meters where all of it can go the quick way (``is_quick``). ``by_user``: something of it
    is kept by user; ``by``: properties that something is kept by.
    """

    meters: tuple[Watched, ...]
    onboardings: tuple[OnboardingMoment, ...]
    moves: tuple[Move, ...]
    is_quick: bool
    by_user: bool
    by: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether an event of this type can change nothing."""
        return not (self.meters or self.onboardings)

    @property
    def sets_timers(self) -> bool:
        """Whether an event of this type can set or stop a timer."""
        return bool(self.onboardings)


def feed_of(event: str, product: Product, moments: Mapping[str, AnyMoment]) -> Feed:
    """What an event of this type can lead to."""
    meters = tuple(
        Watched(meter, tuple(_watching(meter, moments.values())))
        for meter in product.meters.values()
        if meter.counts(event)
    )
    onboardings = tuple(
        moment for moment in moments.values() if isinstance(moment, OnboardingMoment) and event in moment.steps
    )
    by_user = any(watched.meter.by_user for watched in meters) or any(
        moment.of is OnboardingOf.USER for moment in onboardings
    )
    quick = all(_is_quick(watched) for watched in meters)
    moves = tuple(move for watched in meters for move in _moves(event, watched)) if quick else ()
    by = dict.fromkeys(watched.meter.by for watched in meters if watched.meter.by is not None)
    return Feed(meters, onboardings, moves, quick, by_user, tuple(by))


def _watching(meter: MeterDefinition, moments: Iterable[AnyMoment]) -> Iterable[MeterMoment]:
    return (moment for moment in moments if isinstance(moment, MeterMoment) and moment.meter == meter.name)


def _is_quick(watched: Watched) -> bool:
    meter = watched.meter
    return meter.is_plain and meter.by is None and all(isinstance(moment, QUIET) for moment in watched.moments)


def _moves(event: str, watched: Watched) -> Iterable[Move]:
    meter = watched.meter
    counts = meter.aggregate is Aggregate.COUNT
    for by_user in (True, False) if meter.by_user else (False,):
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
