"""What one stream tells its reader: the difference between what it was told and what is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from schemas.offers import OfferEvent, OffersErased
from services.offer_api.domain.row import OfferRow, fold, offer_id_of
from services.offer_api.domain.shown import Viewer, is_shown, next_turn, state_at

ERASED: Final = "erased"
MOVED: Final = "moved"
"""Reasons for being gone beside the states: all of the account was erased; it has no place here any more."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The offer as it now is. ``offset``: where the change lies; None when the clock alone made it."""

    row: OfferRow
    offset: int | None


@dataclass(frozen=True, slots=True)
class Gone:
    """The offer is to leave the screen, and why."""

    offer_id: str
    why: str
    offset: int | None


Said = Shown | Gone


@dataclass(slots=True)
class Watch:
    """One stream's knowledge of its account: a few offers, folded as the database folds them.

    ``rows`` are those that are not over; ``showing`` the ids that the reader has on its screen.
    """

    viewer: Viewer
    rows: dict[str, OfferRow] = field(default_factory=dict)
    showing: set[str] = field(default_factory=set)

    def begin(self, rows: Iterable[OfferRow], since: int | None, now: datetime) -> list[Said]:
        """What to say first, in the order of the log: all that is shown, or what changed after ``since``.

        ``rows`` holds at least those that are not over and those that changed after ``since``. What the clock alone
        may have changed while the reader was away is said again, without an offset.
        """
        said: list[Said] = []
        for row in sorted(filter(self.viewer.looks_at, rows), key=lambda row: row.offset):
            self.rows[row.offer.offer_id] = row
            changed = since is None or row.offset > since
            news = self._say(row, now, row.offset if changed else None)
            by_clock = isinstance(news, Gone) or row.snoozed_until is not None
            if (changed or by_clock) and not (since is None and isinstance(news, Gone)):
                said.append(news)
        return said

    def observe(self, event: OfferEvent, offset: int, now: datetime) -> list[Said]:
        """What to say of a change in the log; nothing when it was known already or is not for this viewer."""
        if isinstance(event, OffersErased):
            return self._erase(offset)
        offer_id = offer_id_of(event)
        before = self.rows.get(offer_id)
        after = fold(before, event, offset)
        if after is None or after is before or not self.viewer.may_see(after):
            return []
        self.rows[offer_id] = after
        if self.viewer.looks_at(after):
            return [self._say(after, now, offset)]
        return [self._take_away(offer_id, MOVED, offset)] if offer_id in self.showing else []

    def turn(self, now: datetime) -> list[Said]:
        """What the clock alone has changed: a snooze has ended, a time has run out."""
        return [
            self._say(row, now, None)
            for row in list(self.rows.values())
            if self.viewer.looks_at(row) and is_shown(row, now) != (row.offer.offer_id in self.showing)
        ]

    def next_turn(self, now: datetime) -> datetime | None:
        """When `turn` will next have something to say, as far as is known now."""
        turns = (next_turn(row, now) for row in self.rows.values() if self.viewer.looks_at(row))
        return min((turn for turn in turns if turn is not None), default=None)

    def _say(self, row: OfferRow, now: datetime, offset: int | None) -> Said:
        if is_shown(row, now):
            self.showing.add(row.offer.offer_id)
            return Shown(row, offset)
        return self._take_away(row.offer.offer_id, state_at(row, now), offset)

    def _take_away(self, offer_id: str, why: str, offset: int | None) -> Gone:
        self.showing.discard(offer_id)
        return Gone(offer_id, why, offset)

    def _erase(self, offset: int) -> list[Said]:
        said: list[Said] = [Gone(offer_id, ERASED, offset) for offer_id in sorted(self.showing)]
        self.rows.clear()
        self.showing.clear()
        return said
