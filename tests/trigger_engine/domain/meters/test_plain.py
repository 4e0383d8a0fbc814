"""The numbers of plain meters, in a row apart from what they are called."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.numbers import FAR, Number

FILES, SIZE = "files#1", "storage_gb#2"


def kept() -> PlainMeters:
    return PlainMeters.of({FILES: MeterState(Decimal(3)), SIZE: MeterState(Decimal("1.70"), 1_000)})


def test_a_meter_stands_where_it_was_put() -> None:
    meters = kept()
    meters[FILES] = MeterState(Decimal(4))
    meters["new#3"] = MeterState(Decimal(9))
    assert dict(meters.items()) == {
        FILES: MeterState(Decimal(4)),
        SIZE: MeterState(Decimal("1.70"), 1_000),
        "new#3": MeterState(Decimal(9)),
    }
    assert (list(meters), len(meters), FILES in meters, "other" in meters) == ([FILES, SIZE, "new#3"], 3, True, False)
    assert (meters.get("other"), str(meters[SIZE].value)) == (None, "1.70")


def test_a_meter_may_count_another_period() -> None:
    meters = kept()
    meters[SIZE] = MeterState(period=2_000)
    assert meters[SIZE] == MeterState(period=2_000)


def test_numbers_are_moved_in_place() -> None:
    meters = kept()
    row, place = meters.numbers, meters.place(SIZE)
    row[place] += Decimal("0.3")
    meters["new#3"] = MeterState(Decimal(9))
    del meters[FILES]
    assert meters.numbers is row
    assert dict(meters.items()) == {SIZE: MeterState(Decimal("2.00"), 1_000), "new#3": MeterState(Decimal(9))}
    assert meters.place(SIZE) == 0


def test_accounts_that_are_alike_share_what_their_meters_are_called() -> None:
    one, other = kept(), kept()
    assert one.periods is other.periods
    other["new#3"] = MeterState()
    assert (FILES in one, "new#3" in one) == (True, False)


@pytest.mark.parametrize(
    ("value", "is_kept"),
    [
        pytest.param(Decimal(7), 7, id="whole"),
        pytest.param(Decimal("1E+3"), 1_000, id="whole, written with an exponent"),
        pytest.param(Decimal("7.0"), Decimal("7.0"), id="with digits after the point"),
        pytest.param(Decimal(FAR - 1), FAR - 1, id="the largest of 64 bits"),
        pytest.param(Decimal(-FAR), -FAR, id="the smallest of 64 bits"),
        pytest.param(Decimal(FAR), Decimal(FAR), id="more than 64 bits"),
    ],
)
def test_an_integer_is_kept_as_one(value: Decimal, is_kept: Number) -> None:
    (number,) = PlainMeters.of({FILES: MeterState(value)}).numbers
    assert (type(number), str(number)) == (type(is_kept), str(is_kept))
