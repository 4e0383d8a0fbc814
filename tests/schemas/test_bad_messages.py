"""Each fault of a message has its reason and a line that says where; what the message says is never repeated."""

import json
from collections.abc import Callable

import pytest

from schemas.codec import UnreadableEvent, decode_decision, decode_offer, decode_response, decode_usage
from schemas.dead_letters import DeadLetterReason
from schemas.envelope import MAX_EVENT_BYTES
from tests.schemas.messages import CONTENT, as_json, refusal, text, usage, without

UNREADABLE, INVALID, TOO_LARGE = DeadLetterReason.UNREADABLE, DeadLetterReason.INVALID, DeadLetterReason.TOO_LARGE


def _nested(containers: int) -> bytes:
    """An event with this many objects and lists inside each other, the event itself counted."""
    return text("[" * (containers - 1) + "1" + "]" * (containers - 1))


BAD = [
    pytest.param(None, UNREADABLE, "the message is empty", id="nothing"),
    pytest.param(b"", UNREADABLE, "the message is empty", id="no bytes"),
    pytest.param(CONTENT.encode(), UNREADABLE, "not JSON", id="not JSON"),
    pytest.param(b'{"id": "' + CONTENT.encode(), UNREADABLE, "not JSON", id="cut off"),
    pytest.param(b"\xff\xfe" + CONTENT.encode(), UNREADABLE, "not text in UTF-8", id="not UTF-8"),
    pytest.param(json.dumps(usage()).encode("utf-16"), UNREADABLE, "not text in UTF-8", id="UTF-16"),
    pytest.param(as_json([usage()]), UNREADABLE, "not a JSON object", id="a batch"),
    pytest.param(as_json(CONTENT), UNREADABLE, "not a JSON object", id="a text"),
    pytest.param(b"null", UNREADABLE, "not a JSON object", id="null"),
    pytest.param(text('{"quantity": NaN}'), UNREADABLE, "NaN is not a number", id="NaN"),
    pytest.param(text('{"quantity": -Infinity}'), UNREADABLE, "-Infinity is not a number", id="infinity"),
    pytest.param(text('{"quantity": 1e9999999999999999999}'), UNREADABLE, "exponent", id="an exponent beyond all"),
    pytest.param(text('{"quantity": ' + "1" * 5000 + "}"), UNREADABLE, "not JSON", id="5000 digits"),
    pytest.param(text(r'{"user": "\ud800"}'), UNREADABLE, "UTF-8", id="a lone surrogate"),
    pytest.param(_nested(33), TOO_LARGE, "nested deeper than 32", id="33 deep"),
    pytest.param(b"[" * 30_000, TOO_LARGE, "nested deeper than 32", id="30,000 deep"),
    pytest.param(as_json(usage()).ljust(MAX_EVENT_BYTES + 1), TOO_LARGE, "32769 bytes", id="32 KiB and one byte"),
    pytest.param(
        as_json(usage(data={"properties": {f"p{n}": n for n in range(256)}})), TOO_LARGE, "data.properties: ",
        id="256 properties",
    ),
    *(
        pytest.param(as_json(without(name)), INVALID, f"{name}: Field required", id=f"no {name}")
        for name in ("specversion", "id", "source", "type", "subject", "time")
    ),
    *(
        pytest.param(as_json(usage(**{name: ""})), INVALID, f"{name}: ", id=f"empty {name}")
        for name in ("specversion", "id", "source", "type", "subject", "time", "datacontenttype")
    ),
    *(
        pytest.param(as_json(usage(**{name: 25})), INVALID, f"{name}: ", id=f"{name} is a number")
        for name in ("specversion", "id", "source", "type", "subject", "time")
    ),
    pytest.param(as_json(usage(specversion="0.3")), INVALID, "specversion: ", id="an older CloudEvents"),
    pytest.param(as_json(usage(id=CONTENT * 20)), INVALID, "id: ", id="a long id"),
    pytest.param(as_json(usage(id="x" * 257)), INVALID, "id: ", id="an id of 257 bytes"),
    pytest.param(as_json(usage(id="ü" * 129)), INVALID, "id: is longer than 256 bytes", id="258 bytes of 129 letters"),
    pytest.param(as_json(usage(subject="ac\nme")), INVALID, "subject: has a control character", id="a line break"),
    pytest.param(as_json(usage(subject="acme\x00")), INVALID, "subject: has a control character", id="a null byte"),
    pytest.param(as_json(usage(subject="acme\x7f")), INVALID, "subject: has a control character", id="a delete"),
    pytest.param(as_json(usage(data={"user": "u\t7"})), INVALID, "data.user: has a control", id="a tab in a user"),
    *(
        pytest.param(as_json(usage(time=time)), INVALID, "time: ", id=f"time {time}")
        for time in (
            "2026-03-02T10:15:04", "2026-03-02", "2026-03-02T10:15Z", "2026-03-02 10:15:04Z", "2026-03-02T10:15:04+01",
            "2026-03-02T10:15:04+25:00", "2026-13-02T10:15:04Z", "1772446504", "lunchtime", CONTENT,
        )
    ),
    pytest.param(as_json(usage(type="rung.file_stored")), INVALID, "type: begins with 'rung.'", id="a reserved type"),
    pytest.param(as_json(usage(type="rung.offer_made")), INVALID, "type: begins with 'rung.'", id="a type of ours"),
    pytest.param(as_json(usage(data=CONTENT)), INVALID, "data: ", id="data is text"),
    pytest.param(as_json(usage(data=[])), INVALID, "data: ", id="data is a list"),
    pytest.param(as_json(usage(data={"usre": CONTENT})), INVALID, "data.usre: Extra", id="an unknown field in data"),
    pytest.param(as_json(usage(data={"quantity": CONTENT})), INVALID, "quantity: is not a", id="a word as number"),
    pytest.param(as_json(usage(data={"quantity": True})), INVALID, "data.quantity: ", id="true is not a number"),
    pytest.param(text('{"quantity": ' + "1" * 40 + "}"), INVALID, "data.quantity: ", id="40 digits"),
    pytest.param(text('{"quantity": 0.' + "1" * 40 + "}"), INVALID, "data.quantity: ", id="40 decimal places"),
    pytest.param(text('{"quantity": 1e400}'), INVALID, "data.quantity: ", id="400 digits in five characters"),
    pytest.param(as_json(usage(data={"quantity": "1_000"})), INVALID, "data.quantity: ", id="digits with a bar"),
    pytest.param(as_json(usage(data={"quantity": "١٢"})), INVALID, "data.quantity: ", id="digits of another script"),
    pytest.param(as_json(usage(data={"properties": {"a": {"b": 1}}})), INVALID, "data.properties.a", id="an object"),
    pytest.param(as_json(usage(data={"properties": {"a": [1]}})), INVALID, "data.properties.a", id="a list"),
    pytest.param(as_json(usage(data_base64="e30=")), INVALID, "data_base64: ", id="binary data"),
    pytest.param(as_json(usage(datacontenttype="text/plain")), INVALID, "datacontenttype: ", id="text data"),
    pytest.param(as_json(usage(MyExtension=CONTENT)), INVALID, "MyExtension: ", id="a capital in an extension's name"),
    pytest.param(as_json(usage(**{"my.extension": 1})), INVALID, "my.extension: ", id="a point in an extension's name"),
    pytest.param(text("{}").replace(b'"id"', b'"long": 2147483648, "id"'), INVALID, "long: ", id="a 33-bit extension"),
    pytest.param(text("{}").replace(b'"id"', b'"part": 1.5, "id"'), INVALID, "part: ", id="a broken number"),
    pytest.param(as_json(usage(trace={"id": CONTENT})), INVALID, "trace: ", id="an object as extension"),
    pytest.param(as_json(usage(dataschema="")), INVALID, "dataschema: is empty", id="an empty data schema"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "reason", "told"), BAD)
def test_a_bad_message_is_refused_with_its_reason_and_the_place(
    value: bytes | None, reason: DeadLetterReason, told: str
) -> None:
    error = refusal(value)
    assert error.reason is reason
    assert told in error.detail


@pytest.mark.parametrize(("value", "_reason", "_told"), BAD)
def test_what_a_bad_message_says_is_never_repeated(value: bytes | None, _reason: DeadLetterReason, _told: str) -> None:
    assert CONTENT not in refusal(value).detail


@pytest.mark.parametrize(("value", "_reason", "_told"), BAD)
def test_a_fault_is_told_in_one_short_line_of_ascii(value: bytes | None, _reason: DeadLetterReason, _told: str) -> None:
    detail = refusal(value).detail
    assert detail.isascii()
    assert detail.isprintable()
    assert len(detail) < 500


def test_a_name_that_would_break_the_line_or_fill_it_is_told_without_doing_so() -> None:
    error = refusal(as_json(usage(data={"line\nbreak": 1, "x" * 5000: 1, "ключ": 1})))
    assert error.detail.isascii()
    assert error.detail.isprintable()
    assert "data.line?break" in error.detail
    assert len(error.detail) < 500


def test_only_the_first_three_faults_are_told_and_the_rest_is_counted() -> None:
    error = refusal(as_json({"specversion": "1.0", "type": "file.stored"}))
    assert error.detail == "id: Field required; source: Field required; subject: Field required; and 1 more"


def test_32_deep_is_a_fault_of_shape_and_no_longer_of_size() -> None:
    assert refusal(_nested(32)).reason is INVALID


def test_32_kib_are_read() -> None:
    assert decode_usage(as_json(usage()).ljust(MAX_EVENT_BYTES)).id == "e-1"


def test_just_within_every_bound_a_message_is_read() -> None:
    event = decode_usage(as_json(usage(id="x" * 256, data={"properties": {f"p{n}": n for n in range(255)}})))
    assert event.id == "x" * 256


@pytest.mark.parametrize("seats", [True, "5", 5.5, -1, None, {}], ids=repr)
def test_a_whole_number_is_nothing_else(seats: object) -> None:
    error = refusal(as_json(usage(type="rung.seats_changed", data={"seats": seats})))
    assert error.detail.startswith("data.seats: ")


def test_a_fact_without_its_data_is_refused() -> None:
    error = refusal(as_json(without("data") | {"type": "rung.plan_changed"}))
    assert (error.reason, error.detail) == (INVALID, "data: Field required")


@pytest.mark.parametrize("decode", [decode_offer, decode_response, decode_decision])
def test_a_type_of_another_topic_is_refused_without_repeating_it(decode: Callable[[bytes], object]) -> None:
    with pytest.raises(UnreadableEvent) as caught:
        decode(as_json(usage(type=CONTENT)))
    assert caught.value.reason is INVALID
    assert CONTENT not in caught.value.detail
    assert "type" in caught.value.detail
