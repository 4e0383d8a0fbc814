"""Wording with the account's own numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.playbook.words import filled, shown, spoken, variables


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("9.40", "9.4"),
        ("10", "10"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("0.000", "0"),
        ("-3", "0"),
        ("0.10", "0.1"),
        ("1E-7", "0.0000001"),
    ],
)
def test_a_number_is_shown_as_a_person_writes_it(number: str, told: str) -> None:
    assert shown(Decimal(number)) == told


@pytest.mark.parametrize(
    ("number", "told"),
    [
        pytest.param("9.40", "9.4", id="as it is written"),
        pytest.param("1.9000000000000001", "1.9", id="what a computer added"),
        pytest.param("9.999", "9.99", id="never more than it is"),
        pytest.param("1234567.129", "1234567.12", id="two digits after the point"),
        pytest.param("0.125", "0.12", id="of less than one its first two"),
        pytest.param("0.0012999", "0.0012", id="wherever they are"),
        pytest.param("1E-7", "0.0000001", id="or as many as it has"),
        pytest.param("1E+3", "1000", id="in full"),
        pytest.param("-0.001", "0", id="never below nothing"),
        pytest.param("0.000", "0", id="nothing"),
    ],
)
def test_people_are_told_as_much_of_a_number_as_they_read(number: str, told: str) -> None:
    """S47: the account's own usage, well written."""
    assert spoken(Decimal(number)) == told


@given(st.decimals(min_value=0, max_value=10**12, places=12))
def test_nobody_is_told_more_than_there_is(number: Decimal) -> None:
    told = Decimal(spoken(number))
    assert told <= number
    assert number - told < max(Decimal("0.01"), number / 10)


def test_variables_are_filled() -> None:
    text = "{meters.a} of {limit.a}"
    assert variables(text) == ("meters.a", "limit.a")
    assert filled(text, {"meters.a": "9.4", "limit.a": "10"}) == "9.4 of 10"


def test_a_text_with_an_unknown_variable_is_not_filled_with_a_blank() -> None:
    assert filled("{meters.a} of {limit.a}", {"meters.a": "9.4"}) is None


def test_what_stands_in_a_value_is_not_filled_again() -> None:
    assert filled("{a}", {"a": "{b}", "b": "no"}) == "{b}"
