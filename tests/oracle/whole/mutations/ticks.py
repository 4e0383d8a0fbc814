"""What the journal tells of timers that were too many for one go is not what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.violations import Kind
from tests.oracle.mutations.making import flagged

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.tampering import Body, Tampering


def is_cut(segment: Body) -> bool:
    """While nothing was there to be read."""
    return "timers" in segment and "first" not in segment


def is_cut_before_usage(segment: Body) -> bool:
    return "timers" in segment and "first" in segment


def is_whole(segment: Body) -> bool:
    return segment["stream"] == "tick" and "timers" not in segment


def edit(logs: Tampering, which: Callable[[Body], bool], change: Callable[[Body], object]) -> None:
    """Change the first segment of this kind."""
    place = logs.first("engine-journal", lambda body: any(map(which, body["segments"])))
    logs.edit(place, lambda body: change(next(segment for segment in body["segments"] if which(segment))))


@flagged(Kind.STATE)
def a_tick_that_was_cut_fired_one_timer_less(logs: Tampering) -> None:
    edit(logs, is_cut, lambda segment: segment.update(timers=segment["timers"] - 1))


@flagged(Kind.STATE)
def a_tick_that_was_cut_fired_one_timer_more(logs: Tampering) -> None:
    edit(logs, is_cut, lambda segment: segment.update(timers=segment["timers"] + 1))


@flagged(Kind.JOURNAL)
def a_tick_that_was_cut_is_told_as_whole(logs: Tampering) -> None:
    edit(logs, is_cut, lambda segment: segment.pop("timers"))


@flagged(Kind.JOURNAL)
def a_whole_tick_is_told_as_cut(logs: Tampering) -> None:
    edit(logs, is_whole, lambda segment: segment.update(timers=1_000))


@flagged(Kind.STATE)
def time_before_usage_fired_one_timer_less(logs: Tampering) -> None:
    edit(logs, is_cut_before_usage, lambda segment: segment.update(timers=segment["timers"] - 1))


@flagged(Kind.JOURNAL)
def time_before_usage_fired_all(logs: Tampering) -> None:
    edit(logs, is_cut_before_usage, lambda segment: segment.pop("timers"))


@flagged(Kind.JOURNAL)
def time_before_usage_fired_more_than_were_due(logs: Tampering) -> None:
    edit(logs, is_cut_before_usage, lambda segment: segment.update(timers=1_000))


@flagged(Kind.INPUT)
def time_passed_before_usage_that_comes_later(logs: Tampering) -> None:
    edit(logs, is_cut_before_usage, lambda one: one.update(first=one["first"] + 1, last=one["last"] + 1))


@flagged(Kind.JOURNAL)
def time_passed_before_usage_of_long_ago(logs: Tampering) -> None:
    """What moves no clock; whatever comes of it itself."""
    place = logs.first("engine-journal", lambda body: any(map(is_cut_before_usage, body["segments"])))
    named = next(filter(is_cut_before_usage, place.body["segments"]))["first"]
    usage = next(one for one in logs.raw("usage") if (one.key[1], one.record.offset) == (place.key[1], named))
    logs.edit(usage, lambda body: body.update(time="2026-01-01T00:00:00Z"))
