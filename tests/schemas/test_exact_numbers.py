"""A number is what its digits say, from the wire and back to it; none passes through a float."""

from decimal import Decimal

import pytest

from schemas.codec import decode_offer, decode_usage, encode
from schemas.facts import AttributeSet, LimitSet
from schemas.usage import UsageEvent
from tests.contracts.golden import all_golden
from tests.schemas.messages import as_json, text, usage

DIGITS = ["0.1", "12345678901234567890.123456789", "-2.50", "0", "-0.0", "1E+5", "0." + "1234567" * 5, "9" * 38]


def _usage(value: bytes) -> UsageEvent:
    event = decode_usage(value)
    assert isinstance(event, UsageEvent)
    return event


@pytest.mark.parametrize("digits", DIGITS)
def test_a_json_number_is_read_exactly(digits: str) -> None:
    assert _usage(text(f'{{"quantity": {digits}}}')).data.quantity == Decimal(digits)


@pytest.mark.parametrize("digits", DIGITS)
def test_digits_in_a_string_are_the_same_number(digits: str) -> None:
    assert _usage(text(f'{{"quantity": "{digits}"}}')).data.quantity == Decimal(digits)


@pytest.mark.parametrize("digits", DIGITS)
def test_a_number_is_written_digit_by_digit_as_it_was_read(digits: str) -> None:
    value, _ = encode(_usage(text(f'{{"quantity": {digits}}}')))
    assert f'"quantity":{digits},'.encode() in value


def test_a_property_keeps_its_kind() -> None:
    event = _usage(text('{"properties": {"n": 1, "half": 0.5, "text": "1", "yes": true, "none": null}}'))
    assert event.data.properties == {"n": Decimal(1), "half": Decimal("0.5"), "text": "1", "yes": True, "none": None}
    assert [type(value) for value in event.data.properties.values()] == [Decimal, Decimal, str, bool, type(None)]


def test_what_we_publish_has_its_decimals_as_strings_so_that_no_reader_makes_floats_of_them() -> None:
    offer_made = next(golden for golden in all_golden() if golden.name == "rung.offer_made")
    value, _ = encode(decode_offer(offer_made.value))
    assert b'"amount":"10"' in value


def test_null_is_a_value_that_an_attribute_can_be_set_to() -> None:
    event = decode_usage(as_json(usage(type="rung.attribute_set", data={"name": "health", "value": None})))
    assert isinstance(event, AttributeSet)
    assert decode_usage(*encode(event)) == event


def test_unlimited_is_a_limit_of_its_own() -> None:
    event = decode_usage(as_json(usage(type="rung.limit_set", data={"meter": "storage_gb", "value": "unlimited"})))
    assert isinstance(event, LimitSet)
    assert event.data.value == "unlimited"
