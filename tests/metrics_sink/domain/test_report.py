from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.metrics_sink.domain.report import ENOUGH_SEEN, Funnel, Mark, Month
from services.metrics_sink.domain.statistics.retention import Retention


@pytest.mark.parametrize(
    ("presented", "converted", "proposed"),
    [
        pytest.param(ENOUGH_SEEN - 1, 20, None, id="too few have seen it"),
        pytest.param(1_000, 41, "0.041", id="how likely it was taken"),
        pytest.param(3_000, 1, "0.001", id="hardly ever"),
        pytest.param(3_000, 0, "0.001", id="never so far, which is not never"),
    ],
)
def test_a_propensity_is_proposed_once_enough_have_seen_an_offer(
    presented: int, converted: int, proposed: str | None
) -> None:
    found = Funnel(presented, presented, 0, 0, 0, converted).propensity
    assert found == (None if proposed is None else Decimal(proposed))


@pytest.mark.parametrize(
    ("expansion", "mark"),
    [
        pytest.param("0", Mark.SHRINKING, id="nothing more"),
        pytest.param("0.01", Mark.GROWING, id="a cent more"),
        pytest.param("20.00", Mark.GROWING, id="a fifth more, which is not above it"),
        pytest.param("20.01", Mark.EXCELLENT, id="above a fifth more"),
    ],
)
def test_months_are_marked_above_100_and_120_percent(expansion: str, mark: Mark) -> None:
    """S69: both bounds are to be passed, and not only reached."""
    assert Month(date(2026, 1, 1), Retention(Decimal(100), Decimal(expansion)), over=True).mark is mark


def test_a_month_in_which_nobody_paid_at_the_start_has_no_mark() -> None:
    assert Month(date(2026, 1, 1), Retention(Decimal(0)), over=True).mark is Mark.UNKNOWN
