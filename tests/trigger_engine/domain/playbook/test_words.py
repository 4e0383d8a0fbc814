"""Wording with the account's own numbers."""

from decimal import Decimal

import pytest

from services.trigger_engine.domain.playbook.words import filled, shown, variables


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


def test_variables_are_filled() -> None:
    text = "{meters.a} of {limit.a}"
    assert variables(text) == ("meters.a", "limit.a")
    assert filled(text, {"meters.a": "9.4", "limit.a": "10"}) == "9.4 of 10"


def test_a_text_with_an_unknown_variable_is_not_filled_with_a_blank() -> None:
    assert filled("{meters.a} of {limit.a}", {"meters.a": "9.4"}) is None


def test_what_stands_in_a_value_is_not_filled_again() -> None:
    assert filled("{a}", {"a": "{b}", "b": "no"}) == "{b}"
