from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rung_client import Event, EventRefused, fact, usage
from rung_client.events import MAX_EVENT_BYTES, Value, written
from tests.architecture.tree import ROOT

SOURCE = "//files.example/backend"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def schema(name: str) -> Any:
    return json.loads((ROOT / "schemas" / "json" / f"{name}.json").read_text())


def test_a_usage_event_is_as_the_schema_wants_it() -> None:
    event = usage("file.stored", "acme", user="maria", quantity=2, properties={"size_gb": Decimal("0.2"), "x": None})
    message = json.loads(event.written(SOURCE))
    Draft202012Validator(schema("usage")).validate(message)
    assert message["subject"] == "acme"
    assert message["source"] == SOURCE


def test_what_the_schema_does_not_want_would_be_found() -> None:
    message = json.loads(usage("file.stored", "acme").written(SOURCE)) | {"data": {"properties": {"x": {}}}}
    assert not Draft202012Validator(schema("usage")).is_valid(message)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rung.plan_changed", {"plan": "team", "seats": 3}),
        ("rung.account_created", {"plan": "free", "attributes": {"team": 4}}),
        ("rung.payment_failed", {}),
    ],
)
def test_a_fact_is_as_the_schema_wants_it(name: str, data: dict[str, Any]) -> None:
    Draft202012Validator(schema(name)).validate(json.loads(fact(name, "acme", data=data).written(SOURCE)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("96.10"), "96.10"),
        (Decimal("1E+3"), "1E+3"),
        (0.1, "0.1"),
        (12345678901234567890, "12345678901234567890"),
        (True, "true"),
        (None, "null"),
        ('größer "', '"gr\\u00f6\\u00dfer \\""'),
    ],
)
def test_a_value_is_written_exactly(value: Value, text: str) -> None:
    assert written(value) == text
    assert json.loads(f'{{"x":{text}}}', parse_float=Decimal)["x"] == (Decimal("0.1") if value == 0.1 else value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_what_is_no_number_is_refused(value: Value) -> None:
    with pytest.raises(EventRefused, match="not finite"):
        usage("file.stored", "acme", properties={"x": value}).written(SOURCE)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: usage("file.stored", ""), "account"),
        (lambda: usage("file.stored", "ä" * 129), "account"),
        (lambda: usage("file.stored", "a\nb"), "control character"),
        (lambda: usage("rung.plan_changed", "acme"), "reserved"),
        (lambda: fact("plan.changed", "acme"), "begins with"),
        (lambda: usage("file.stored", "acme", user=""), "user"),
        (lambda: usage("file.stored", "acme", properties={str(n): n for n in range(256)}), "255"),
        (lambda: usage("file.stored", "acme", time=datetime(2026, 3, 1)), "zone"),  # noqa: DTZ001 - what is refused
        (lambda: usage("x", "acme", properties={"x": "x" * MAX_EVENT_BYTES}).written(SOURCE), "longer"),
    ],
)
def test_what_would_be_set_aside_unread_is_refused_at_once(make: Any, why: str) -> None:
    with pytest.raises(EventRefused, match=why):
        make()


def test_an_event_has_its_time_and_id_from_the_start() -> None:
    event = usage("file.stored", "acme")
    assert event.written(SOURCE) == event.written(SOURCE)
    assert event.id != usage("file.stored", "acme").id
    given = usage("file.stored", "acme", id="upload-4711", time=NOON)
    assert given == Event("file.stored", "acme", {}, "upload-4711", NOON)
    assert usage("file.stored", "acme", id="upload-4711").id == "upload-4711"
    assert usage("file.stored", "acme", time=NOON).time == NOON
