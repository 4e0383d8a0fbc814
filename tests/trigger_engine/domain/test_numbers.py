"""Exact numbers, and those that a meter can count."""

from decimal import Decimal, Inexact

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.usage import Number
from services.trigger_engine.domain.numbers import added, countable, times

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
