"""A meter can be told where another system had counted to."""

from decimal import Decimal

import pytest

from schemas.dead_letters import DeadLetterReason
from services.trigger_engine.domain.calendar import zone
from services.trigger_engine.domain.inputs import Impossible, Usage
from services.trigger_engine.domain.meters.baseline import baseline
from services.trigger_engine.domain.meters.counting import CountedState, counted, empty, standing
from services.trigger_engine.domain.meters.meter import Period
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span
from tests.trigger_engine.domain.building import ACME, T0, D

WHEN = When(zone(None), Period(T0, T0 + 30 * D), T0 - D)
"""2026-03-01 09:00 UTC; a day of lateness."""


def meter(aggregate: Aggregate = Aggregate.SUM, span: Span = Span.EVER) -> MeterDefinition:
    return MeterDefinition("m", aggregate, "a.b", prop="size", span=span, rolling_us=D)


def used(of: MeterDefinition, state: CountedState, size: int, at: int = T0) -> CountedState:
    return counted(of, state, Usage("t", "e", "a.b", ACME, at, properties={"size": Decimal(size)}), WHEN)[0]


def stands(of: MeterDefinition, state: CountedState | None, at: int = T0) -> int:
    assert state is not None
    reading = standing(of, state, at, WHEN)
    assert reading is not None
    return int(reading.value)


@pytest.mark.parametrize("span", [Span.EVER, Span.BILLING_PERIOD, Span.DAY, Span.MONTH])
@pytest.mark.parametrize("aggregate", [Aggregate.COUNT, Aggregate.SUM, Aggregate.MAX])
def test_it_stands_where_it_was_told_and_counts_on(aggregate: Aggregate, span: Span) -> None:
    of = meter(aggregate, span)
    state = baseline(of, used(of, empty(of), 3), Decimal(40), T0, WHEN)
    assert stands(of, state) == 40
    assert state is not None
    assert stands(of, used(of, state, 50)) == {Aggregate.COUNT: 41, Aggregate.SUM: 90, Aggregate.MAX: 50}[aggregate]


def test_of_a_last_value_the_newer_holds() -> None:
    of = meter(Aggregate.LAST)
    state = used(of, empty(of), 3, at=T0)
    assert stands(of, baseline(of, state, Decimal(40), T0 - 1, WHEN)) == 3
    assert stands(of, baseline(of, state, Decimal(40), T0 + 1, WHEN)) == 40


def test_it_is_of_the_window_it_was_told_for() -> None:
    of = meter(span=Span.DAY)
    state = baseline(of, used(of, empty(of), 3), Decimal(40), T0 - D, WHEN)
    assert (stands(of, state, T0 - D), stands(of, state)) == (40, 3)


@pytest.mark.parametrize(
    ("span", "as_of"),
    [
        pytest.param(Span.DAY, T0 - 2 * D, id="a day that is over"),
        pytest.param(Span.BILLING_PERIOD, T0 - 1, id="a period that is over"),
        pytest.param(Span.BILLING_PERIOD, T0 + 30 * D, id="a period that nobody announced"),
    ],
)
def test_a_window_that_is_over_or_unknown_takes_none(span: Span, as_of: int) -> None:
    assert baseline(meter(span=span), empty(meter(span=span)), Decimal(1), as_of, WHEN) is None


NOT_SET = ", and can not be set to a number"
APART = "data.meter: 'm' tells values apart" + NOT_SET


@pytest.mark.parametrize(
    ("of", "value", "detail"),
    [
        pytest.param(meter(Aggregate.DISTINCT), "4", APART,
                     id="which values"),
        pytest.param(meter(Aggregate.DAYS_WITH), "4", APART,
                     id="which days"),
        pytest.param(meter(span=Span.ROLLING), "4", "data.meter: 'm' is rolling" + NOT_SET,
                     id="when it was"),
        pytest.param(meter(), "1E+20", "data.value: more than 20 digits before or 18 after the point, "
                     "and meter 'm' can not count it", id="too large"),
    ],
)  # fmt: skip
def test_what_a_number_can_not_set_is_impossible(of: MeterDefinition, value: str, detail: str) -> None:
    with pytest.raises(Impossible) as caught:
        baseline(of, empty(of), Decimal(value), T0, WHEN)
    assert (caught.value.reason, caught.value.detail) == (DeadLetterReason.INVALID, detail)
