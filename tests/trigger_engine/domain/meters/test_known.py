"""A meter is unknown until all that it counts was seen."""

import pytest

from services.trigger_engine.domain.calendar import zone
from services.trigger_engine.domain.meters.known import Past, is_known, is_whole
from services.trigger_engine.domain.meters.meter import Period
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span
from tests.trigger_engine.domain.building import T0, D, H

PUBLISHED = T0
"""2026-03-01 09:00 UTC, a Sunday."""


def past(
    *, created: int | None = None, seen: int | None = T0 + 9 * D, empty: bool = True, baseline: int | None = None
) -> Past:
    return Past(created, seen, empty, PUBLISHED, baseline)


@pytest.mark.parametrize(
    ("of", "whole"),
    [
        pytest.param(past(created=T0 + D), True, id="created since"),
        pytest.param(past(created=T0), True, id="created as it was published"),
        pytest.param(past(created=T0 - 1), False, id="older than the meter"),
        pytest.param(past(created=T0 - 1, empty=True), False, id="what was told goes before what is assumed"),
        pytest.param(past(), True, id="seen since, where accounts start empty"),
        pytest.param(past(seen=T0 - 1), False, id="seen before the meter was published"),
        pytest.param(past(seen=None), False, id="never heard of"),
        pytest.param(past(empty=False), False, id="where nobody knows, it waits"),
        pytest.param(past(created=T0 + D, empty=False), True, id="but knows when it was created"),
    ],
)
def test_known_from_the_accounts_creation_or_first_sight_if_later_than_the_meters_publication(
    of: Past, whole: bool
) -> None:
    assert is_whole(of) is whole


def meter(span: Span) -> MeterDefinition:
    return MeterDefinition("m", Aggregate.COUNT, "a.b", span=span, rolling_us=7 * D if span is Span.ROLLING else None)


OLD = past(created=T0 - 100 * D)


@pytest.mark.parametrize(
    ("span", "of", "at", "known"),
    [
        pytest.param(Span.EVER, OLD, T0 + 999 * D, False, id="ever is never known of an old account"),
        pytest.param(Span.EVER, past(created=T0 + D), T0 + D, True, id="but of a new one"),
        pytest.param(Span.EVER, past(empty=False, baseline=T0 + D), T0 + D, True, id="or of one with a baseline"),
        pytest.param(Span.EVER, past(created=T0 - D, baseline=T0), T0 - H, True, id="also what comes late"),
        pytest.param(Span.MONTH, past(empty=False, baseline=T0 + D), T0 + 2 * D, True, id="a baseline is of its month"),
        pytest.param(Span.DAY, past(empty=False, baseline=T0), T0 + H, True, id="of its day"),
        pytest.param(Span.DAY, past(empty=False, baseline=T0 + D), T0 + H, False, id="and of no other"),
        pytest.param(Span.DAY, OLD, T0 + H, False, id="the day on which it was published is known in part"),
        pytest.param(Span.DAY, OLD, T0 + 15 * H, True, id="the next is known"),
        pytest.param(Span.DAY, OLD, T0 - D, False, id="the day before is not"),
        pytest.param(Span.DAY, past(created=T0), T0 + H, True, id="of a new account also the first"),
        pytest.param(Span.WEEK, OLD, T0 + 15 * H, True, id="the week begins on Monday"),
        pytest.param(Span.MONTH, OLD, T0 + 15 * H, False, id="the month goes on"),
        pytest.param(Span.MONTH, OLD, T0 + 31 * D, True, id="until April"),
        pytest.param(Span.BILLING_PERIOD, OLD, T0 + 6 * D, True, id="a period that began since is known"),
        pytest.param(Span.BILLING_PERIOD, OLD, T0 + 40 * D, False, id="one that is unknown is not"),
        pytest.param(Span.ROLLING, OLD, T0 + 7 * D - 1, False, id="a window that reaches back before is not"),
        pytest.param(Span.ROLLING, OLD, T0 + 7 * D, True, id="one that does not is"),
    ],
)
def test_a_window_that_began_since_is_known(span: Span, of: Past, at: int, known: bool) -> None:
    when = When(zone(None), Period(T0 + 5 * D, T0 + 35 * D), T0)
    assert is_known(meter(span), of, at, when) is known


def test_the_period_in_which_it_was_published_is_known_in_part() -> None:
    when = When(zone(None), Period(T0 - 5 * D, T0 + 25 * D), T0)
    assert not is_known(meter(Span.BILLING_PERIOD), OLD, T0 + D, when)
