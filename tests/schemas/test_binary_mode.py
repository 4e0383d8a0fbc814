"""CloudEvents in Kafka's binary mode: attributes are ``ce_`` headers, the value is ``data``."""

import json

import pytest

from schemas.codec import decode_usage
from schemas.dead_letters import DeadLetterReason
from schemas.usage import UsageEvent
from tests.schemas.messages import CONTENT, refusal, usage

Headers = list[tuple[str, bytes | None]]


def _headers(**changes: bytes | None) -> Headers:
    attributes = {name: value.encode() for name, value in usage().items() if name != "data"}
    return [(f"ce_{name}", content) for name, content in (attributes | changes).items()]


def _without(name: str) -> Headers:
    return [header for header in _headers() if header[0] != f"ce_{name}"]


def test_both_modes_read_as_the_same_event() -> None:
    assert decode_usage(b'{"user": "u-7"}', _headers()) == decode_usage(json.dumps(usage()).encode())


def test_an_event_without_a_value_has_no_data_and_counts_as_one() -> None:
    event = decode_usage(None, _headers())
    assert isinstance(event, UsageEvent)
    assert event.data.quantity == 1


def test_names_of_headers_may_be_in_any_case() -> None:
    headers = [(name.upper(), content) for name, content in _headers()]
    assert decode_usage(None, headers) == decode_usage(None, _headers())


def test_an_extension_is_kept_as_text() -> None:
    assert decode_usage(None, _headers(userid=b"u-1001")).model_extra == {"userid": "u-1001"}


def test_headers_that_are_not_of_cloudevents_change_nothing() -> None:
    headers = [("rung_produced", b"1"), ("traceparent", None), *_headers()]
    assert decode_usage(None, headers) == decode_usage(None, _headers())


def test_a_structured_content_type_goes_before_headers() -> None:
    headers = [("content-type", b"application/cloudevents+json; charset=utf-8"), *_headers(id=b"header")]
    assert decode_usage(json.dumps(usage(id="body")).encode(), headers).id == "body"


@pytest.mark.parametrize("content_type", [b"application/json", b"application/json; charset=utf-8", b"Application/JSON"])
def test_the_content_type_is_the_datas(content_type: bytes) -> None:
    event = decode_usage(b"{}", [("content-type", content_type), *_headers()])
    assert event.datacontenttype == "application/json"


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "subject", "time"])
def test_a_missing_attribute_is_named(name: str) -> None:
    error = refusal(b"{}", _without(name))
    assert (error.reason, error.detail) == (DeadLetterReason.INVALID, f"{name}: Field required")


@pytest.mark.parametrize("name", ["specversion", "id", "subject"])
def test_a_header_without_a_value_is_a_missing_attribute(name: str) -> None:
    assert refusal(b"{}", _headers(**{name: None})).detail == f"{name}: Field required"


@pytest.mark.parametrize(
    ("value", "headers", "reason", "told"),
    [
        pytest.param(b"{}", [("content-type", b"avro/binary"), *_headers()], "invalid", "datacontenttype: ", id="avro"),
        pytest.param(CONTENT.encode(), _headers(), "unreadable", "not JSON", id="data is not JSON"),
        pytest.param(b"{}", _headers(id=b"\xff"), "unreadable", "not UTF-8", id="an id that is no text"),
        pytest.param(b"{}", [*_headers(), ("ce_id", b"e-2")], "unreadable", "ce_id stands twice", id="two ids"),
        pytest.param(b"{}", [*_headers(), ("CE_ID", b"e-2")], "unreadable", "ce_id stands twice", id="two ids by case"),
        pytest.param(b"{}", _headers(note=b"x" * 32_768), "too_large", "32768 are allowed", id="32 KiB of headers"),
        pytest.param(b"{}", _headers(my_note=b"x"), "invalid", "my_note: ", id="a bar in an extension's name"),
        pytest.param(b"[]", _headers(), "invalid", "data: ", id="data is a list"),
        pytest.param(None, [("content-type", b"application/json")], "unreadable", "empty", id="nothing at all"),
    ],
)
def test_a_fault_has_its_reason_and_place(value: bytes | None, headers: Headers, reason: str, told: str) -> None:
    error = refusal(value, headers)
    assert error.reason == reason
    assert told in error.detail
    assert CONTENT not in error.detail
