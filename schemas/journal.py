"""The engine's journal: one record a transaction, with which the whole run can be recomputed from the logs."""

from typing import Literal

from schemas.envelope import Data


class Segment(Data):
    """Consecutive records of one input that were handled under one reading of now.

    ``now`` is microseconds since 1970 UTC, or ``log`` in a backfill, where the event's own time is used. A tick has no
    offsets: what was due by ``now`` fired while both inputs were read to their end. A sweep has ``accounts`` instead:
    those that were brought over to the version in force, in that order.

    With ``timers`` a tick fired so many of those that were due, the first in the order of due time and key, and left
    the others for later. One that has offsets nevertheless, twice the same, came before that record of usage: what was
    due by the record's time fired, so many of them, and the record itself is in a later segment.
    """

    stream: Literal["usage", "responses", "tick", "sweep"]
    first: int | None = None
    last: int | None = None
    now: int | Literal["log"]
    accounts: tuple[str, ...] | None = None
    timers: int | None = None


class JournalEntry(Data):
    """What one transaction took in and gave out. ``digest`` is over everything it wrote, in order.

    The last three say of which times usage was taken, so that nobody has to infer it from what came of it:
    ``lateness_s`` is how many seconds it could lag behind. ``floor`` is before which all is late from here on, when the
    bound on ids raised it at the end of this transaction. ``now``, in a backfill only, is the engine's clock, which
    bounds how far ahead an event may be. Both are microseconds since 1970 UTC. Older entries have none of the three.
    """

    transaction: int
    segments: tuple[Segment, ...]
    version: int
    offers: int
    outcomes: int
    decisions: int
    slices: int
    dead_letters: int
    digest: str
    lateness_s: int | None = None
    floor: int | None = None
    now: int | None = None
