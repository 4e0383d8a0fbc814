"""Since when a meter is known: before that it is not 0 but unknown, so that limits wait and milestones do not fire."""

from msgspec import Struct

from services.trigger_engine.domain.meters.spans import When, window_of
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition, Span


class Past(Struct, frozen=True):
    """What is known of an account's past. Times in microseconds since 1970 UTC; None: unknown, or there was none.

    ``created``: when the account was, as a fact told; ``first_seen``: what time it was when the first was heard of it;
    ``starts_empty``: the product document says that an account first seen had nothing before; ``published``: when the
    meter first was (in a backfill, before the log began); ``baseline``: as of when a fact told what it stands at.
    """

    created: int | None
    first_seen: int | None
    starts_empty: bool
    published: int
    baseline: int | None = None


def began(past: Past) -> int | None:
    """When the account began, with nothing counted before; None when nobody can tell.

    That is its creation, else its first sight if accounts start empty.
    """
    return past.created if past.created is not None else past.first_seen if past.starts_empty else None


def is_whole(past: Past) -> bool:
    """Whether the meter had been published when the account began, so that all of it was counted."""
    begin = began(past)
    return begin is not None and begin >= past.published


def is_known(meter: MeterDefinition, past: Past, at: int, when: When) -> bool:
    """Whether the number that ``meter`` stands at, at ``at``, is of all that happened.

    So it is of an account that began since the meter was published; in the window (of a meter of ever: the only one)
    that a baseline was told for; and in a window that began, or has rolled over, since the meter was published: nothing
    from before counts in it.
    """
    if is_whole(past):
        return True
    if meter.span is Span.ROLLING:
        return at - (meter.rolling_us or 0) >= past.published
    window = window_of(meter.span, at, when)
    if window is None:
        return False
    if past.baseline is not None and window == window_of(meter.span, past.baseline, when):
        return True
    return (
        meter.span is not Span.EVER and at >= past.published and window != window_of(meter.span, past.published, when)
    )
