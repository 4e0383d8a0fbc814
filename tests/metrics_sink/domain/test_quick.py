"""The quick way makes the rows that the usual way makes, and takes nothing that it does not."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import UnreadableEvent, decode_outcome
from schemas.outcomes import Change, OfferJudged
from services.metrics_sink.domain.quick import read_quickly
from services.metrics_sink.domain.rows import OutcomeRow, outcome_row
from tests.metrics_sink.events import fact, judged, value

GOLDEN = sorted((Path(__file__).parents[3] / "schemas" / "examples").glob("rung.offer_judged*.json"))
FULL = judged(
    "o-1",
    2,
    Change.ACCEPTED,
    step=Decimal("90.5"),
    by="u-1",
    segments=("a", "b"),
    levels={"engagement": "high"},
    report={"size": "smb"},
    price_difference=Decimal("-10.50"),
    currency="USD",
    seats=3,
    held_out=True,
)


def usual(message: bytes) -> OutcomeRow | None:
    try:
        event = decode_outcome(message)
        return outcome_row(event) if isinstance(event, OfferJudged) else None
    except UnreadableEvent:
        return None


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_messages_make_the_same_row(path: Path) -> None:
    message = path.read_bytes()
    assert read_quickly(message, ()) == usual(message) is not None


def test_what_the_engine_writes_goes_the_quick_way() -> None:
    for event in (FULL, judged("o-1", 1, Change.MADE)):
        assert read_quickly(value(event), [("content-type", b"application/cloudevents+json")]) == outcome_row(event)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(value(fact("f", plan="team")), id="a fact"),
        pytest.param(value(judged("ö-1", 1, Change.MADE)), id="more than ASCII, which is measured in bytes"),
        pytest.param(b"{", id="no JSON"),
        pytest.param(None, id="nothing"),
    ],
)
def test_anything_else_goes_the_usual_way(message: bytes | None) -> None:
    assert read_quickly(message, ()) is None
    assert read_quickly(value(FULL), [("CE_id", b"1")]) is None


ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([2**63, 2**63 - 1, 1.0, 1.5]),
    st.sampled_from(
        ["", "x", "x" * 256, "x" * 257, "ö" * 200, "a\0", "a\x7f", "\ud83d", "made", "add", "limit", "1.0"]
    ),
    st.sampled_from(["NaN", "-Infinity", "1e3", "01", "1.", ".5", "-0", "1" * 39, "0." + "1" * 20, " 1", "1_0", "٣"]),
    st.sampled_from(["2026-03-04", "2026-02-30T10:00:00Z", "2026-03-04 10:00:00Z", "2026-03-04T10:00:00.1234567Z"]),
    st.sampled_from(
        ["2026-03-04T10:00:00+02:00", "2026-03-04T25:00:00Z", "0000-01-01T00:00:00Z", "2026-W10-3T10:00:00Z"]
    ),
    st.just([]),
    st.just(["a", 1]),
    st.just(["a", "b"]),
    st.just({}),
    st.just({"": "x"}),
    st.just({"a": None}),
    st.just({"a": "b"}),
)
PLAIN = json.loads(value(FULL))
PLACES = [(name,) for name in (*PLAIN, "traceparent", "Bad")] + [
    ("data", name) for name in (*PLAIN["data"], "new", "user")
]


@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=2))
def test_whatever_stands_in_a_message_it_takes_nothing_that_the_usual_way_does_not(
    changes: list[tuple[tuple[str, ...], Any]],
) -> None:
    told = json.loads(value(FULL))
    for place, told_oddly in changes:
        odd = deepcopy(told_oddly)  # what stands for data may be changed next
        if len(place) == 1:
            told[place[0]] = odd
        elif isinstance(told.get("data"), dict):
            told["data"][place[1]] = odd
    message = json.dumps(told).encode()
    found = read_quickly(message, ())
    assert found is None or found == usual(message)


@pytest.mark.parametrize("name", ["offer_id", "change", "made_at", "decision_id", "version"])
def test_a_message_that_lacks_something_is_not_taken(name: str) -> None:
    told = json.loads(value(FULL))
    del told["data"][name]
    assert read_quickly(json.dumps(told).encode(), ()) is None


def test_of_a_name_that_stands_twice_the_last_counts() -> None:
    message = value(FULL).replace(b'"change":', b'"change":"made","change":')
    assert read_quickly(message, ()) == usual(message) == outcome_row(FULL)
