"""The fast path and the contract must agree on every message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import UnreadableEvent, decode_usage
from schemas.usage import UsageEvent
from services.kit.kafka.reader import Record
from services.trigger_engine.adapters import wire
from services.trigger_engine.domain.inputs import Usage, usage_of

EXAMPLES = [
    path
    for path in sorted((Path(__file__).parents[3] / "schemas" / "examples").glob("usage*.json"))
    if "binary" not in path.name
]

PLAIN: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "files/backend",
    "type": "file.stored",
    "subject": "acme",
    "time": "2026-03-01T09:00:00.123456Z",
    "data": {"user": "u-7", "quantity": 2, "properties": {"size_gb": 0.1, "format": "pdf", "new": True, "by": None}},
}


def record(value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> Record:
    return Record("rung.usage", 0, 0, b"acme", value, headers, 0)


def as_contract(value: bytes) -> Usage | None:
    """What the contract makes of the message; None when it refuses it or it is no usage event."""
    try:
        event = decode_usage(value)
    except UnreadableEvent:
        return None
    return wire._lean(event) if isinstance(event, UsageEvent) else None


def fast(value: bytes) -> Usage | None:
    """What the fast path makes of the message alone; None when it leaves it to the contract."""
    (plain,), (at,) = wire.read_plain([record(value)])
    return usage_of(plain, at) if plain is not None else None


def test_the_ordinary_event_takes_the_fast_path() -> None:
    value = json.dumps(PLAIN).encode()
    found = fast(value)
    assert found is not None
    assert found == as_contract(value)
    assert str(found.properties["size_gb"]) == "0.1"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_golden_usage_events_mean_the_same_on_both_paths(path: Path) -> None:
    value = path.read_bytes()
    found = wire.read_usage(record(value))
    assert isinstance(found, Usage)
    assert found == as_contract(value)


UNUSUAL: dict[str, Any] = {
    "no time": {"time": None},
    "a time without a zone": {"time": "2026-03-01T09:00:00"},
    "a week date": {"time": "2026-W09-7T09:00:00Z"},
    "a comma for the second's parts": {"time": "2026-03-01T09:00:00,123Z"},
    "a minute of 61": {"time": "2026-03-01T09:61:00Z"},
    "a reserved type": {"type": "rung.unheard_of"},
    "an empty id": {"id": ""},
    "a number for an id": {"id": 7},
    "a control character": {"subject": "ac\u0000me"},
    "another version": {"specversion": "0.3"},
    "an unknown name in data": {"data": {"qty": 5}},
    "a list of properties": {"data": {"properties": [1]}},
    "a nested property": {"data": {"properties": {"a": {"b": 1}}}},
    "text for a quantity": {"data": {"quantity": "many"}},
    "truth for a quantity": {"data": {"quantity": True}},
    "an endless number": {"data": {"quantity": 10**50}},
    "an extension with a capital": {"traceParent": "x"},
}


@pytest.mark.parametrize("change", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_the_fast_path_gives_up_where_the_contract_refuses(change: dict[str, Any]) -> None:
    value = json.dumps(PLAIN | change).encode()
    assert as_contract(value) is None
    assert fast(value) is None
    with pytest.raises(UnreadableEvent):
        wire.read_usage(record(value))


def test_of_a_name_that_stands_twice_the_last_one_counts_on_both_paths() -> None:
    value = json.dumps(PLAIN).replace('"id": "e-1"', '"id": "e-1", "id": "e-2"').encode()
    found = fast(value)
    assert found == as_contract(value)
    assert found is not None
    assert found.id == "e-2"
    value = json.dumps(PLAIN).replace('"format": "pdf"', '"format": "pdf", "format": "csv"').encode()
    found = fast(value)
    assert found == as_contract(value)
    assert found is not None
    assert found.properties["format"] == "csv"


def test_compact_and_spaced_json_are_the_same_event() -> None:
    compact = json.dumps(PLAIN, separators=(",", ":")).encode()
    odd = json.dumps(PLAIN).replace('": ', '" : ').encode()
    assert fast(compact) == as_contract(odd) == fast(odd)


def test_binary_mode_is_read_by_the_contract() -> None:
    headers = tuple((f"ce_{name}", str(value).encode()) for name, value in PLAIN.items() if name != "data")
    found = wire.read_usage(record(json.dumps(PLAIN["data"]).encode(), headers))
    assert isinstance(found, Usage)
    assert found == fast(json.dumps(PLAIN).encode())


scalars = (
    st.none() | st.booleans() | st.text(max_size=5) | st.integers() | st.floats(allow_nan=False) | st.just("x" * 65)
)
times = st.sampled_from(
    ["2026-03-01T09:00:00Z", "2026-03-01T09:00:00.5Z", "2026-03-01 09:00:00Z", "2026-13-01T09:00:00Z"]
)
messages = st.fixed_dictionaries(
    {
        "specversion": st.sampled_from(["1.0", "1.0", "2"]),
        "id": st.text(max_size=4) | st.integers(),
        "source": st.text(min_size=1, max_size=70),
        "type": st.sampled_from(["file.stored", "rung.plan_changed", "", "x"]),
        "subject": st.text(max_size=4),
        "time": times,
    },
    optional={
        "datacontenttype": st.sampled_from(["application/json", "text/plain"]),
        "traceparent": scalars,
        "extra": scalars,
        "data": st.none()
        | st.fixed_dictionaries(
            {},
            optional={
                "user": scalars,
                "quantity": scalars,
                "other": scalars,
                "properties": st.dictionaries(st.text(max_size=3), scalars | st.lists(scalars, max_size=2), max_size=4),
            },
        ),
    },
)


@given(messages, st.booleans())
def test_whatever_the_fast_path_accepts_the_contract_reads_the_same(message: dict[str, Any], ascii_only: bool) -> None:
    value = json.dumps(message, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    found = fast(value)
    if found is not None:
        assert found == as_contract(value)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_an_event_or_an_unreadable_one(value: bytes) -> None:
    try:
        wire.read_usage(record(value))
    except UnreadableEvent as fault:
        assert fault.detail  # noqa: PT017 - whether it is raised depends on the bytes
