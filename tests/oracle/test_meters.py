"""Every meter as the oracle counts it, against the engine's: the same state to the byte, and the same number."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest
from msgspec import msgpack

from oracle import days
from oracle.language.meter import Meter
from oracle.messages import Message, Refused
from oracle.meters import counting as ours
from oracle.meters.state import Period as OurPeriod
from oracle.meters.windows import When as OurWhen
from services.trigger_engine.domain.calendar import zone
from services.trigger_engine.domain.inputs import Impossible, Property, Usage
from services.trigger_engine.domain.meters import baseline, counting
from services.trigger_engine.domain.meters.meter import Period
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

S = 1_000_000
H = 3_600 * S
D = 24 * H
T0 = 1_772_355_600 * S
ZONES = ("Europe/Berlin", None)
SPANS = ("ever", "billing_period", "day", "week", "month", "rolling")
SIZES = [Decimal(n) for n in ("1", "0.4", "1.50", "-0.5", "3", "20", "1e2")]


def meters(kind: str, span: str) -> tuple[Meter, MeterDefinition]:
    """The same meter twice."""
    prop = {"count": None, "days_with": None, "distinct": "who"}.get(kind, "size")
    rolling = 3 * D if span == "rolling" else None
    less = "a.less" if kind == "count" else None
    one = Meter("m", kind, ("a.done",), less, prop, may_lack=kind == "last", span=span, rolling=rolling)
    other = MeterDefinition(
        "m", Aggregate(kind), "a.done", less, prop, Span(span), may_lack=kind == "last", rolling_us=rolling
    )
    assert one.key == other.key
    return one, other


class Pace(NamedTuple):
    """How many events, of how many different values, how far apart; and how late they may be."""

    number: int = 120
    values: int = 20
    apart: tuple[int, ...] = (0, 1, S, H // 7, H, 5 * H, 2 * D)
    lateness: int = D


def events(chance: Random, pace: Pace) -> Iterator[tuple[Message, Usage, int]]:
    """Usage, now and then late; and the floor before it."""
    at = T0
    for number in range(pace.number):
        at += chance.choice(pace.apart)
        when = at - chance.choice([0, 0, 0, 0, pace.lateness // 24, pace.lateness * 5 // 6])
        kind = chance.choice(["a.done"] * 5 + ["a.less"])
        size = chance.choice([*SIZES, None, "x"] if chance.random() < 0.1 else SIZES)
        properties: dict[str, Property] = {"who": f"w{chance.randrange(pace.values)}", "size": size}
        quantity = Decimal(chance.choice([1, 1, 2]))
        data = {"user": None, "quantity": quantity, "properties": properties}
        message = Message(str(number), "s", kind, "acme", when, "", data)
        usage = Usage("s", str(number), kind, "acme", when, None, quantity, properties)
        yield message, usage, at - pace.lateness


def played(kind: str, span: str, chance: Random, pace: Pace) -> None:
    """The same events for both."""
    our_meter, meter = meters(kind, span)
    name = chance.choice(ZONES)
    our_state, state = None, counting.empty(meter)
    for message, usage, floor in events(chance, pace):
        bounds = (T0 - D, T0 + 9 * D) if usage.at < T0 + 10 * D else (T0 + 10 * D, T0 + 90 * D)
        when, our_when = When(zone(name), Period(*bounds), floor), OurWhen(days.zone(name), OurPeriod(*bounds), floor)
        if usage.type == "a.less" and kind != "count":
            continue
        reading = our_reading = None
        try:
            state, reading = counting.counted(meter, state, usage, when)
        except Impossible:
            with pytest.raises(Refused):
                ours.counted(our_meter, our_state, message, our_when)
            continue
        found = ours.counted(our_meter, our_state, message, our_when)
        if found is not None:
            our_state, our_reading = found
        if our_state is not None:
            assert msgpack.encode(our_state) == msgpack.encode(state)
        assert told(our_reading) == told(reading)
        if chance.random() < 0.5:
            continue
        at = usage.at + chance.choice([0, D, -H, 4 * D])
        assert told(ours.standing(our_meter, our_state, at, our_when)) == told(
            counting.standing(meter, state, at, when)
        )
        if reading is not None and our_state is not None and reading.value > 0 and chance.random() < 0.3:
            target = Decimal(chance.choice(["1", "2", str(reading.value)]))
            fell = ours.falls_below(our_meter, our_state, target, reading.at, our_when)
            assert fell == counting.habit_ends(meter, state, target, reading.at, when)


def told(reading: counting.Reading | ours.Reading | None) -> tuple[object, ...] | None:
    return None if reading is None else (str(reading.value), reading.at, reading.period, reading.exact)


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("kind", list(map(str, Aggregate)))
@pytest.mark.parametrize("seed", range(8))
def test_every_meter_over_every_span_is_counted_alike(kind: str, span: str, seed: int) -> None:
    played(kind, span, Random(f"{kind} {span} {seed}"), Pace())


CLOSE = (0, 1, S, 3 * S, 60 * S)


@pytest.mark.parametrize(
    ("kind", "span", "pace"),
    [
        pytest.param("sum", "rolling", Pace(900, apart=CLOSE), id="times of a sum"),
        pytest.param("max", "rolling", Pace(900, apart=(*CLOSE, H)), id="times of a maximum"),
        pytest.param("distinct", "rolling", Pace(900, 5_000, CLOSE), id="values"),
        pytest.param("distinct", "rolling", Pace(1_800, 5_000, (0, 60 * S, 20 * 60 * S)), id="values that leave again"),
        pytest.param("distinct", "rolling", Pace(2_000, 5_000, (0, S) * 400 + (9 * D,)), id="values after a silence"),
        pytest.param("distinct", "rolling", Pace(1_500, 40, (0, H)), id="times of values"),
        pytest.param("distinct", "ever", Pace(700, 100_000), id="values for ever"),
        pytest.param("distinct", "day", Pace(1_600, 100_000, (0, 60 * S, 4 * 60 * S), 9 * D), id="values of many days"),
        pytest.param("sum", "day", Pace(300, apart=(H, D), lateness=100 * D), id="days of a sum"),
        pytest.param("days_with", "ever", Pace(300, apart=(D, 60 * D)), id="days"),
        pytest.param("days_with", "ever", Pace(300, apart=(D, 60 * D), lateness=5_000 * D), id="days far back"),
    ],
)
def test_beyond_the_bounds_the_same_is_left_out(kind: str, span: str, pace: Pace) -> None:
    played(kind, span, Random(f"{kind} {span}"), pace)


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("kind", list(map(str, Aggregate)))
def test_a_baseline_is_taken_or_refused_alike(kind: str, span: str) -> None:
    our_meter, meter = meters(kind, span)
    when, our_when = When(zone(None), Period(T0, T0 + D), T0), OurWhen(days.zone(None), OurPeriod(T0, T0 + D), T0)
    for as_of in (T0, T0 - D, T0 + H, T0 + 2 * D):
        for value in (Decimal(5), Decimal("1e30")):
            try:
                state = baseline.baseline(meter, counting.empty(meter), value, as_of, when)
            except Impossible:
                with pytest.raises(Refused):
                    ours.baseline(our_meter, None, value, as_of, our_when)
                continue
            ours_found = ours.baseline(our_meter, None, value, as_of, our_when)
            assert msgpack.encode(ours_found) == msgpack.encode(state)
