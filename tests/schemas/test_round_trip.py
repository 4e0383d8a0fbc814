"""Properties of the codec: whatever can be said survives the wire, and whatever arrives is read or refused."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec, topics
from schemas.envelope import Intake
from schemas.usage import UsageData, UsageEvent
from tests.contracts.golden import Golden, all_golden

DECODERS = [
    codec.decode_usage,
    codec.decode_response,
    codec.decode_offer,
    codec.decode_outcome,
    codec.decode_decision,
    codec.decode_playbook,
]

ids = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=64)
texts = st.text(st.characters(codec="utf-8"), max_size=50)
numbers = st.builds(
    lambda digits, scale: Decimal(digits).scaleb(-scale), st.integers(-(10**30), 10**30), st.integers(0, 8)
)
zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2999, 1, 1), timezones=zones)  # noqa: DTZ001  - hypothesis adds the zone
extension_values = texts | st.booleans() | st.integers(-(2**31), 2**31 - 1)
usage_data = st.builds(
    UsageData,
    user=st.none() | ids,
    quantity=numbers,
    properties=st.dictionaries(ids, texts | st.booleans() | numbers | st.none(), max_size=8),
)


@st.composite
def usage_events(draw: st.DrawFn, extended_by: st.SearchStrategy[Any] = extension_values) -> UsageEvent:
    names = st.from_regex(r"ext[a-z0-9]{1,12}", fullmatch=True)
    return UsageEvent(
        id=draw(ids),
        source=draw(ids),
        type=draw(ids.filter(lambda name: not name.startswith("rung."))),
        subject=draw(ids),
        time=draw(times),
        data=draw(usage_data),
        **draw(st.dictionaries(names, extended_by, max_size=4)),
    )


def _binary(event: UsageEvent) -> tuple[bytes, list[tuple[str, bytes | None]]]:
    """``event`` as a client in binary mode would send it."""
    said = event.model_dump(exclude_none=True)
    value = msgspec.json.Encoder(decimal_format="number").encode(said.pop("data"))
    content_type = said.pop("datacontenttype")
    said["time"] = event.time.isoformat()
    return value, [
        ("content-type", content_type.encode()),
        *((f"ce_{name}", text.encode()) for name, text in said.items()),
    ]


@given(usage_events())
def test_a_usage_event_survives_the_wire(event: UsageEvent) -> None:
    assert codec.decode_usage(*codec.encode(event)) == event


@given(usage_events())
def test_writing_what_was_read_gives_the_same_bytes(event: UsageEvent) -> None:
    value, headers = codec.encode(event)
    assert codec.encode(codec.decode_usage(value, headers)) == (value, headers)


EVENTS = [golden for golden in all_golden() if golden.topic is not topics.ENGINE_JOURNAL]


@pytest.mark.parametrize("golden", EVENTS, ids=lambda golden: golden.name)
def test_what_is_absent_is_not_written_and_all_else_is(golden: Golden) -> None:
    event = golden.decoded().model_copy(update={"ext": "kept", "none": None})
    value, _ = codec.encode(event)
    form: Literal["number", "string"] = "number" if isinstance(getattr(event, "data", None), Intake) else "string"
    assert value == msgspec.json.Encoder(decimal_format=form).encode(event.model_dump(exclude_none=True))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["specversion", "id", "source", "type", "subject", "time", "data", "datacontenttype", "x"])
types = st.sampled_from(["rung.decided", "rung.offer_made", "rung.responded", "rung.attribute_set", "a.b"])
event_like = st.dictionaries(names, json_values).map(lambda raw: raw | {"specversion": "1.0"})
headers = st.lists(
    st.tuples(
        st.sampled_from(["ce_id", "ce_type", "ce_specversion", "ce_time", "ce_data", "CE_x", "content-type"])
        | st.text(),
        st.none() | st.binary() | st.sampled_from([b"1.0", b"application/json", b"application/cloudevents+json"]),
    ),
    max_size=6,
)


@pytest.mark.parametrize("decode", DECODERS)
@settings(max_examples=50)
@given(value=st.none() | st.binary(), headers=headers)
def test_any_bytes_are_read_or_refused(
    decode: Callable[[bytes | None, list[tuple[str, bytes | None]]], object],
    value: bytes | None,
    headers: list[tuple[str, bytes | None]],
) -> None:
    with suppress(codec.UnreadableEvent):
        decode(value, headers)


@pytest.mark.parametrize("decode", DECODERS)
@settings(max_examples=50)
@given(raw=event_like, event_type=types)
def test_any_json_is_read_or_refused_in_one_line(
    decode: Callable[[bytes], object], raw: dict[str, object], event_type: str
) -> None:
    try:
        decode(json.dumps(raw | {"type": event_type}).encode())
    except codec.UnreadableEvent as error:
        told = error.detail
    else:
        told = "read"
    assert told.isascii()
    assert told.isprintable()


@given(usage_events(extended_by=texts))
def test_a_usage_event_reads_the_same_in_binary_mode(event: UsageEvent) -> None:
    assert codec.decode_usage(*_binary(event)) == event
