"""How a usage event moves meters: those of the account, of its user, of the values of its properties."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

from schemas.dead_letters import DeadLetterReason
from services.trigger_engine.domain.inputs import Impossible, Property, Usage
from services.trigger_engine.domain.meters.bounded import bounded
from services.trigger_engine.domain.meters.counting import (
    By,
    CountedState,
    Reading,
    by_of,
    counted_by,
    empty,
    standing,
)
from services.trigger_engine.domain.meters.meter import MeterState, amount, moved
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.numbers import EXACT, ZERO, countable, trimmed
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.playbook.feeds import Feed, Watched
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition, Span
from services.trigger_engine.domain.slices import Holder
from services.trigger_engine.domain.watching.scene import Scene

MAX_GROUP_BYTES: Final = 256
"""Of the value of a property that a meter is kept by, as of any id."""


class Moved(Struct, frozen=True):
    """A meter of one holder came to ``after``, and is kept there once `keep` says so."""

    holder: Holder
    before: MeterState | CountedState
    after: MeterState | CountedState
    reading: Reading

    def stood(self, meter: MeterDefinition, at: int, when: When) -> Decimal:
        """What it stood at before, in the window that the event at ``at`` counts in."""
        if isinstance(self.before, MeterState):
            return self.before.value if self.before.period == self.reading.period else ZERO
        found = standing(meter, self.before, at, when)
        return ZERO if found is None else found.value


class Counted(Struct, frozen=True):
    """What an event means for one meter: ``by`` is what counts, for the ``holder`` of whom its moments are.

    ``part`` is who that is, None the account. ``moved`` is None when the event lies in no window that is still open,
    and ``total`` what it makes of the account's own number of a meter that is kept by user, or by a property.
    """

    watched: Watched
    by: By
    holder: Holder | None
    part: Part | None
    moved: Moved | None
    total: Moved | None


def count(scene: Scene, feed: Feed, usage: Usage) -> list[Counted]:
    """How far the event moves each meter that it feeds; nothing is kept yet.

    Raises `Impossible` when one of them can not read it.
    """
    when = scene.when
    return [found for watched in feed.meters if (found := _counted(scene, watched, usage, when)) is not None]


def keep(scene: Scene, counted: Counted) -> None:
    """Let the meter stand where `count` found it to."""
    key, present = counted.watched.meter.key, scene.rules.meter_keys
    for one in (counted.moved, counted.total):
        if one is None:
            continue
        if isinstance(one.after, MeterState):
            scene.put(one.holder.meters, key, one.after, present)
            continue
        scene.put(one.holder.counted, key, one.after, present)
        bound = bounded(one.before, one.after, one.reading.period)
        if bound is not None:
            scene.reached(bound)


def parts_of(feed: Feed, usage: Usage) -> Iterator[Part]:
    """The parts of its account that an event, which could be counted, may have been counted for."""
    if feed.by_user and usage.user is not None:
        yield Part(usage.user)
    for prop in feed.by:
        try:
            value = group_of(prop, usage.properties.get(prop))
        except Impossible:  # so no meter that is kept by it has counted the event
            continue
        if value is not None:
            yield Part(value, prop)


def group_of(prop: str, value: Property) -> str | None:
    """The value of a property as what it is told apart by: numbers by what they say, not how it is written.

    None when there is none. Raises `Impossible` when it is too long.
    """
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case str():
            if len(value.encode()) > MAX_GROUP_BYTES:
                raise _not_told_apart(prop, f"longer than {MAX_GROUP_BYTES} bytes")
            return value
        case _:
            number = countable(Decimal(value))
            if number is None:
                raise _not_told_apart(prop, "no number that can be told apart")
            return f"{number.normalize(EXACT):f}" if number else "0"


def _not_told_apart(prop: str, why: str) -> Impossible:
    return Impossible(DeadLetterReason.INVALID, f"data.properties.{prop}: {why}, and a meter is kept by it")


def _counted(scene: Scene, watched: Watched, usage: Usage, when: When) -> Counted | None:
    meter = watched.meter
    by = amount(meter, usage) if meter.is_plain else by_of(meter, usage, when)
    if by is None:
        return None
    if meter.of_account:
        moves = _moved(scene.account, meter, by, usage.at, when)
        return Counted(watched, by, scene.account, None, moves, None)
    part = _part(meter, usage)
    holder = None if part is None else scene.holder(part)
    moves = None if holder is None else _moved(holder, meter, by, usage.at, when)
    return Counted(watched, by, holder, part, moves, _moved(scene.account, meter, by, usage.at, when))


def _part(meter: MeterDefinition, usage: Usage) -> Part | None:
    """Whose number it is; None when the event does not say."""
    if meter.by is None:
        return None if usage.user is None else Part(usage.user)
    value = group_of(meter.by, usage.properties.get(meter.by))
    if value is None and not meter.by_may_lack:
        told = f"data.properties.{meter.by}: is missing, and meter {meter.name!r} is kept by it"
        raise Impossible(DeadLetterReason.INVALID, told)
    return None if value is None else Part(value, meter.by)


def _moved(holder: Holder, meter: MeterDefinition, by: By, at: int, when: When) -> Moved | None:
    if not meter.is_plain:
        before = holder.counted.get(meter.key) or empty(meter)
        after, reading = counted_by(meter, before, by, at, when)
        return None if reading is None else Moved(holder, before, after, reading)
    start = None
    if meter.span is Span.BILLING_PERIOD:
        if when.period is None or not when.period.holds(at):  # of no period that is known: nothing to count it in
            return None
        start = when.period.starts
    stood = holder.meters.get(meter.key) or MeterState(period=start)
    stands = moved(meter, stood, Decimal(by), start)
    return Moved(holder, stood, stands, Reading(trimmed(stands.value), at, start))
