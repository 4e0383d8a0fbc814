"""The slices of one partition as they would be stored, and those at work lately also as values."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from oracle import ids
from oracle.state import Account, Part, decoded, due_of, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oracle.state import Slice

    DueOf = Callable[[bytes, Slice], int | None]


MAX_VALUES: Final = 50_000
"""Slices kept as values; some 2 KiB each. Beyond, all are read again from what would be stored."""


class Due(NamedTuple):
    """Something is due at ``at``, of the account or of a part of it."""

    account: str
    part: ids.Part | None
    at: int


class Kept(NamedTuple):
    """What a commit must have written to the state log under a key.

    ``raw`` is the stored form, None for a tombstone. An account that was erased and is blank again may be told by a
    tombstone or as blank: ``either``.
    """

    raw: bytes | None
    either: bytes | None = None


class Holdings:
    """Every slice of one partition, and when each is next due."""

    def __init__(self, max_values: int = MAX_VALUES) -> None:
        self._max_values = max_values
        self.stored: dict[bytes, bytes] = {}
        self.erased: dict[bytes, int] = {}
        self._hot: dict[bytes, Slice] = {}  # touched since the last commit
        self._values: dict[bytes, Slice] = {}  # as stored
        self._gone: dict[bytes, None] = {}  # in an order, as a report tells them; that of a set is another each time
        self._marked: dict[bytes, None] = {}
        self._due: dict[bytes, int] = {}
        self._timers: list[tuple[int, bytes]] = []

    def load(self, key: bytes, raw: bytes) -> None:
        """Take a stored slice, or the marker of an erased account."""
        if key.startswith(ids.ERASED):
            self.erased[key] = int.from_bytes(raw, "big")
        else:
            self.stored[key] = raw
            self._schedule(key, due_of(raw))

    # --- slices ---------------------------------------------------------------------------------

    def account(self, account: str) -> Account:
        """The account's slice, to be changed."""
        return cast("Account", self._open(ids.account_key(account)))

    def part(self, account: str, part: ids.Part) -> Part:
        """The slice of one of its parts, to be changed."""
        return cast("Part", self._open(ids.part_key(account, part)))

    def knows(self, account: str) -> bool:
        """Whether anything was ever heard of the account."""
        key = ids.account_key(account)
        return key in self._hot or (key in self.stored and key not in self._gone)

    def _open(self, key: bytes) -> Slice:
        held = self._hot.get(key)
        if held is None:
            held = self._hot[key] = self._values.get(key) or self._read(key)
        return held

    def _read(self, key: bytes) -> Slice:
        raw = None if key in self._gone else self.stored.get(key)
        return self._blank(key) if raw is None else decoded(key, raw)

    def _blank(self, key: bytes) -> Slice:
        """The slice of somebody never heard of, or not since the account was erased."""
        if not key.startswith(b"A"):
            return Part()
        return Account(erased_at=self.erased.get(ids.erased_key(ids.account_of(key))) if self.erased else None)

    def erase(self, account: str, at: int) -> None:
        """Forget the account and its parts, but for the time before which nothing of it is taken any more."""
        parts = ids.parts_of(account)
        for key in [ids.account_key(account), *(key for key in (*self.stored, *self._hot) if key.startswith(parts))]:
            self._hot.pop(key, None)
            self._values.pop(key, None)
            self._due.pop(key, None)
            if key in self.stored:
                self._gone[key] = None
        marker = ids.erased_key(account)
        self.erased[marker] = max(at, self.erased.get(marker, at))
        self._marked[marker] = None

    def is_erased(self, account: str, at: int) -> bool:
        """Whether what is of this time is of one that the account wants forgotten."""
        return bool(self.erased) and at <= self.erased.get(ids.erased_key(account), at - 1)

    # --- timers ---------------------------------------------------------------------------------

    def look_again(self, key: bytes, due_of_slice: DueOf) -> None:
        """When the slice under ``key`` is next due may have changed."""
        held = self._hot.get(key)
        if held is not None:
            self._schedule(key, due_of_slice(key, held))

    def _schedule(self, key: bytes, due: int | None) -> None:
        if due is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due:
            self._due[key] = due
            heapq.heappush(self._timers, (due, key))

    def due(self, key: bytes) -> int | None:
        """When the slice is known to be next due."""
        return self._due.get(key)

    def next_due(self) -> int | None:
        """When the first of all timers is due."""
        first = self.first_due()
        return None if first is None else first[0]

    def first_due(self) -> tuple[int, bytes] | None:
        """The first of all timers: when it is due, and the key of its slice."""
        while self._timers and self._due.get(self._timers[0][1]) != self._timers[0][0]:
            heapq.heappop(self._timers)
        return self._timers[0] if self._timers else None

    def is_due(self, reached: int) -> bool:
        """Whether anything is, by then."""
        due = self.next_due()
        return due is not None and due <= reached

    def fire(self, reached: int, due_of_slice: DueOf, most: int | None = None) -> Iterator[Due]:
        """What is due by ``reached``, in the order (due, key); at most so many."""
        fired = 0
        while fired != most and (due := self.next_due()) is not None and due <= reached:
            fired += 1
            _, key = heapq.heappop(self._timers)
            del self._due[key]
            held = self._open(key)
            yield Due(ids.account_of(key), ids.part_of(key), due)
            self._schedule(key, due_of_slice(key, held))

    def accounts(self, *, only_with_timers: bool) -> list[bytes]:
        """Keys of the accounts that are stored. One with an open offer, or a moment that is held, has a timer."""
        among = self._due if only_with_timers else self.stored
        return [key for key in among if key.startswith(b"A") and key in self.stored]

    def copy(self, key: bytes) -> Account | None:
        """An account as it is stored, for oneself; None when it is not."""
        raw = self.stored.get(key)
        return None if raw is None else cast("Account", decoded(key, raw))

    # --- commit ---------------------------------------------------------------------------------

    def commit(self) -> dict[bytes, Kept]:
        """What must have been written of all that changed; from here on that is what is stored."""
        kept: dict[bytes, Kept] = {key: Kept(None) for key in self._gone}
        for marker in self._marked:
            kept[marker] = Kept(self.erased[marker].to_bytes(8, "big"))
        for key, held in self._hot.items():
            keeping = self._keeping(key, held)
            if keeping is not None:
                kept[key] = keeping
        for key, keeping in kept.items():
            if keeping.raw is None:
                self.stored.pop(key, None)
            elif not key.startswith(ids.ERASED):
                self.stored[key] = keeping.raw
        self._remember()
        self._gone.clear()
        self._marked.clear()
        return kept

    def _keeping(self, key: bytes, held: Slice) -> Kept | None:
        """What must have been written of a slice; None when it is as before, or of nobody ever heard of."""
        raw, before, is_gone = encoded(held, self._due.get(key)), self.stored.get(key), key in self._gone
        if before is not None and not is_gone:
            return None if raw == before else Kept(raw)
        if held != self._blank(key):
            return Kept(raw)
        return Kept(None, raw) if is_gone else None

    def _remember(self) -> None:
        """Keep what was just stored as values, too."""
        self._values.update(self._hot)
        if len(self._values) > self._max_values:
            self._values.clear()
        self._hot.clear()
