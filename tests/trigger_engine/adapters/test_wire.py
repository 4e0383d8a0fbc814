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
from services.trigger_engine.adapters.plain import PlainReader
from services.trigger_engine.adapters.properties import MOST_NAMES, MOST_WORDS
from services.trigger_engine.domain.inputs import Usage

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


def record(value: bytes, headers: tuple[tuple[str, bytes], ...] = (), key: bytes = b"acme") -> Record:
    return Record("rung.usage", 0, 0, key, value, headers, 0)


def as_contract(value: bytes) -> Usage | None:
    """What the contract makes of the message; None when it refuses it or it is no usage event."""
    try:
        event = decode_usage(value)
    except UnreadableEvent:
        return None
    return wire._lean(event) if isinstance(event, UsageEvent) else None


def crowded() -> PlainReader:
    """A reader that has met with too many names for fields."""
    reader = PlainReader()
    for number in range(MOST_NAMES + 1):
        reader.read([record(with_properties({f"n{number}": number}))])
    return reader


def with_properties(properties: dict[str, Any], **more: Any) -> bytes:
    return json.dumps(PLAIN | {"data": {"properties": properties}} | more).encode()


CROWDED = crowded()


def fast(value: bytes) -> Usage | None:
    """What the fast path makes of the message alone; None when it leaves it to the contract.

    A reader that knows little and one that has seen much say the same.
    """
    found = [only(reader, value) for reader in (PlainReader(), CROWDED)]
    assert found[0] == found[1]
    return found[0]


def only(reader: PlainReader, value: bytes) -> Usage | None:
    try:
        subject = json.loads(value)["subject"].encode()
    except (ValueError, KeyError, TypeError, AttributeError):
        subject = b"acme"
    found = reader.read([record(value, key=subject)])
    return found.usage(0) if found else None


def test_the_ordinary_event_takes_the_fast_path() -> None:
    value = json.dumps(PLAIN).encode()
    found = fast(value)
    assert found is not None
    assert found == as_contract(value)
    assert str(found.properties["size_gb"]) == "0.1"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_golden_usage_events_mean_the_same_on_both_paths(path: Path) -> None:
    value = path.read_bytes()
    assert fast(value) in (None, as_contract(value))
    assert wire.read_usage(record(value)) == as_contract(value) is not None


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
    reader = PlainReader()
    reader.read([record(json.dumps(PLAIN).encode())])  # what the first one says is known then
    found = only(reader, value)
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


def test_a_reader_learns_names_and_sorts_as_they_come() -> None:
    reader = PlainReader()
    told: list[dict[str, Any]] = [
        {},
        {"format": "pdf"},
        {"pages": 3},
        {"size gb": 0.5, "format": None},
        {"format": 7},
        {"pages": 2.5, "format": 0.25},
        {"format": True, "size gb": 1},
    ]
    values = [with_properties(one, id=f"e-{number}") for number, one in enumerate([*told, *told])]
    found, records = [], [record(value) for value in values]
    while records:
        usages = reader.read(records)
        assert usages, "nothing here is odd"
        found += [usages.usage(place) for place in range(len(usages))]
        records = records[len(usages) :]
    assert found == [as_contract(value) for value in values]
    assert len(reader.read([record(value) for value in values])) == len(values), "now it knows them all"


@pytest.mark.parametrize("attribute", ["source", "type", "note"])
def test_a_reader_knows_words_until_they_are_too_many(attribute: str) -> None:
    def saying(word: str, event_id: str) -> bytes:
        if attribute == "note":
            return with_properties({"note": word}, id=event_id)
        return with_properties({}, id=event_id, **{attribute: word})

    reader, at = PlainReader(), 0
    values = [saying(f"some.{n}", f"e-{n}") for n in range(MOST_WORDS + 20)]
    records = [record(value) for value in values]
    found = []
    while at < len(records):
        usages = reader.read(records[at:])
        assert usages, "nothing here is odd"
        found += [usages.usage(place) for place in range(len(usages))]
        at += len(usages)
    assert found == [as_contract(value) for value in values]
    other = [record(saying(f"other.{n}", f"e-{n}")) for n in range(20)]
    assert len(reader.read(other)) == len(other), "it has stopped to learn them"


def test_what_comes_again_and_again_is_one_string() -> None:
    reader = PlainReader()
    records = [record(with_properties({"format": "pdf"}, id=f"e-{n}")) for n in range(9)]
    usages = reader.read(records)
    assert len(usages) == len(records)
    assert len({id(usages.usage(place).properties["format"]) for place in range(len(usages))}) == 1
    assert len(set(map(id, [*usages.sources, *reader.read(records).sources]))) == 1
    assert len(set(map(id, [*usages.types, *reader.read(records).types]))) == 1


def test_columns_tell_what_the_events_tell() -> None:
    values = [with_properties(one) for one in ({"size": 0.5}, {"size": 2}, {"size": "x"}, {"size": None}, {})]
    for reader in (PlainReader(), crowded()):
        for value in values:
            reader.read([record(value)])
        usages = reader.read([record(value) for value in values])
        assert len(usages) == 5
        assert usages.amounts("size", 1) == [5, 20, None, None, None]
        assert {type(size) for size in usages.amounts("nothing of the kind", 1)} == {type(None)}
        assert usages.amounts(None, 0) == [1] * 5
        part = usages.part(1, 3)
        assert [part.usage(place) for place in range(2)] == [usages.usage(1), usages.usage(2)]
        assert part.amounts("size", 1) == [20, None]


ODD: dict[str, Record] = {
    "a fact": record(json.dumps(PLAIN | {"type": "rung.plan_changed", "data": {"plan": "x"}}).encode()),
    "of no source": record(json.dumps(PLAIN | {"source": ""}).encode()),
    "of no source and no type": record(with_properties({}, source="", type="")),
    "under another's key": record(json.dumps(PLAIN).encode(), key=b"other"),
    "without a key": Record("rung.usage", 0, 0, None, json.dumps(PLAIN).encode(), (), 0),
    "no message": Record("rung.usage", 0, 0, b"acme", None, (), 0),
    "no JSON": record(b"{"),
    "in binary mode": record(json.dumps(PLAIN).encode(), (("CE_id", b"x"),)),
    "of another form of time": record(json.dumps(PLAIN | {"time": "2026-03-01T09:00:00+01:00"}).encode()),
    "nested": record(with_properties({"size": {"gb": 1}})),
    "a nested number": record(with_properties({"size_gb": [1.5]})),
    "endless": record(with_properties({"size_gb": 10**18})),
    "with an escape": record(json.dumps(PLAIN | {"subject": "acmé"}).encode(), key="acmé".encode()),
    "with a sign that is not shown": record(json.dumps(PLAIN | {"id": "e\x7f"}).encode()),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("place", [0, 1, 6, 12])
def test_what_stands_before_and_after_something_odd_is_read(odd: Record, place: int) -> None:
    plain = [record(json.dumps(PLAIN | {"id": f"e-{number}"}).encode()) for number in range(12)]
    records = [*plain[:place], odd, *plain[place:]]
    read: list[str | None] = []
    reader, at = PlainReader(), 0
    while at < len(records):
        usages = reader.read(records[at:])
        read += usages.ids if usages else [None]
        at += len(usages) or 1
    assert read == [*(f"e-{n}" for n in range(place)), None, *(f"e-{n}" for n in range(place, 12))]


def test_headers_that_are_no_part_of_the_event_do_not_matter() -> None:
    value = json.dumps(PLAIN).encode()
    said = (("content-type", b"application/cloudevents+json"), ("tracing", b"x"))
    usages = PlainReader().read([record(value, said), record(value, said), record(value)])
    assert len(usages) == 3
    assert usages.usage(0) == wire.read_usage(record(value, said))


def test_names_in_every_script_take_the_fast_path() -> None:
    value = (Path(__file__).parents[3] / "schemas" / "examples" / "usage.unicode.json").read_bytes()
    assert fast(value) == as_contract(value) is not None


def test_times_of_several_forms_stand_beside_each_other() -> None:
    texts = ["2026-03-01T09:00:00Z", "2026-03-01T09:00:00.123Z", "2026-03-01T09:00:00.123456Z", "2026-03-01T09:00:01Z"]
    values = [json.dumps(PLAIN | {"time": text}).encode() for text in texts]
    usages = PlainReader().read([record(value) for value in values])
    assert [usages.usage(place) for place in range(4)] == [as_contract(value) for value in values]


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
