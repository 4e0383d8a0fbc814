"""Numbers of events as integers of their last digit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.trigger_engine.adapters.amounts import POINTED, WHOLE, are_short, scaled, told

pointed = st.from_regex(r"-?(0|[1-9][0-9]{0,8})\.[0-9]{1,9}", fullmatch=True).map(str.encode)
values = st.lists(st.one_of(pointed, st.integers(1 - WHOLE, WHOLE - 1), st.sampled_from(["much", None, True])))


def exact(value: object, digits: int) -> int | None:
    if type(value) is not int and not isinstance(value, bytes):
        return None
    number = Decimal(value.decode() if isinstance(value, bytes) else value)
    places = -int(number.as_tuple().exponent)
    return int(number.scaleb(digits)) if places <= digits else None


@given(st.one_of(values, st.lists(pointed), st.lists(pointed | st.integers(-9, 9))), st.integers(0, 9))
@example([b"0.25", b"0.5", b"11.125"], 3)
@example([b"11.125", b"0.5"], 3)
@example([b"11.125", b"0.5"], 1)
@example([b"0.5", b"11.125"], 1)
@example([b"0.5", b"1.5"], 0)
@example([], 3)
def test_a_number_is_an_integer_of_so_many_digits_or_has_more_of_them(some: list[Any], digits: int) -> None:
    assert list(scaled(some, digits)) == [exact(value, digits) for value in some]


@given(values)
def test_as_a_decimal_a_number_keeps_all_its_digits(some: list[Any]) -> None:
    for value in some:
        found = told(value)
        assert (f"{found:f}".encode() if isinstance(value, bytes) else found) == value


@pytest.mark.parametrize(
    ("value", "is_short"),
    [
        pytest.param(WHOLE - 1, True, id="18 digits"),
        pytest.param(WHOLE, False, id="19 digits"),
        pytest.param(-WHOLE, False, id="19 digits, negative"),
        pytest.param(b"0." + b"1" * 18, True, id="18 digits after the point"),
        pytest.param(b"0." + b"1" * 19, False, id="19 digits after the point"),
        pytest.param(b"-1.5", True, id="negative"),
        pytest.param(b"1.5e3", False, id="with an exponent"),
        pytest.param(b"1E5", False, id="with an exponent and no point"),
        pytest.param(b"1" * POINTED, False, id="an integer that the decoder gave up on"),
    ],
)
@pytest.mark.parametrize("beside", [[], [7], [b"0.5"], ["much", None, True]])
def test_what_is_ordinary_is_short(value: object, is_short: bool, beside: list[object]) -> None:
    some = [*beside, value]
    assert are_short(some, set(map(type, some))) is is_short
