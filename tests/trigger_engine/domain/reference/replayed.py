"""One long story, told to every meter and every kind of moment, and the bytes that it leaves behind.

Run by `test_replay` in processes of their own: ``python -m tests.trigger_engine.domain.reference.replayed``.
"""

from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from itertools import islice

import msgspec

from services.trigger_engine.domain.calendar import Unit, zone
from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.meters.counting import CountedState, counted, empty, habit_ends
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.moments import absence, forecast, growth, habit, ordered_onboarding, sequence
from services.trigger_engine.domain.moments.draws import below, draws, seed
from services.trigger_engine.domain.playbook.meter_definitions import ANY_EVENT, Aggregate, MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import (
    AbsenceMoment,
    ForecastMoment,
    GrowthMoment,
    HabitMoment,
    OnboardingMoment,
    OnboardingOf,
    SequenceMoment,
)

H = 3_600 * 1_000_000
D = 24 * H
BEGIN = 1_774_479_600 * 1_000_000
PLACE = zone("Europe/Berlin")
STEPS = ("file.stored", "file.shared", "report.exported")
LATENESS = 2 * D


def story() -> list[Usage]:
    """900 events of forty days, each up to two days late, by 900 people: more than a month's meters tell apart."""
    chance = draws(seed("story"))
    told = []
    for number in range(900):
        happened, late, step, who, size = islice(chance, 5)
        at = BEGIN + below(40 * D, happened)
        usage = Usage(
            "story", str(number), STEPS[below(3, step)], "acme", at,
            properties={"who": f"u-{below(900, who)}", "size": Decimal(below(500, size)) / 10},
        )  # fmt: skip
        told.append((at + below(LATENESS, late), number, usage))
    return [usage for _, _, usage in sorted(told)]


def meters() -> Iterator[MeterDefinition]:
    """Every aggregate over every span."""
    for aggregate in Aggregate:
        for span in Span:
            prop = {Aggregate.DISTINCT: "who", Aggregate.COUNT: None, Aggregate.DAYS_WITH: None}.get(aggregate, "size")
            rolling = 30 * D if span is Span.ROLLING else None
            yield MeterDefinition(f"{aggregate}_{span}", aggregate, ANY_EVENT, prop=prop, span=span, rolling_us=rolling)


def told_by_meters(usage: list[Usage]) -> Iterator[object]:
    """What each meter says, and is at the end; and a habit of it."""
    for meter in meters():
        state: CountedState = empty(meter)
        custom, newest = habit.HabitState(), BEGIN
        moment = HabitMoment("h", meter.name, Decimal(20), D)
        for event in usage:
            newest = max(newest, event.at)
            when = When(PLACE, None, newest - LATENESS)
            named = msgspec.structs.replace(event, type=meter.of)  # a count looks at what it is called
            state, reading = counted(meter, state, named, when)
            yield reading
            if reading is not None:
                ends = habit_ends(meter, state, moment.reaches, reading.at, when)
                custom, fires = habit.observe(moment, custom, reading, None if ends is None else ends[1])
                yield fires
        yield state
        yield custom


def told_by_moments(usage: list[Usage]) -> Iterator[object]:
    """What each moment with times or totals of its own says, and is at the end."""
    rows = sequence.SequenceState()
    missed = absence.AbsenceState()
    first = ordered_onboarding.OrderedOnboardingState()
    grown = growth.GrowthState()
    soon = forecast.ForecastState()
    row = SequenceMoment("s", STEPS, 5 * H, D)
    miss = AbsenceMoment("a", STEPS[1], STEPS[0], 9 * H, D)
    steps = OnboardingMoment("o", STEPS, OnboardingOf.ACCOUNT, None, D, in_order=True)
    more = GrowthMoment("g", "m", Decimal("0.01"), Unit.WEEK, 1, Decimal(1), D)
    full = ForecastMoment("f", "m", 20, Decimal("0.3"), D)
    newest, total = BEGIN, Decimal(0)
    for event in usage:
        newest = max(newest, event.at)
        floor = newest - LATENESS
        by = event.properties["size"]
        assert isinstance(by, Decimal)
        total += by
        missed, late = absence.timed(miss, missed, newest)
        yield late
        grown, up = growth.timed(more, grown, newest, PLACE, BEGIN)
        yield up
        outlook = forecast.Outlook(total, Decimal(50_000), None, BEGIN)
        soon, reached = forecast.timed(full, soon, newest, PLACE, outlook, "acme")
        yield reached
        rows, ran = sequence.observe(row, rows, event.type, event.at, floor)
        yield ran
        missed, undone = absence.observe(miss, missed, event.type, event.at, floor)
        yield undone
        first, done = ordered_onboarding.observe(steps, first, event.type, event.at)
        yield done
        grown = growth.counted(more, grown, event.at, by, PLACE, floor)
        soon = forecast.counted(soon, event.at, by, PLACE, floor)
    yield from (rows, missed, first, grown, soon)


def digest() -> str:
    """Of all that was said and is left."""
    usage = story()
    told = msgspec.msgpack.encode([*told_by_meters(usage), *told_by_moments(usage)])
    return f"{len(told)} {sha256(told).hexdigest()}"


if __name__ == "__main__":
    print(digest())  # noqa: T201  - for the process that asked
