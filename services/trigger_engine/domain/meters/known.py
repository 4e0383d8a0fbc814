"""Since when a meter is known: before that it is not 0 but unknown, so that limits wait and milestones do not fire."""

from msgspec import Struct

from services.trigger_engine.domain.meters.spans import When, window_of
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition, Span


class Past(Struct, frozen=True):
    """What is known of an account's past. Times in microseconds since 1970 UTC; None: unknown, or there was none.

    ``created``: when the account was, as a fact told; ``first_seen``: the first that was heard of it; ``starts_empty``:
    the product document says that an account first seen had nothing before; ``published``: when the meter first was (in
    a backfill, before the log began); ``baseline``: as of when a fact told what the meter stands at.
    """

    created: int | None
    first_seen: int
    starts_empty: bool
    published: int
    baseline: int | None = None


def known_from(past: Past) -> int | None:
    """Since when all that the meter counts of the account was seen; None when nobody can tell.

    From the account's creation, else its first sight if accounts start empty, as long as the meter had been published
    by then; or from its baseline.
    """
    begin = past.created if past.created is not None else past.first_seen if past.starts_empty else None
    whole = begin if begin is not None and begin >= past.published else None
    told = [since for since in (whole, past.baseline) if since is not None]
    return min(told, default=None)


def is_known(meter: MeterDefinition, past: Past, at: int, when: When) -> bool:
    """Whether the number that ``meter`` stands at, at ``at``, is of all that happened.

    Also known is a window that began, or has rolled over, since the meter was published: nothing before counts in it.
    """
    since = known_from(past)
    if since is not None and since <= at:
        return True
    if meter.span is Span.EVER:
        return False
    if meter.span is Span.ROLLING:
        return at - (meter.rolling_us or 0) >= past.published
    window = window_of(meter.span, past.published, when)
    return window_of(meter.span, at, when) not in (None, window) and at >= past.published
