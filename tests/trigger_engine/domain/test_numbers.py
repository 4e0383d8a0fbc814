"""Exact numbers, and those that a meter can count."""

from decimal import Decimal, Inexact
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.usage import Number
from services.trigger_engine.domain.numbers import (
    FAR,
    NEAR,
    added,
    alike,
    countable,
    greatest,
    kept,
    times,
    value_of,
)

ON_THE_WIRE: TypeAdapter[Decimal] = TypeAdapter(Number)
numbers = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(-(10**20), 10**20), st.integers(-25, 5)
)


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


@given(numbers)
def test_a_number_is_kept_with_all_its_digits(number: Decimal) -> None:
    told = value_of(*kept(number))
    assert (told, -min(0, int(number.as_tuple().exponent))) == (number, -int(told.as_tuple().exponent))


def test_there_is_no_negative_nothing() -> None:
    assert str(value_of(*kept(Decimal("-0.00")))) == "0.00"


@pytest.mark.parametrize(
    ("number", "is_kept", "digits"),
    [
        pytest.param("7", 7, 0, id="whole"),
        pytest.param("1E+3", 1_000, 0, id="whole, written with an exponent"),
        pytest.param("7.50", 750, 2, id="with digits after the point"),
        pytest.param(str(FAR - 1), FAR - 1, 0, id="the largest of 64 bits"),
        pytest.param(str(-FAR), -FAR, 0, id="the smallest of 64 bits"),
        pytest.param(str(FAR), Decimal(FAR), None, id="more than 64 bits"),
        pytest.param("1E+19", Decimal(10**19), None, id="more than 64 bits, written with an exponent"),
        pytest.param("9223372036854775.808", Decimal("9223372036854775.808"), None, id="more than that, by its digits"),
    ],
)
def test_a_number_is_an_integer_of_its_last_digit(number: str, is_kept: int | Decimal, digits: int | None) -> None:
    found, after = kept(Decimal(number))
    assert (type(found), str(found), after) == (type(is_kept), str(is_kept), digits)


@given(st.one_of(st.integers(-(2**70), 2**70), st.integers(-(2**33), 2**33)), st.integers(0, 18), st.integers(-5, 5))
def test_numbers_that_are_alike_take_as_much_room(whole: int, digits: int, by: int) -> None:
    number, after = kept(Decimal(whole).scaleb(-digits))
    least, most = alike(number)
    assert least <= number < most
    edges: list[Any] = [least, most]
    for edge in edges:
        if abs(edge) < 2**80:
            other, other_digits = kept(value_of(edge + by, after))
            if least <= edge + by < most:
                assert (type(other), after is None) == (type(number), other_digits is None)
                assert isinstance(other, Decimal) or (-NEAR <= other < NEAR) is (-NEAR <= number < NEAR)


@given(numbers, numbers)
def test_the_greatest_has_the_digits_of_a_sum(one: Decimal, other: Decimal) -> None:
    left, right = countable(one), countable(other)
    if left is None or right is None:
        return
    found = greatest(left, right)
    assert found == max(left, right)
    assert found.same_quantum(added(left, right))
