"""The trace of an event in the engine: what it is carried by, and what it may not touch."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from schemas.traces import Trace, told_trace
from services.kit.telemetry.traces import Step, Told
from services.trigger_engine.metrics import DECIDE, PUBLISH, Stream
from tests.trigger_engine.runtime.test_intake import NOON, PARTITION, Desk, message, respond

if TYPE_CHECKING:
    from services.trigger_engine.ports import Outgoing

TRACE: Final = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
MALFORMED: Final = "rung_engine_malformed_traces_total"


@dataclass
class Begun:
    """A span under way, as it was begun."""

    step: Step
    parent: Trace
    told: Told
    trace: Trace | None
    faults: list[str | None] = field(default_factory=list)

    def end(self, at_us: int, fault: str | None = None) -> None:
        assert at_us > 0
        self.faults.append(fault)


@dataclass
class Kept:
    """Traces of a process that keeps all, or of one whose sampler wants none."""

    wanted: bool = True
    spans: list[Begun] = field(default_factory=list)

    def begin(self, step: Step, parent: Trace, at_us: int, told: Told) -> Begun:
        assert at_us > 0
        trace = Trace(parent.trace_id, f"{len(self.spans) + 1:016x}") if self.wanted else None
        self.spans.append(Begun(step, parent, told, trace))
        return self.spans[-1]


def traced(told: Trace | str) -> tuple[tuple[str, bytes], ...]:
    return (("x", b"kept"), ("traceparent", str(told).encode()))


def carried(desk: Desk) -> set[str | None]:
    """What all that came of events says of a trace."""
    return {told_trace(row.headers) for row in desk.outbox.rows}


def contents(desk: Desk) -> list[tuple[str, bytes | None, bytes | None]]:
    return [(row.topic, row.key, row.value) for row in desk.outbox.rows]


def of(rows: list[Outgoing]) -> list[str]:
    return [json.loads(row.value or b"")["type"] for row in rows]


def test_all_that_comes_of_an_event_belongs_to_its_trace() -> None:
    traces = Kept()
    desk = Desk(traces=traces, headers=traced(TRACE))
    desk.event("report.exported")
    decide, publish = traces.spans
    assert (decide.step, decide.parent, decide.faults) == (DECIDE, TRACE, [None])
    assert decide.told == {
        "messaging.system": "kafka",
        "messaging.destination.name": "rung.usage",
        "messaging.destination.partition.id": str(PARTITION),
        "messaging.kafka.offset": 0,
    }
    assert (publish.step, publish.parent, publish.faults) == (PUBLISH, decide.trace, [])
    assert of(desk.outbox.rows) == ["rung.decided", "rung.offer_made", "rung.offer_judged"]
    assert carried(desk) == {str(publish.trace)}


def test_an_engine_that_tells_nobody_hands_the_trace_on() -> None:
    desk = Desk(headers=traced(TRACE))
    desk.event("report.exported")
    assert carried(desk) == {str(TRACE)}


def test_a_trace_in_the_event_itself_is_as_good_and_that_of_the_record_is_nearer() -> None:
    nearer = Trace(TRACE.trace_id, "00f067aa0ba902b7")
    for headers, found in (((("x", b"kept"),), TRACE), (traced(nearer), nearer)):
        desk = Desk(headers=headers)
        desk.event("report.exported", traceparent=str(TRACE))
        assert carried(desk) == {str(found)}
    binary = (
        *(
            ("ce_" + name, value.encode())
            for name, value in json.loads(message("report.exported", NOON, id="b")).items()
        ),
        ("ce_traceparent", str(TRACE).encode()),
    )
    desk = Desk(headers=binary)
    desk.take(b"")
    assert carried(desk) == {str(TRACE)}


@pytest.mark.parametrize(
    ("told", "malformed"),
    [
        pytest.param(Trace(*TRACE[:2], sampled=False), 0, id="nobody keeps it"),
        pytest.param("00-0-0-01", 1, id="malformed"),
        pytest.param("\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), 1, id="no text"),
    ],
)
def test_a_trace_that_nobody_keeps_or_can_read_changes_nothing_but_a_count(told: Trace | str, malformed: int) -> None:
    traces = Kept()
    desk, plain = Desk(traces=traces, headers=traced(told)), Desk()
    for one in (desk, plain):
        one.event("report.exported")
    assert (traces.spans, carried(desk)) == ([], {None})
    assert contents(desk) == contents(plain)
    assert desk.registry.get_sample_value(MALFORMED) == malformed


def test_what_the_sampler_does_not_want_is_not_handed_on() -> None:
    desk = Desk(traces=Kept(wanted=False), headers=traced(TRACE))
    desk.event("report.exported")
    assert carried(desk) == {None}


def test_a_trace_is_no_part_of_what_is_decided() -> None:
    desk, plain = Desk(traces=Kept(), headers=traced(TRACE)), Desk()
    for one in (desk, plain):
        one.event("report.exported")
        one.event("rung.plan_changed", data={"plan": "plus"})
        one.event("workspace.created")
    assert contents(desk) == contents(plain)


def test_an_event_that_causes_no_decision_has_no_span() -> None:
    traces = Kept()
    desk = Desk(traces=traces, headers=traced(TRACE))
    desk.event("workspace.created")
    desk.event("rung.plan_changed", data={"plan": "plus"})
    assert desk.types() == ["rung.fact_accepted"]
    assert (traces.spans, desk.outbox.underway) == ([], [])


def test_what_was_published_ends_well_and_what_was_given_up_says_so() -> None:
    for committed, fault in ((True, None), (False, "the transaction was not committed, or nobody knows")):
        traces = Kept()
        desk = Desk(traces=traces, headers=traced(TRACE))
        desk.event("report.exported")
        for underway in desk.outbox.underway:
            if committed:
                underway.is_published(desk.metrics, PARTITION, NOON)
            else:
                underway.is_doubtful(NOON)
        _, publish = traces.spans
        assert publish.faults == [fault]


def test_only_offers_that_an_event_earned_are_timed_until_they_are_published() -> None:
    desk = Desk()
    desk.event("report.exported")
    offer = json.loads(desk.written("offers")[0].value or b"")["data"]["offer"]["offer_id"]
    desk.take(respond(offer, "dismissed"), stream=Stream.RESPONSES)
    assert len(desk.written("offers")) == 2
    for underway in desk.outbox.underway:
        underway.is_published(desk.metrics, PARTITION, NOON)
    assert desk.registry.get_sample_value("rung_stage_latency_seconds_count", {"stage": "published"}) == 1
