"""What the engine says that it took in is not what lies in its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.violations import Kind
from tests.oracle.mutations.making import flagged

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.tampering import Body, Place, Tampering


def caused(logs: Tampering, decision: Place) -> Place:
    """The usage record that led to a decision."""
    wanted = decision.body["data"]["input"]["offset"]
    return next(p for p in logs.raw("usage") if p.key[1] == decision.key[1] and p.record.offset == wanted)


@flagged(Kind.UNEXPECTED)
def an_event_that_led_to_an_offer_is_gone(logs: Tampering) -> None:
    logs.drop(caused(logs, logs.first("decisions", lambda body: body["data"]["verdict"] == "offered")))


@flagged(Kind.SEEN)
def an_event_that_only_counted_is_gone(logs: Tampering) -> None:
    logs.drop(logs.first("usage", lambda body: body["type"] == "never.declared"))


@flagged(Kind.INPUT)
def the_first_event_was_passed_over(logs: Tampering) -> None:
    place, number = logs.entry_with("usage")
    logs.edit(place, lambda body: body["segments"][number].update(first=body["segments"][number]["first"] + 1))


@flagged(Kind.INPUT)
def events_were_taken_twice(logs: Tampering) -> None:
    second = [p for p in logs.every("engine-journal", has("usage")) if p.key[1] == 0][1]
    logs.edit(second, lambda body: body["segments"][segment_of(body, "usage")].update(first=0))


@flagged(Kind.INPUT)
def a_segment_ends_beyond_its_last_event(logs: Tampering) -> None:
    place = [p for p in logs.every("engine-journal", has("usage")) if p.key[1] == 0][-1]
    logs.edit(place, lambda body: body["segments"][segment_of(body, "usage")].update(last=10**6))


def has(stream: str) -> Callable[[Body], bool]:
    return lambda body: any(segment["stream"] == stream for segment in body["segments"])


def segment_of(body: Body, stream: str) -> int:
    return next(n for n, segment in enumerate(body["segments"]) if segment["stream"] == stream)


@flagged(Kind.SEEN, Kind.STATE)
def a_duplicate_was_counted(logs: Tampering) -> None:
    """The oracle is told that two copies were one event, and the engine counted both."""
    first = logs.first("usage", is_counting)
    other = logs.first("usage", lambda body: is_counting(body) and body["id"] != first.body["id"])
    logs.edit(other, lambda body: body.update(id=first.body["id"], time=first.body["time"]))


def is_counting(body: Body) -> bool:
    return body.get("type") == "project.created"


@flagged(Kind.SEEN, Kind.STATE)
def an_event_was_taken_for_a_duplicate(logs: Tampering) -> None:
    seen: set[str] = set()
    for place in logs.every("usage", is_counting):
        if place.body["id"] in seen:
            logs.edit(place, lambda body: body.update(id="of its own"))
            return
        seen.add(place.body["id"])
    raise AssertionError("the run has no duplicate that counts")


@flagged(Kind.MISSING, Kind.SEEN)
def a_late_event_was_counted(logs: Tampering) -> None:
    place = next(p for p in logs.every("usage", is_counting) if p.number > 50)
    logs.edit(place, lambda body: body.update(time="2020-01-01T00:00:00Z"))


@flagged(Kind.UNEXPECTED, Kind.SEEN)
def an_event_in_time_was_refused_as_late(logs: Tampering) -> None:
    letter = next(p for p in logs.raw("dead-letters") if dict(p.record.headers)["rung_reason"] == b"late")
    place = next(p for p in logs.raw("usage") if p.record.value == letter.record.value)
    good = logs.first("usage", is_counting)
    logs.edit(place, lambda body: body.update(time=good.body["time"]))
