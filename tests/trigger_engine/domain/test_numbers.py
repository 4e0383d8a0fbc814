"""Exact numbers, and those that a meter can count."""

from decimal import Decimal, Inexact

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.usage import Number
from services.trigger_engine.domain.numbers import (
    BEYOND,
    FAR,
    FRACTIONS,
    NEAR,
    added,
    alike,
    countable,
    greatest,
    kept,
    times,
    trimmed,
    value_of,
)
from services.trigger_engine.domain.packing import packed, row

ON_THE_WIRE: TypeAdapter[Decimal] = TypeAdapter(Number)
numbers = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(-(10**20), 10**20), st.integers(-25, 5)
)
countables = numbers.map(countable).filter(lambda number: number is not None)


@pytest.mark.parametrize(
    ("number", "counted"),
    [
        ("0", "0"),
        ("-0.1", "-0.1"),
        ("99999999999999999999", "99999999999999999999"),
        ("100000000000000000000", None),
        ("1E-18", "1E-18"),
        ("1E-19", None),
        ("0.30000000000000004", "0.30000000000000004"),
        ("1." + "0" * 37, "1." + "0" * 18),
        ("1E+19", "1E+19"),
        ("1E+20", None),
        ("0E-30", "0E-18"),
        ("sNaN", None),
        ("-Infinity", None),
    ],
)
def test_what_a_meter_can_count(number: str, counted: str | None) -> None:
    found = countable(Decimal(number))
    assert (None if found is None else str(found)) == counted


@given(numbers, numbers)
def test_what_is_counted_is_exact_and_its_sum_can_be_told(left: Decimal, right: Decimal) -> None:
    one, other = countable(left), countable(right)
    if one is None or other is None:
        return
    assert (one, other) == (left, right)
    total = countable(added(one, other))
    if total is not None:
        assert ON_THE_WIRE.validate_python(total) == total


def test_what_could_not_be_exact_is_an_error_and_never_rounded() -> None:
    with pytest.raises(Inexact):
        added(Decimal("1E+60"), Decimal("1E-60"))
    with pytest.raises(Inexact):
        times(Decimal("1." + "1" * 60), Decimal("1." + "1" * 60))


@given(countables)
def test_whatever_can_be_counted_is_kept_with_all_its_digits(number: Decimal) -> None:
    whole, digits = kept(number)
    assert (value_of(whole, digits), kept(value_of(whole, digits))) == (number, (whole, digits))
    assert digits in FRACTIONS
    assert -BEYOND < whole < BEYOND


@given(numbers)
def test_a_number_is_told_as_it_is_without_what_says_nothing(number: Decimal) -> None:
    told = trimmed(number)
    assert (told, f"{told:f}") == (number, f"{number.normalize():f}")
    assert int(told.as_tuple().exponent) <= 0


@pytest.mark.parametrize(
    ("number", "told"),
    [("7.000", "7"), ("0.50", "0.5"), ("100", "100"), ("1E+3", "1000"), ("0.000", "0"), ("-1.0", "-1")],
)
def test_zeros_at_the_end_of_a_fraction_are_not_told(number: str, told: str) -> None:
    assert str(trimmed(Decimal(number))) == told


def test_there_is_no_negative_nothing() -> None:
    assert str(value_of(*kept(Decimal("-0.00")))) == "0.000"


@pytest.mark.parametrize(
    ("number", "is_kept", "digits"),
    [
        pytest.param("7", 7, 0, id="whole"),
        pytest.param("1E+3", 1_000, 0, id="whole, written with an exponent"),
        pytest.param("7.5", 7_500, 3, id="with a digit after the point"),
        pytest.param("7.125", 7_125, 3, id="with three"),
        pytest.param("7.1250", 7_125_000_000, 9, id="with four, one of which says nothing"),
        pytest.param("1E-9", 1, 9, id="with nine"),
        pytest.param("1E-10", 10**8, 18, id="with ten"),
        pytest.param("1E-18", 1, 18, id="with as many as there can be"),
        pytest.param(str(FAR - 1), FAR - 1, 0, id="the largest of 64 bits"),
        pytest.param(str(-FAR), -FAR, 0, id="the smallest of 64 bits"),
        pytest.param(str(FAR), FAR, 0, id="more than 64 bits"),
        pytest.param("1E+19", 10**19, 0, id="more than 64 bits, written with an exponent"),
        pytest.param("9223372036854775.808", FAR, 3, id="more than that, by its digits"),
    ],
)
def test_a_number_is_an_integer_of_its_last_digit(number: str, is_kept: int, digits: int) -> None:
    assert kept(Decimal(number)) == (is_kept, digits)


whole_numbers = st.one_of(*[st.integers(1 - most, most - 1) for most in (BEYOND, FAR * 4, NEAR * 4)])


@given(whole_numbers, whole_numbers)
@example(NEAR - 1, NEAR)
@example(-NEAR, -NEAR - 1)
@example(FAR - 1, FAR)
@example(-FAR, -FAR - 1)
def test_numbers_that_are_alike_take_as_much_room(number: int, other: int) -> None:
    least, most = alike(number)
    assert least <= number < most
    assert len(packed(row([number]))) == len(packed(row([least]))) == len(packed(row([most - 1])))
    if least <= other < most:
        assert len(packed(row([other]))) == len(packed(row([number])))


@given(numbers, numbers)
def test_the_greatest_has_the_digits_of_a_sum(one: Decimal, other: Decimal) -> None:
    left, right = countable(one), countable(other)
    if left is None or right is None:
        return
    found = greatest(left, right)
    assert found == max(left, right)
    assert found.same_quantum(added(left, right))
