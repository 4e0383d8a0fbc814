"""A meter is read alike wherever it is kept, and a plain one from where plain ones are."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from services.trigger_engine.domain.calendar import zone
from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.meters.counting import CountedState, Reading, counted, empty
from services.trigger_engine.domain.meters.meter import MeterState, Period
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.meters.reading import reading
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span
from tests.trigger_engine.domain.building import ACME, T0, D, H

PERIOD = Period(T0, T0 + 30 * D)
WHEN = When(zone(None), PERIOD, T0 - D)
UNKNOWN = When(zone(None), None, T0 - D)


@dataclass
class Kept:
    """Whoever meters are kept of."""

    meters: PlainMeters = field(default_factory=PlainMeters)
    counted: dict[str, CountedState] = field(default_factory=dict)


def meter(span: Span, aggregate: Aggregate = Aggregate.COUNT) -> MeterDefinition:
    return MeterDefinition("m", aggregate, "a.b", prop="size", span=span, rolling_us=D)


def kept(of: MeterDefinition, value: int, period: int | None = None) -> Kept:
    return Kept(meters=PlainMeters.of({of.key: MeterState(Decimal(value), period)}))


def test_a_plain_meter_of_ever_stands_at_what_was_counted_whenever_that_is_asked() -> None:
    of = meter(Span.EVER)
    for at in (T0 - 90 * D, T0, T0 + 90 * D):
        for when in (WHEN, UNKNOWN):
            assert reading(of, kept(of, 7), at, when) == Reading(Decimal(7), at)


def test_a_plain_meter_of_a_billing_period_stands_at_what_was_counted_in_it() -> None:
    of = meter(Span.BILLING_PERIOD)
    for at in (T0, T0 + 30 * D - 1):
        assert reading(of, kept(of, 7, T0), at, WHEN) == Reading(Decimal(7), at, T0)


def test_what_was_counted_in_another_period_is_nothing_in_this_one() -> None:
    of = meter(Span.BILLING_PERIOD)
    assert reading(of, kept(of, 7, T0 - 30 * D), T0, WHEN) == Reading(Decimal(0), T0, T0)
    assert reading(of, kept(of, 7), T0, WHEN) == Reading(Decimal(0), T0, T0)


@pytest.mark.parametrize(
    ("at", "when"),
    [
        pytest.param(T0, UNKNOWN, id="no period is known"),
        pytest.param(T0 - 1, WHEN, id="just before it"),
        pytest.param(T0 + 30 * D, WHEN, id="when it has ended"),
    ],
)
@pytest.mark.parametrize("aggregate", [Aggregate.COUNT, Aggregate.DISTINCT])
def test_outside_the_billing_period_that_is_known_nothing_can_be_told(
    aggregate: Aggregate, at: int, when: When
) -> None:
    of = meter(Span.BILLING_PERIOD, aggregate)
    assert reading(of, kept(of, 7, T0), at, when) is None


@pytest.mark.parametrize("span", [Span.EVER, Span.BILLING_PERIOD, Span.DAY, Span.ROLLING])
@pytest.mark.parametrize("aggregate", [Aggregate.COUNT, Aggregate.DISTINCT, Aggregate.LAST])
def test_a_meter_of_which_nothing_is_kept_stands_at_nothing(aggregate: Aggregate, span: Span) -> None:
    found = reading(meter(span, aggregate), Kept(), T0, WHEN)
    assert found is not None
    assert (found.value, found.at, found.exact) == (Decimal(0), T0, True)


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(meter(Span.DAY), id="of a day"),
        pytest.param(meter(Span.ROLLING), id="rolling"),
        pytest.param(meter(Span.EVER, Aggregate.DISTINCT), id="values told apart"),
        pytest.param(meter(Span.EVER, Aggregate.LAST), id="the last"),
    ],
)
def test_any_other_meter_is_read_from_what_is_kept_of_it_and_never_from_where_plain_ones_are(
    of: MeterDefinition,
) -> None:
    state, _ = counted(of, empty(of), Usage("t", "e", "a.b", ACME, T0, properties={"size": Decimal(1)}), WHEN)
    both = Kept(meters=PlainMeters.of({of.key: MeterState(Decimal(7))}), counted={of.key: state})
    found = reading(of, both, T0 + H, WHEN)
    assert found is not None
    assert found.value == 1


def test_one_meter_is_not_taken_for_another() -> None:
    of, other = meter(Span.EVER), MeterDefinition("n", Aggregate.COUNT, "a.b")
    assert reading(of, kept(other, 7), T0, WHEN) == Reading(Decimal(0), T0)
