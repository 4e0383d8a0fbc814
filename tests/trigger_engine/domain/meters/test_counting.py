"""Every aggregate over every span agrees with working it out from the whole list, whatever the order of arrival."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dead_letters import DeadLetterReason
from services.trigger_engine.domain.calendar import Unit, first_day, zone
from services.trigger_engine.domain.inputs import Impossible, Property, Usage
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.meters.counting import CountedState, Reading, counted, empty, habit_ends, standing
from services.trigger_engine.domain.meters.meter import Period
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.playbook.meter_definitions import ANY_EVENT, Aggregate, MeterDefinition, Span
from tests.trigger_engine.domain.building import ACME, T0, D, H
from tests.trigger_engine.domain.reference.meters import Event, highest, stands

BERLIN = "Europe/Berlin"
BEGIN = 1_774_479_600_000_000
"""2026-03-25 23:00 UTC: midnight in Berlin, three days before its clocks are set forward."""

LATENESS = 72 * H
ROLLING = (3 * H, 30 * H, 7 * D)
SPANS: tuple[Span | int, ...] = (Span.EVER, Span.DAY, Span.WEEK, Span.MONTH, *ROLLING)
GROWING = (Aggregate.COUNT, Aggregate.SUM, Aggregate.MAX, Aggregate.DISTINCT, Aggregate.DAYS_WITH)


def meter(aggregate: Aggregate, span: Span | int) -> MeterDefinition:
    prop = {Aggregate.COUNT: None, Aggregate.DAYS_WITH: None, Aggregate.DISTINCT: "who"}.get(aggregate, "size")
    rolling = span if isinstance(span, int) else None
    return MeterDefinition(
        "m",
        aggregate,
        ANY_EVENT if aggregate is Aggregate.DAYS_WITH else "more",
        less="less" if aggregate is Aggregate.COUNT else None,
        prop=prop,
        span=Span.ROLLING if rolling else span,  # type: ignore[arg-type]  # the line above took the numbers
        rolling_us=rolling,
    )


def used(event: Event) -> Usage:
    told: dict[str, Property] = {"size": event.size, "who": event.who}
    return Usage("test", "e", event.type, ACME, event.at, quantity=event.quantity, properties=told)


def played(
    of: MeterDefinition, arrivals: Sequence[Event], place: str = BERLIN, lateness: int = LATENESS
) -> tuple[CountedState, list[Reading], When]:
    """The state after all of them, what the meter stood at after each, and what the last was held against."""
    state, readings = empty(of), []
    when = When(zone(place), None, BEGIN - 1000 * D)
    newest = 0
    for event in arrivals:
        newest = max(newest, event.at)
        when = When(zone(place), None, newest - lateness)
        state, reading = counted(of, state, used(event), when)
        assert reading is not None
        readings.append(reading)
        state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=CountedState)
    return state, readings, when


Late = tuple[Event, int]


def events(*, grows: bool) -> st.SearchStrategy[list[Late]]:
    """Over some days, many of them at the same time or exactly a window apart; each so many hours late."""
    hours = st.integers(0, 10).map(lambda number: BEGIN + number * 3 * H)
    days = st.integers(0, 4).map(lambda number: BEGIN + number * D)
    amounts = st.integers(0 if grows else -3, 5).map(Decimal)
    event = st.builds(
        Event,
        type=st.just("more") if grows else st.sampled_from(["more", "less"]),
        at=hours | days | st.integers(BEGIN, BEGIN + 4 * D),
        quantity=amounts,
        size=amounts,
        who=st.sampled_from("abc"),
    )
    return st.lists(st.tuples(event, st.integers(0, LATENESS // H)), max_size=20)


def arriving(late: Sequence[Late]) -> list[Event]:
    """In the order of arrival."""
    return [event for _, _, event in sorted((e.at + hours * H, place, e) for place, (e, hours) in enumerate(late))]


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("aggregate", Aggregate)
@given(events(grows=False))
@settings(max_examples=30)
def test_a_meter_agrees_with_the_whole_list(aggregate: Aggregate, span: Span | int, late: list[Late]) -> None:
    usage = [event for event in arriving(late) if aggregate is Aggregate.COUNT or event.type == "more"]
    of = meter(aggregate, span)
    state, _, when = played(of, usage, lateness=LATENESS)
    newest = max((event.at for event in usage), default=BEGIN)
    later = [event.at + span + edge for event in usage for edge in (-1, 0) if isinstance(span, int)]
    for at in [event.at for event in usage] + later + [newest + 1, newest + 8 * D]:
        if at < when.floor or (aggregate is Aggregate.LAST and span in ROLLING and at < newest):
            continue  # a window that is over is forgotten; of the last value only the newest is kept
        reading = standing(of, state, at, when)
        assert reading is not None
        word = span if isinstance(span, int) else span.value
        assert reading.value == stands(aggregate.value, word, usage, at, BERLIN)
        assert reading.exact


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("aggregate", GROWING)
@given(events(grows=True))
@settings(max_examples=30)
def test_any_order_of_arrival_stands_as_high(aggregate: Aggregate, span: Span | int, late: list[Late]) -> None:
    """Promise (b): what only grows passes the same marks, whichever way it arrives, within the lateness."""
    usage = arriving(late)
    _, readings, _ = played(meter(aggregate, span), usage, lateness=LATENESS)
    word = span if isinstance(span, int) else span.value
    assert max((one.value for one in readings), default=0) == highest(aggregate.value, word, usage, BERLIN)


@pytest.mark.parametrize("aggregate", Aggregate)
@given(events(grows=False), st.sampled_from(SPANS))
def test_the_same_log_again_gives_the_same_bytes(aggregate: Aggregate, late: list[Late], span: Span | int) -> None:
    """Promise (a), for each meter."""
    usage = arriving(late)
    once, again = (played(meter(aggregate, span), usage) for _ in range(2))
    assert msgspec.msgpack.encode(once[0]) == msgspec.msgpack.encode(again[0])
    assert once[1] == again[1]


@given(events(grows=True), st.sampled_from(ROLLING), st.sampled_from([Aggregate.COUNT, Aggregate.DISTINCT]))
def test_a_rolling_meter_falls_when_it_is_said_to(late: list[Late], span: int, aggregate: Aggregate) -> None:
    usage = arriving(late)
    of, target = meter(aggregate, span), Decimal(2)
    state, _, when = played(of, usage)
    newest = max((event.at for event in usage), default=BEGIN)
    ends = habit_ends(of, state, target, newest, when)
    assert ends is not None
    falls, rearms = ends
    assert rearms == falls + span
    assert stands(aggregate.value, span, usage, falls, BERLIN) < target
    if falls > newest:
        assert stands(aggregate.value, span, usage, falls - 1, BERLIN) >= target


# --- what an event must say ---------------------------------------------------------------------

WHEN = When(zone(None), Period(T0, T0 + 30 * D), T0 - D)


def one(of: MeterDefinition, user: str | None = None, at: int = T0, **properties: Property) -> Reading | None:
    return counted(of, empty(of), Usage("test", "e", of.of, ACME, at, user=user, properties=properties), WHEN)[1]


def test_distinct_users_are_users() -> None:
    of = MeterDefinition("m", Aggregate.DISTINCT, "file.shared", prop="user")
    assert one(of, user="ann") == Reading(Decimal(1), T0)
    assert one(of) is None


def test_distinct_quantities_are_numbers() -> None:
    of = MeterDefinition("m", Aggregate.DISTINCT, "more", prop="quantity")
    _, readings, _ = played(of, [Event("more", BEGIN, Decimal(number)) for number in ("2", "2.0", "3")])
    assert [int(one.value) for one in readings] == [1, 1, 2]


def test_what_is_told_apart_must_be_there_unless_it_may_lack() -> None:
    of = MeterDefinition("m", Aggregate.DISTINCT, "file.shared", prop="recipient")
    with pytest.raises(Impossible) as caught:
        one(of)
    assert (caught.value.reason, caught.value.detail) == (
        DeadLetterReason.INVALID,
        "data.properties.recipient: is missing, and meter 'm' needs it",
    )
    assert one(MeterDefinition("m", Aggregate.DISTINCT, "file.shared", prop="recipient", may_lack=True)) is None


@pytest.mark.parametrize("aggregate", [Aggregate.MAX, Aggregate.LAST, Aggregate.SUM])
def test_a_number_that_may_lack_and_does_moves_nothing(aggregate: Aggregate) -> None:
    assert one(MeterDefinition("m", aggregate, "a.b", prop="size", may_lack=True)) is None
    with pytest.raises(Impossible):
        one(MeterDefinition("m", aggregate, "a.b", prop="size"))


def test_a_quantity_is_never_lacking() -> None:
    assert one(MeterDefinition("m", Aggregate.SUM, "a.b", prop="quantity", may_lack=True)) == Reading(Decimal(1), T0)


@pytest.mark.parametrize("span", [Span.EVER, Span.ROLLING])
def test_a_sum_too_large_to_be_told_is_impossible(span: Span) -> None:
    of = MeterDefinition("m", Aggregate.SUM, "a.b", prop="size", span=span, rolling_us=D)
    many = Usage("test", "e", "a.b", ACME, T0, properties={"size": Decimal("6E+19")})
    state, _ = counted(of, empty(of), many, WHEN)
    with pytest.raises(Impossible, match="meter 'm' can not count it"):
        counted(of, state, many, WHEN)


# --- billing periods and zones ------------------------------------------------------------------


def test_a_meter_of_a_billing_period_counts_in_it_and_nowhere_else() -> None:
    of = MeterDefinition("m", Aggregate.DISTINCT, "a.b", prop="who", span=Span.BILLING_PERIOD)
    assert one(of, who="ann") == Reading(Decimal(1), T0, T0)
    assert one(of, who="ann", at=T0 - 1) is None
    assert one(of, who="ann", at=T0 + 30 * D) is None
    assert standing(of, empty(of), T0 - 1, WHEN) is None
    assert standing(of, empty(of), T0, WHEN) == Reading(Decimal(0), T0, T0)


def test_a_late_event_counts_in_the_day_it_is_of() -> None:
    of = meter(Aggregate.COUNT, Span.DAY)
    days = [BEGIN + 23 * H, BEGIN + 24 * H, BEGIN + 25 * H, BEGIN + 23 * H]
    _, readings, _ = played(of, [Event("more", at) for at in days])
    assert [one.value for one in readings] == [1, 1, 2, 2]
    assert readings[0].period == readings[3].period != readings[1].period


def instant(text: str) -> int:
    return to_us(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("place", "span", "times", "values"),
    [
        pytest.param("Europe/Berlin", Span.DAY, ["2026-03-28T22:59Z", "2026-03-28T23:00Z", "2026-03-29T21:59Z"],
                     [1, 1, 2], id="a day of 23 hours"),
        pytest.param("America/New_York", Span.DAY, ["2026-11-01T04:00Z", "2026-11-02T04:59Z", "2026-11-02T05:00Z"],
                     [1, 2, 1], id="a day of 25 hours"),
        pytest.param("America/New_York", Span.MONTH, ["2026-03-01T04:59Z", "2026-03-01T05:00Z", "2026-04-01T03:59Z"],
                     [1, 1, 2], id="a month from winter into summer"),
        pytest.param("Pacific/Apia", Span.DAY, ["2011-12-30T09:59Z", "2011-12-30T10:00Z"], [1, 1],
                     id="the day after the one left out"),
        pytest.param("Pacific/Apia", Span.WEEK, ["2011-12-30T09:59Z", "2011-12-30T10:00Z", "2012-01-01T10:00Z"],
                     [1, 2, 1], id="a week of six days"),
        pytest.param("UTC", Span.MONTH, ["2024-02-29T23:59Z", "2024-02-01T00:00Z", "2024-03-01T00:00Z"], [1, 2, 1],
                     id="a leap day is of February"),
        pytest.param("UTC", Span.MONTH, ["2025-12-31T23:59Z", "2026-01-01T00:00Z", "2025-12-01T00:00Z"], [1, 1, 2],
                     id="the end of a year, and what comes late for it"),
    ],
)  # fmt: skip
def test_an_event_counts_in_the_day_week_or_month_of_its_own_time(
    place: str, span: Span, times: list[str], values: list[int]
) -> None:
    _, readings, _ = played(
        meter(Aggregate.COUNT, span), [Event("more", instant(text)) for text in times], place, 40 * D
    )
    assert [int(one.value) for one in readings] == values


@pytest.mark.parametrize(("place", "days"), [("UTC", 2), ("Europe/Berlin", 1), ("Pacific/Apia", 2)])
def test_days_are_those_of_the_zone(place: str, days: int) -> None:
    evening = [Event("more", instant(text)) for text in ("2026-06-01T23:00Z", "2026-06-02T10:00Z", "2026-06-02T11:30Z")]
    _, readings, _ = played(meter(Aggregate.DAYS_WITH, Span.EVER), evening, place)
    assert int(readings[-1].value) == days


def test_an_account_that_moves_goes_on_counting_in_the_same_day() -> None:
    of = meter(Aggregate.COUNT, Span.DAY)
    noon = BEGIN + 12 * H
    state, readings, _ = played(of, [Event("more", noon), Event("more", noon)])
    moved = When(zone("America/New_York"), None, noon - D)
    _, reading = counted(of, state, used(Event("more", noon + H)), moved)
    assert reading is not None
    assert (int(reading.value), reading.period) == (3, readings[0].period)
    assert reading.period == first_day(Unit.DAY, noon, zone(BERLIN)) * D


@pytest.mark.parametrize(
    ("span", "falls", "rearms"),
    [
        pytest.param(Span.DAY, BEGIN + 3 * D, BEGIN + 4 * D - H, id="a day, then one of 23 hours"),
        pytest.param(Span.WEEK, BEGIN + 4 * D - H, BEGIN + 11 * D - H, id="the week ends on Sunday"),
        pytest.param(Span.MONTH, BEGIN + 6 * D - H, BEGIN + 36 * D - H, id="the month, then April"),
        pytest.param(Span.BILLING_PERIOD, T0 + 30 * D, T0 + 60 * D, id="the period, then another as long"),
    ],
)
def test_a_meter_of_a_window_falls_at_its_end(span: Span, falls: int, rearms: int) -> None:
    of = meter(Aggregate.COUNT, span)
    at = BEGIN + 2 * D + H
    ends = habit_ends(of, empty(of), Decimal(1), at, When(zone(BERLIN), Period(T0, T0 + 30 * D), at))
    assert ends == (falls, rearms)


def test_a_meter_that_never_falls_says_so() -> None:
    assert (
        habit_ends(meter(Aggregate.COUNT, Span.EVER), empty(meter(Aggregate.COUNT, Span.EVER)), Decimal(1), T0, WHEN)
        is None
    )
    of = meter(Aggregate.COUNT, Span.BILLING_PERIOD)
    assert habit_ends(of, empty(of), Decimal(1), T0, When(zone(None), None, T0)) is None
