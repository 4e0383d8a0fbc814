"""The oracle reads what others send as the contract does, although it shares no line with it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oracle import ids, messages, numbers
from oracle.records import Record
from schemas.codec import UnreadableEvent, decode_response, decode_usage
from services.kit.kafka.partitioning import partition_of
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.numbers import countable

if TYPE_CHECKING:
    from schemas.facts import Fact
    from schemas.responses import Responded
    from schemas.usage import UsageEvent

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
BASE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "shop",
    "type": "report.exported",
    "subject": "acme",
    "time": "2026-03-01T09:00:00Z",
    "data": {"user": "u", "quantity": 2, "properties": {"a": 1.5, "b": "x", "c": None, "d": True}},
}
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 5, 1.25, "", "text", "12.5", "1_000", "a\x01b", "x" * 257, "ü" * 200, [], {}, {"a": 1},
    10**40, "1e3", "unlimited", "2026-03-01T09:00:00Z", "2026-13-01T09:00:00Z", "2026-03-01", "free",
)  # fmt: skip


def by_contract(value: bytes | None, headers: tuple[tuple[str, bytes | None], ...], topic: str) -> str:
    """What the contract makes of a message: its reason to refuse it, or the account and time that it says."""
    try:
        read: UsageEvent | Fact | Responded
        read = decode_usage(value, headers) if topic == "usage" else decode_response(value, headers)
    except UnreadableEvent as fault:
        return fault.reason.value
    return f"{read.source} {read.id} {read.type} {read.subject} {to_us(read.time)}"


def by_oracle(value: bytes | None, headers: tuple[tuple[str, bytes | None], ...], topic: str) -> str:
    """The same by the oracle."""
    record = Record(0, None, value, headers)
    try:
        read = messages.read_usage(record) if topic == "usage" else messages.read_response(record)
    except messages.Refused as refused:
        return refused.reason
    return f"{read.source} {read.id} {read.type} {read.account} {read.at}"


def assert_the_same(body: object, topic: str = "usage", headers: tuple[tuple[str, bytes | None], ...] = ()) -> None:
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert by_oracle(value, headers, topic) == by_contract(value, headers, topic), value[:300]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_message_is_read_alike(path: Path) -> None:
    assert_the_same(path.read_bytes())
    assert_the_same(path.read_bytes(), "responses")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("rung.*.json")), ids=lambda path: path.stem)
def test_every_field_of_a_golden_message_is_judged_alike(path: Path) -> None:
    body = json.loads(path.read_bytes())
    if not isinstance(body.get("data"), dict):
        return
    for name in [*body["data"], "unheard_of"]:
        for value in VALUES:
            changed = body | {"data": body["data"] | {name: value}}
            assert_the_same(changed)
            assert_the_same(changed, "responses")
        missing = body | {"data": {key: held for key, held in body["data"].items() if key != name}}
        assert_the_same(missing)


@pytest.mark.parametrize("name", [*BASE, "extension", "Upper", "data_base64", "dataschema", "datacontenttype"])
def test_every_attribute_is_judged_alike(name: str) -> None:
    for value in VALUES:
        assert_the_same(BASE | {name: value})
    assert_the_same({key: held for key, held in BASE.items() if key != name})


@pytest.mark.parametrize("name", ["user", "quantity", "properties", "other"])
def test_every_field_of_usage_is_judged_alike(name: str) -> None:
    for value in VALUES:
        assert_the_same(BASE | {"data": {name: value}})
        assert_the_same(BASE | {"data": {"properties": {name: value}}})
    assert_the_same(BASE | {"data": {"properties": {f"p{n}": n for n in range(300)}}})
    assert_the_same(BASE | {"type": "rung.unheard_of", "data": {"properties": {f"p{n}": n for n in range(300)}}})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b'{"type":"a","type":"b"}',
        b'{"a":NaN}',
        b'{"a":1e9999999999999999999}',
        b'{"a":"\\ud800"}',
        b'{"specversion":"1.0"}',
        b"[" * 40 + b"]" * 40,
        b"[" * 4_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a":"' + b"x" * 40_000 + b'"}',
    ],
)
def test_what_is_no_message_is_refused_alike(raw: bytes) -> None:
    assert_the_same(raw)
    assert_the_same(raw, headers=(("ce_type", b"a.b"), ("ce_specversion", b"1.0")))


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("ce_id", b"1"), ("CE_ID", b"2")),
        (("ce_user", b"\xff"),),
        (("ce_id", None),),
        (("content-type", b"application/json; charset=utf-8"),),
        (("content-type", b"text/plain"),),
        (("content-type", b"application/cloudevents+json"),),
    ],
)
def test_binary_messages_are_read_alike(headers: tuple[tuple[str, bytes | None], ...]) -> None:
    whole = tuple((f"ce_{name}", str(value).encode()) for name, value in BASE.items() if name != "data")
    assert_the_same(BASE["data"], headers=(*whole, *headers))
    assert_the_same(b"", headers=(*whole, *headers))


@given(st.text(max_size=40), st.sampled_from([1, 2, 3, 12]))
def test_every_account_lies_where_the_product_says(account: str, partitions: int) -> None:
    assert ids.partition_of(account, partitions) == partition_of(account, partitions)


@given(st.one_of(st.decimals(allow_nan=False, allow_infinity=False, places=9), st.decimals(allow_nan=False)))
@example(Decimal("1E+30"))
@example(Decimal("1E-30"))
def test_every_number_is_counted_as_the_product_counts_it(number: Decimal) -> None:
    found, wanted = numbers.countable(number), countable(number)
    assert found == wanted
    assert str(found) == str(wanted)


def test_numbers_stay_exact() -> None:
    body = BASE | {"data": {"quantity": "0.1"}}
    assert messages.read_usage(Record(0, None, json.dumps(body).encode())).data["quantity"] == Decimal("0.1")
