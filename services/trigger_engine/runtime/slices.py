"""State slices of one partition: cold ones as the bytes they are stored as, those at work as objects.

Stored, a slice is its next due time (8 bytes, big-endian, microseconds since 1970 UTC, all ones when never), a version
byte, and msgpack; so timers are indexed without decoding. Keys are a kind byte and length-prefixed ids. An erased
account leaves a marker: a hash of its id, and the event time (8 bytes) before which nothing of it is taken any more.
"""

import heapq
import struct
from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from typing import Final

import msgspec

from services.trigger_engine.domain.account import STATE_VERSION, AccountSlice, UserSlice
from services.trigger_engine.domain.core import Core
from services.trigger_engine.runtime.halts import StateNewerThanCode

Slice = AccountSlice | UserSlice

ACCOUNT: Final = b"A"
USER: Final = b"U"
ERASED: Final = b"E"
NEVER: Final = 2**64 - 1
HEAD: Final = struct.Struct(">QB")
LENGTH: Final = struct.Struct(">H")
MARK: Final = struct.Struct(">Q")

MAX_HOT: Final = 40_000
"""Slices kept as objects between two commits, at about 1.5 KiB each; decoding one takes 5 to 10 us."""

_ENCODER: Final = msgspec.msgpack.Encoder()
_ACCOUNT_DECODER: Final = msgspec.msgpack.Decoder(AccountSlice)
_USER_DECODER: Final = msgspec.msgpack.Decoder(UserSlice)


def account_key(account: str) -> bytes:
    """Key of an account's slice."""
    raw = account.encode()
    return ACCOUNT + LENGTH.pack(len(raw)) + raw


def user_key(account: str, user: str) -> bytes:
    """Key of the slice of one user of an account."""
    name = user.encode()
    return user_prefix(account) + LENGTH.pack(len(name)) + name


def user_prefix(account: str) -> bytes:
    """What the keys of all users of an account begin with."""
    raw = account.encode()
    return USER + LENGTH.pack(len(raw)) + raw


def erased_key(account: str) -> bytes:
    """Key of the marker that an account was erased: it does not tell which."""
    return ERASED + blake2b(account.encode(), digest_size=16).digest()


def account_of(key: bytes) -> str:
    """The account that a slice belongs to."""
    (length,) = LENGTH.unpack_from(key, 1)
    return key[1 + LENGTH.size : 1 + LENGTH.size + length].decode()


def due_of(raw: bytes) -> int:
    """When a stored slice next has something to do."""
    due, _ = HEAD.unpack_from(raw)
    return int(due)


class SliceStore:
    """The slices of one task. What is asked for counts as changed, until `adopt` or `roll_back`."""

    def __init__(self) -> None:
        self._stored: dict[bytes, bytes] = {}
        self._hot: dict[bytes, Slice] = {}
        self._changed: dict[bytes, Slice] = {}
        self._accounts: dict[str, AccountSlice] = {}
        """The accounts among those changed, by name: most events of a moment are about the same few."""

        self._due: dict[bytes, int] = {}
        self._timers: list[tuple[int, bytes]] = []
        self._erased: dict[bytes, int] = {}
        self._marked: dict[bytes, int] = {}
        self._gone: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._stored)

    # --- what the core asks for -----------------------------------------------------------------

    def account(self, account: str) -> AccountSlice:
        """The account's slice, a new one when it was never seen."""
        known = self._accounts.get(account)
        if known is not None:
            return known
        key = account_key(account)
        found = self._changed.get(key)
        if found is None:
            found = self._changed[key] = self._opened(key)
        self._accounts[account] = found  # type: ignore[assignment]  # the kind byte of the key says which it is
        return found  # type: ignore[return-value]  # as above

    def user(self, account: str, user: str) -> UserSlice:
        """The slice of one of its users, a new one when never seen."""
        key = user_key(account, user)
        found = self._changed.get(key)
        if found is None:
            found = self._changed[key] = self._opened(key)
        return found  # type: ignore[return-value]  # as above

    def peek(self, account: str) -> AccountSlice | None:
        """The account's slice to look at, and not to change; None when it was never seen."""
        key = account_key(account)
        if not self.knows(account):
            return None
        return self._changed.get(key) or self._opened(key)  # type: ignore[return-value]  # as above

    def erase(self, account: str, at: int) -> None:
        """Forget the account and its users, but for the time before which nothing of it is taken any more."""
        own, users = account_key(account), user_prefix(account)
        self._accounts.pop(account, None)
        keys = {own, *(key for key in (*self._stored, *self._changed) if key.startswith(users))}
        for key in keys:
            self._changed.pop(key, None)
            self._hot.pop(key, None)
            self._due.pop(key, None)
        self._gone.update(key for key in keys if key in self._stored)
        marker = erased_key(account)
        self._marked[marker] = max(at, self._marked.get(marker, at), self._erased.get(marker, at))

    def erased_at(self, account: str) -> int | None:
        """When the account was erased; None when it was not. What is not from after that is refused."""
        if not self._erased and not self._marked:
            return None
        marker = erased_key(account)
        return self._marked.get(marker, self._erased.get(marker))

    def knows(self, account: str) -> bool:
        """Whether the account has a slice, or is about to."""
        key = account_key(account)
        return key in self._changed or (key in self._stored and key not in self._gone)

    def with_timers(self) -> list[str]:
        """Accounts whose own slice has something due some time, sorted; one with an open offer is always among them."""
        return sorted(account_of(key) for key in self._due if key.startswith(ACCOUNT))

    def _opened(self, key: bytes) -> Slice:
        found = self._hot.get(key)
        if found is None:
            raw = None if key in self._gone else self._stored.get(key)
            found = self._new(key) if raw is None else decoded(key, raw)
            self._hot[key] = found
        return found

    def _new(self, key: bytes) -> Slice:
        if key.startswith(USER):
            return UserSlice()
        return AccountSlice(erased_at=self.erased_at(account_of(key)))

    # --- timers ---------------------------------------------------------------------------------

    def reschedule(self, core: Core, account: str, user: str | None) -> None:
        """Look anew at when the slices that an input named are next due."""
        self._schedule(account_key(account), core)
        if user is not None:
            self._schedule(user_key(account, user), core)

    def _schedule(self, key: bytes, core: Core) -> None:
        found = self._changed.get(key)
        if found is not None:
            self._set_due(key, core.due(found))

    def _set_due(self, key: bytes, due: int | None) -> None:
        if due is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due:
            self._due[key] = due
            heapq.heappush(self._timers, (due, key))

    def may_be_due(self, at: int) -> bool:
        """Whether a timer might be due by ``at``; False is certain."""
        return bool(self._timers) and self._timers[0][0] <= at

    def next_due(self) -> int | None:
        """When the next timer of any slice is due; None when there is none."""
        timers = self._timers
        while timers and self._due.get(timers[0][1]) != timers[0][0]:
            heapq.heappop(timers)  # moved or gone since it was pushed
        return timers[0][0] if timers else None

    def fire(self, core: Core, reached: int) -> Iterator[tuple[str, Slice, int]]:
        """Each slice with something due by ``reached``, in the order (due, key): its account, itself, its due time.

        The slice counts as changed, and is scheduled anew once the caller comes back for the next.
        """
        while (due := self.next_due()) is not None and due <= reached:
            _, key = heapq.heappop(self._timers)
            self._due.pop(key, None)
            found = self._changed.get(key)
            if found is None:
                found = self._changed[key] = self._opened(key)
            yield account_of(key), found, due
            self._set_due(key, core.due(found))

    # --- commit and restore ---------------------------------------------------------------------

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """Key and stored form of every slice that changed, in the order of first change; None for what was erased.

        A slice that was asked for and is still new is left out: an input that meant nothing leaves nothing.
        """
        written: list[tuple[bytes, bytes | None]] = [
            *((key, None) for key in sorted(self._gone - self._changed.keys())),
            *((key, MARK.pack(at)) for key, at in sorted(self._marked.items())),
        ]
        for key, found in self._changed.items():
            if key not in self._stored and found == self._new(key):
                continue
            due = self._due.get(key, NEVER)
            written.append((key, HEAD.pack(due, STATE_VERSION) + _ENCODER.encode(found)))
        return written

    def adopt(self, written: list[tuple[bytes, bytes | None]]) -> None:
        """What was written is the truth now."""
        for key, raw in written:
            if raw is None:
                self._stored.pop(key, None)
            elif not key.startswith(ERASED):
                self._stored[key] = raw
        self._erased.update(self._marked)
        self._settle()
        if len(self._hot) > MAX_HOT:  # those that were opened first go
            for key in list(islice(self._hot, len(self._hot) - MAX_HOT * 3 // 4)):
                del self._hot[key]

    def roll_back(self) -> None:
        """What changed since the last `adopt` never happened: slices, erasures and timers."""
        for key in (*self._changed, *self._gone):
            self._hot.pop(key, None)
            raw = self._stored.get(key)
            due = NEVER if raw is None else due_of(raw)
            self._set_due(key, None if due == NEVER else due)
        self._settle()

    def _settle(self) -> None:
        self._changed.clear()
        self._accounts.clear()
        self._gone.clear()
        self._marked.clear()

    def load(self, key: bytes, raw: bytes | None) -> None:
        """Take one stored slice while restoring; None is a slice that was erased."""
        if key.startswith(ERASED):
            (self._erased[key],) = MARK.unpack(raw or MARK.pack(0))
            return
        if raw is None:
            self._stored.pop(key, None)
            self._hot.pop(key, None)
            self._due.pop(key, None)
            return
        self._stored[key] = raw
        self._hot.pop(key, None)
        due = due_of(raw)
        self._set_due(key, None if due == NEVER else due)


def decoded(key: bytes, raw: bytes) -> Slice:
    """A stored slice as an object; raises `StateNewerThanCode`."""
    _, version = HEAD.unpack_from(raw)
    if version > STATE_VERSION:
        raise StateNewerThanCode("a state slice", version)
    decoder = _ACCOUNT_DECODER if key.startswith(ACCOUNT) else _USER_DECODER
    return decoder.decode(memoryview(raw)[HEAD.size :])
