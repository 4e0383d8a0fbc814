"""Sequences and absences through the core: events put in order by their own times."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.offers import OfferRevoked, Revoked
from tests.trigger_engine.domain.building import T0, Bench, D, H, offer, only
from tests.trigger_engine.domain.watching.kinds import since_start, wait_until, watching

BOTH = "both: {sequence: [file.stored, file.shared, report.exported], within: 7d}"
STALLED = "stalled: {absence: file.shared, after: member.invited, within: 7d}"
LETTERS = {"s": "file.stored", "h": "file.shared", "r": "report.exported", "i": "member.invited"}


def told(bench: Bench, *events: str) -> list[int]:
    """What fires: when, in hours; ``s12`` is a file stored after twelve hours."""
    found = []
    for event in events:
        kind, at = LETTERS[event[0]], T0 + int(event[1:]) * H
        bench.floor = max(bench.floor, at - 2 * D)
        size: dict[str, Any] = {"size_gb": 0} if kind == "file.stored" else {}
        found.extend(bench.use(kind, at=at, **size))
    return [at // H for at in since_start(found)]


@pytest.mark.parametrize(
    ("events", "found"),
    [
        pytest.param(["s0", "h1", "r2"], [2], id="in order"),
        pytest.param(["r0", "h1", "s2"], [], id="in the wrong order"),
        pytest.param(["s0", "r9", "h5"], [9], id="a late one completes what came before and after it"),
        pytest.param(["s0", "h1", "r169"], [], id="from first to last within a span of time"),
        pytest.param(["s0", "h1", "r2", "r3", "s4", "h5", "r6"], [2], id="once in each span"),
        pytest.param(["s0", "h1", "r2", "s200", "h201", "r202"], [2, 202], id="and again in another"),
    ],
)
def test_a_sequence_fires_once_per_window(events: list[str], found: list[int]) -> None:
    assert told(Bench(watching(BOTH)), *events) == found


def test_a_sequence_is_the_accounts_whoever_did_the_steps() -> None:
    bench = Bench(watching(BOTH))
    bench.use("file.stored", user="ann", size_gb=0)
    bench.use("file.shared", user="bob")
    assert len(since_start(bench.use("report.exported"))) == 1
    assert bench.users == {}


@pytest.mark.parametrize(
    ("events", "found"),
    [
        pytest.param(["i0"], [168], id="nothing follows"),
        pytest.param(["i0", "h100"], [], id="it follows in time"),
        pytest.param(["i0", "h168"], [], id="at the end of the time, which is in it"),
        pytest.param(["h0", "i1"], [169], id="what came before does not follow"),
        pytest.param(["i0", "i50"], [168], id="what opens again meanwhile is of the same window"),
    ],
)
def test_an_absence_fires_by_timer_once_per_window(events: list[str], found: list[int]) -> None:
    bench = Bench(watching(STALLED))
    assert told(bench, *events) == []
    assert [at // H for at in since_start(wait_until(bench, 40 * D))] == found
    assert bench.due() is None


def test_an_absence_fires_again_in_another_window() -> None:
    bench = Bench(watching(STALLED))
    told(bench, "i0")
    first = wait_until(bench, 10 * D)
    told(bench, "i240")
    assert [at // H for at in since_start([*first, *wait_until(bench, 30 * D)])] == [168, 408]


def test_an_event_within_the_lateness_still_answers_before_the_timer() -> None:
    """If its own time was before the deadline."""
    bench = Bench(watching(STALLED))
    told(bench, "i0")
    wait_until(bench, 7 * D - 1)
    told(bench, "h150")
    assert wait_until(bench, 40 * D) == []


def test_an_answer_that_was_only_late_to_arrive_takes_the_offer_back() -> None:
    bench = Bench(watching(STALLED))
    told(bench, "i0")
    made = offer(wait_until(bench, 7 * D))
    assert told(bench, "i169") == []
    bench.use("file.shared", at=T0 + 167 * H)
    revoked = only(OfferRevoked, bench.told).data
    assert (revoked.offer_id, revoked.reason) == (made.offer_id, Revoked.UNDONE.value)


def test_what_sets_a_timer_is_said() -> None:
    core = Bench(watching(STALLED)).core
    assert [core.sets_timers(event) for event in ("file.shared", "member.invited", "report.exported")] == [
        True,
        True,
        False,
    ]
