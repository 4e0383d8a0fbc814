"""Which offers somebody sees, and in which order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from schemas.offers import Verb
from services.offer_api.domain.row import OfferRow
from services.offer_api.domain.state import OVER, State

NO_SCORE: Final = Decimal("-Infinity")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and where. No ``user``: somebody of the account; no ``placements``: all of them.

    ``staff``: one of the people who look after the account, for whom tasks are.
    """

    account: str
    user: str | None = None
    placements: frozenset[str] = frozenset()
    staff: bool = False

    def may_see(self, row: OfferRow) -> bool:
        """Whether the offer is this viewer's at all: an offer for one user is shown to that user alone.

        A task is about the account and never for it: staff alone see it, whichever user it is about.
        """
        if row.offer.verb is Verb.TASK:
            return self.staff and row.account == self.account
        return row.account == self.account and row.offer.user in (None, self.user)

    def looks_at(self, row: OfferRow) -> bool:
        """Whether the offer is for this viewer and has one of the places that the viewer fills.

        A task has its queue, and is not looked at by who does not name it.
        """
        everywhere = not self.placements and row.offer.verb is not Verb.TASK
        here = everywhere or not self.placements.isdisjoint(row.offer.placements)
        return here and self.may_see(row)


def state_at(row: OfferRow, now: datetime) -> State:
    """The state at ``now``: the engine's word, what was reported since, and what the clock alone changes."""
    if row.state in OVER:
        return row.state
    if row.report is not None and row.report.state in OVER:
        return row.report.state
    if row.offer.expires_at <= now:
        return State.EXPIRED
    state, until = (row.state, row.snoozed_until) if row.report is None else (row.report.state, row.report.until)
    if state is State.SNOOZED and until is not None and until <= now:
        return State.OPEN
    return state


def is_shown(row: OfferRow, now: datetime) -> bool:
    """Whether the offer may be on a screen at ``now``."""
    state = state_at(row, now)
    return state not in OVER and state is not State.SNOOZED


def best_first(rows: Iterable[OfferRow]) -> list[OfferRow]:
    """The order in which offers are handed out: by score, those that have none last; of equal ones the newest first.

    What is equal in both goes by id, so that it never flickers.
    """
    by_id = sorted(rows, key=lambda row: row.offer.offer_id)
    return sorted(by_id, key=lambda row: (_score(row), row.offer.made_at), reverse=True)


def _score(row: OfferRow) -> Decimal:
    return NO_SCORE if row.offer.score is None else row.offer.score


def next_turn(row: OfferRow, now: datetime) -> datetime | None:
    """When the clock alone will next change whether the offer is shown; None when it will not."""
    if state_at(row, now) in OVER:
        return None
    ends = (row.offer.expires_at, row.snoozed_until, row.report.until if row.report is not None else None)
    return min((end for end in ends if end is not None and end > now), default=None)
