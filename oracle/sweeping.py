"""Whether every account was brought over to a new set.

The engine journals the accounts for which its sweep meant something. That it leaves out others is its own choice, and
checked here: of each of them, the sweep must have meant nothing.

When it looked at such an account is nowhere written: between two commits, of which the first is the last under the set
before, and the second says that all was swept. So an account is asked about as it stood after each of those commits,
at the earliest and at the latest time that it may have been looked at as such. It is right when the sweep would have
meant nothing at one of those times. What is not seen so: a condition that time alone turns, and turns back, while
nothing is committed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from oracle import ids
from oracle.records import DECISIONS, OFFERS, STATE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oracle.holdings import Holdings
    from oracle.journal import Entry
    from oracle.language.rules import Rules
    from oracle.replay import Replay
    from oracle.telling import Event


class Left(NamedTuple):
    """An account that has yet to be brought over, and what must have been written of that, and where."""

    account: str
    topic: str
    expected: str


class Sweeping:
    """Follows the sweeps of one partition. ``version`` is the one that its verification begins with."""

    def __init__(self, replay: Replay, holdings: Holdings, version: int) -> None:
        self._replay = replay
        self._holdings = holdings
        self._aim = version
        self._told: int | None = version
        self._left: dict[bytes, Left] = {}
        self._touched: list[bytes] = []

    def before(self, entry: Entry, rules: Rules, swept: int | None) -> None:
        """A transaction begins under ``rules``. ``swept``: what the next position that is left says of sweeps."""
        version = rules.version
        if version != self._aim:
            self._aim, self._told = version, None
            self._left = {}
            self._ask(self._holdings.accounts(only_with_timers=not rules.runs_from_the_start), entry)
        elif self._left:
            self._ask([*self._left] if swept == version else self._touched, entry)

    def after(self, entry: Entry, written: Iterable[bytes]) -> None:
        """It is over, and has changed the slices under these keys."""
        if not self._left:
            return
        changed = {ids.account_key(ids.account_of(key)) for key in written if not key.startswith(ids.ERASED)}
        self._touched = [key for key in self._left if key in changed]
        for segment in entry.segments:
            for account in segment.accounts or ():
                self._left.pop(ids.account_key(account), None)

    def forgotten(self, swept: int | None) -> list[Left]:
        """The accounts that a sweep left out though it meant something for them, once it is said to be over."""
        if swept != self._aim or swept == self._told:
            return []
        self._told = swept
        left, self._left = list(self._left.values()), {}
        return left

    def _ask(self, keys: Iterable[bytes], entry: Entry) -> None:
        """Whether the sweep means something for these, as they stand before ``entry``."""
        for key in keys:
            left = self._left_of(key, entry)
            if left is None:
                self._left.pop(key, None)
            else:
                self._left[key] = left

    def _left_of(self, key: bytes, entry: Entry) -> Left | None:
        found = None
        for now in self._replay.times_before(entry):
            meant = self._replay.would_sweep(key, now)
            if meant is None:
                return None
            found = Left(ids.account_of(key), *_told(meant, self._aim))
        return found


def _told(events: list[Event], version: int) -> tuple[str, str]:
    """What the first thing is that must have been written."""
    for event in events:
        data = event.body["data"]
        if event.topic == OFFERS and event.body["type"] == "rung.offer_revoked":
            return OFFERS, f"{data['offer_id']} revoked as {data['reason']} in version {version}"
        if event.topic == DECISIONS:
            moments = ", ".join(moment["moment"] for moment in data["moments"])
            return DECISIONS, f"{moments} decided again in version {version}"
    return STATE, f"what it waits for in version {version}"
