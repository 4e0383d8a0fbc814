"""One offer as it stands: what the engine said of it, and what a front end reported since."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple, assert_never

from schemas.offers import (
    Offer,
    OfferAccepted,
    OfferChanged,
    OfferClicked,
    OfferDismissed,
    OfferExpired,
    OfferMade,
    OfferPresented,
    OfferRevoked,
    OfferSnoozed,
)
from schemas.responses import ResponseKind
from schemas.traces import Trace
from services.offer_api.domain.state import OVER, PROGRESS, State

MAX_TAKEN: Final = 32
"""Response ids remembered per offer; a front end reports an offer a handful of times and repeats within minutes."""

SNOOZE: Final = timedelta(hours=24)
"""How long a reported snooze hides an offer until the engine says how long it really is."""

OfferStep = OfferPresented | OfferClicked | OfferAccepted | OfferDismissed | OfferSnoozed | OfferExpired | OfferRevoked
"""A step in an offer's life, which names the offer without carrying it."""

OfferWord = OfferMade | OfferChanged | OfferStep
"""What the engine says of one offer; only an erasure speaks of a whole account."""


@dataclass(frozen=True, slots=True)
class Report:
    """A response that the log has and the engine has not judged yet. ``until``: end of a snooze."""

    state: State
    response_id: str
    until: datetime | None = None


class Way(NamedTuple):
    """How the engine's word came about: when its usage event was produced (ms since 1970 UTC), and in what trace.

    Neither of what time brought about, which no event did.
    """

    produced_ms: int | None = None
    trace: Trace | None = None


UNKNOWN: Final = Way()


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer as it stands.

    Attributes:
        account: Whose it is.
        offer: The offer itself.
        sequence: Number of the last change that was folded in, counted per offer from 1.
        state: The engine's word.
        offset: Where in the account's partition of ``rung.offers`` the last change lies.
        snoozed_until: End of a snooze; only with state ``snoozed``.
        report: What was reported and is not judged yet; the engine's word takes its place.
        taken: Ids of the newest responses that were acknowledged.
        way: How the offer, as it is now, came about.
    """

    account: str
    offer: Offer
    sequence: int
    state: State
    offset: int
    snoozed_until: datetime | None = None
    report: Report | None = None
    taken: tuple[str, ...] = ()
    way: Way = UNKNOWN


def offer_id_of(word: OfferWord) -> str:
    """The offer that ``word`` speaks of."""
    return word.data.offer.offer_id if isinstance(word, OfferMade | OfferChanged) else word.data.offer_id


def fold(row: OfferRow | None, word: OfferWord, offset: int, way: Way = UNKNOWN) -> OfferRow | None:
    """The row after the engine's ``word``, which lies at ``offset``; the same object when it changes nothing.

    A change that was folded before changes nothing, so a log may be read twice. A change of an offer that is not
    known is passed over: its beginning is no longer kept, and nothing could be shown.
    """
    if row is not None and word.data.sequence <= row.sequence:
        return row
    if isinstance(word, OfferMade | OfferChanged):
        return _whole(row, word, offset, way)
    if row is None:
        return None
    return replace(
        row,
        sequence=word.data.sequence,
        offset=offset,
        state=_next_state(row, word),
        snoozed_until=word.data.until if isinstance(word, OfferSnoozed) else row.snoozed_until,
        report=_left_of_report(row.report, word),
        taken=_remembering(row.taken, word.data.response_id),
    )


def report(row: OfferRow, response: ResponseKind, response_id: str, at: datetime) -> OfferRow:
    """The row after a response was acknowledged: what the next reader sees until the engine has judged it."""
    if response_id in row.taken:
        return row
    reported = Report(State(response), response_id, at + SNOOZE if response is ResponseKind.SNOOZED else None)
    return replace(
        row,
        report=reported if _goes_further(row, reported.state) else row.report,
        taken=_remembering(row.taken, response_id),
    )


def _whole(row: OfferRow | None, word: OfferMade | OfferChanged, offset: int, way: Way) -> OfferRow:
    if row is None:
        return OfferRow(word.subject, word.data.offer, word.data.sequence, State.OPEN, offset, way=way)
    return replace(row, offer=word.data.offer, sequence=word.data.sequence, offset=offset, way=way)


def _next_state(row: OfferRow, word: OfferStep) -> State:
    match word:
        case OfferPresented():
            state = _furthest(row.state, State.PRESENTED)
        case OfferClicked():
            state = _furthest(row.state, State.CLICKED)
        case OfferAccepted():
            state = State.ACCEPTED
        case OfferDismissed():
            state = State.DISMISSED
        case OfferSnoozed():
            state = State.SNOOZED
        case OfferExpired():
            state = State.EXPIRED
        case OfferRevoked():
            state = State.REVOKED
        case _:
            assert_never(word)
    return state


def _furthest(state: State, reached: State) -> State:
    """A snooze, or an end, is not undone by somebody seeing the offer elsewhere."""
    return reached if PROGRESS.get(state, len(PROGRESS)) < PROGRESS[reached] else state


def _goes_further(row: OfferRow, reported: State) -> bool:
    now = row.report.state if row.report is not None else row.state
    if row.state in OVER or now in OVER:
        return False
    return reported not in PROGRESS or _furthest(now, reported) is not now


def _left_of_report(reported: Report | None, word: OfferStep) -> Report | None:
    """What the engine has judged, or what came too late for it, is no longer a report."""
    over = isinstance(word, OfferAccepted | OfferDismissed | OfferExpired | OfferRevoked)
    judged = reported is not None and word.data.response_id == reported.response_id
    return None if over or judged else reported


def _remembering(taken: tuple[str, ...], response_id: str | None) -> tuple[str, ...]:
    if response_id is None or response_id in taken:
        return taken
    return (*taken, response_id)[-MAX_TAKEN:]
