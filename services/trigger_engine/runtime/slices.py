"""State slices of one partition: cold ones as the bytes they are stored as, those at work as objects.

How they are stored: `runtime.stored`. An erased account leaves a marker: a hash of its id, and the event time (8 bytes)
before which nothing of it is taken any more.
"""

import heapq
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from services.kit.kafka.reader import Raw
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.bounds import Reached
from services.trigger_engine.domain.core import Core, Due
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.quiet import NO_LANES, forget_lanes, lanes_of
from services.trigger_engine.runtime.keys import (
    ACCOUNT,
    ERASED,
    account_key,
    account_of,
    erased_key,
    group_key,
    part_key,
    part_of,
    user_key,
)
from services.trigger_engine.runtime.opened import Opened, OpenedPart
from services.trigger_engine.runtime.stored import (
    NEVER,
    NEVER_RAW,
    Slice,
    around_numbers,
    decoded,
    due_of,
    encoded,
)
from services.trigger_engine.runtime.stored_parts import StoredParts

MARK: Final = struct.Struct(">Q")

HOT: Final = 40_000
"""Slices kept as objects between two commits unless told otherwise, some 3 KiB each; decoding one takes 5 to 10 us."""


class SliceStore:
    """The slices of one task. What is asked for counts as changed, until `adopt` or `roll_back`."""

    def __init__(self) -> None:
        self.opened: dict[str, Opened] = {}
        """Accounts at work, by their names."""
        self._stored: dict[bytes, bytes] = {}
        self._parts: StoredParts | None = None
        """Of what is stored, once somebody was erased since it was restored: nothing else asks for it."""

        self.changed: dict[bytes, Opened | OpenedPart] = {}
        """What the next commit writes, by its key, in the order of first change; each says itself that it is here."""

        self.most_hot = HOT
        self.bounds: Reached = Reached()
        self._hot = 0
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
        opened = self._opened(account)
        opened.look_again()
        if not opened.changed:
            self.change(opened)
        return opened.slice

    def user(self, account: str, user: str) -> UserSlice:
        """The slice of one of its users, a new one when never seen."""
        return self._asked(self._opened_user(account, user))

    def group(self, account: str, prop: str, value: str) -> UserSlice:
        """The slice of those of whom the property ``prop`` is ``value``, a new one when there were none."""
        return self._asked(self._opened_group(account, prop, value))

    def _asked(self, opened: OpenedPart) -> UserSlice:
        if not opened.changed:
            self.change(opened)
        return opened.slice

    def change(self, opened: Opened | OpenedPart) -> None:
        """Have the slice written by the next commit."""
        opened.changed = True
        self.changed[opened.key] = opened

    def holds(self, account: str) -> bool:
        """Whether the account, if it is at work, has a moment that will be decided again."""
        found = self.opened.get(account)
        return found is not None and bool(found.slice.held)

    def drawn(self, core: Core, account: str, event_type: str) -> Opened | None:
        """The account with a lane for usage of this type; None when that has to go the long way."""
        found = self.opened.get(account)
        if found is None:
            key = account_key(account)
            if key in self._gone or key not in self._stored:
                return None  # a new one is put to work the long way, which may refuse the event
            found = self._opened(account)
        if event_type not in lanes_of(found.slice) and not core.of(account).draws_lane(found.slice, event_type):
            return None
        found.lanes, found.numbers = lanes_of(found.slice), found.slice.meters.numbers
        return found

    def peek(self, account: str) -> AccountSlice | None:
        """The account's slice to look at, and not to change; None when it was never seen. It is not put to work."""
        return self._at_rest(account_key(account))  # type: ignore[return-value]  # the kind byte of the key says it

    def peek_part(self, account: str, part: Part) -> UserSlice:
        """As `peek`, of a part of an account; a new one when it was never seen."""
        return self._at_rest(part_key(account, part)) or UserSlice()  # type: ignore[return-value]  # as above

    def _at_rest(self, key: bytes) -> Slice | None:
        changed = self.changed.get(key)
        if changed is not None:
            return changed.slice
        raw = None if key in self._gone else self._stored.get(key)
        return None if raw is None else decoded(key, raw)

    def erase(self, account: str, at: int) -> None:
        """Forget the account and its parts, but for the time before which nothing of it is taken any more."""
        if self._parts is None:
            self._parts = StoredParts(self._stored)
        keys = {account_key(account), *self._parts.of(account)}
        if (found := self.opened.get(account)) is not None:  # what has changed is at work
            keys.update(part.key for part in (*found.users.values(), *found.groups.values()))
        self._drop(account)
        for key in keys:
            self.changed.pop(key, None)
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
        return key in self.changed or (key in self._stored and key not in self._gone)

    def with_timers(self) -> list[bytes]:
        """Keys of accounts whose own slice has something due some time, the first last.

        One with an open offer, or a moment that is held, is always among them.
        """
        return sorted((key for key in self._due if key.startswith(ACCOUNT)), reverse=True)

    def accounts(self) -> list[bytes]:
        """Keys of all accounts that are stored, the first last."""
        return sorted((key for key in self._stored if key.startswith(ACCOUNT)), reverse=True)

    def is_due(self, account: str, at: int | None) -> bool:
        """Whether the account's own slice is known to be next due ``at`` this time; None: never."""
        return self._due.get(account_key(account)) == at

    def forget_lanes(self) -> None:
        """Have all moments asked anew: another version of the set is in force."""
        for opened in self.opened.values():
            forget_lanes(opened.slice)
            opened.lanes = NO_LANES

    def _opened(self, account: str) -> Opened:
        found = self.opened.get(account)
        if found is None:
            key = account_key(account)
            raw = None if key in self._gone else self._stored.get(key)
            held = self._new(key) if raw is None else decoded(key, raw)
            found = Opened(key, held)  # type: ignore[arg-type]  # the kind byte of the key says which it is
            self.opened[account] = found
            self._hot += 1
        return found

    def _opened_user(self, account: str, user: str) -> OpenedPart:
        users = self._opened(account).users
        found = users.get(user)
        if found is None:
            found = users[user] = self._opened_part(user_key(account, user))
        return found

    def _opened_group(self, account: str, prop: str, value: str) -> OpenedPart:
        groups = self._opened(account).groups
        found = groups.get((prop, value))
        if found is None:
            found = groups[prop, value] = self._opened_part(group_key(account, prop, value))
        return found

    def _opened_part(self, key: bytes) -> OpenedPart:
        raw = None if key in self._gone else self._stored.get(key)
        held = self._new(key) if raw is None else decoded(key, raw)
        self._hot += 1
        return OpenedPart(key, held)  # type: ignore[arg-type]  # as above

    def at(self, key: bytes) -> Opened | OpenedPart:
        """The slice of this key at work."""
        account, part = account_of(key), part_of(key)
        if part is None:
            return self._opened(account)
        if part.prop is None:
            return self._opened_user(account, part.name)
        return self._opened_group(account, part.prop, part.name)

    def _drop(self, account: str) -> None:
        """Keep the account, and its parts, as bytes alone."""
        found = self.opened.pop(account, None)
        if found is not None:
            self._hot -= 1 + len(found.users) + len(found.groups)

    def _new(self, key: bytes) -> Slice:
        if not key.startswith(ACCOUNT):
            return UserSlice()
        return AccountSlice(erased_at=self.erased_at(account_of(key)))

    # --- timers ---------------------------------------------------------------------------------

    def reschedule(self, core: Core, account: str, parts: Iterable[Part] = ()) -> None:
        """Look anew at when the slices that an input named are next due: the account's, and those of these parts."""
        self._schedule(account_key(account), core)
        for part in parts:
            self._schedule(part_key(account, part), core)

    def _schedule(self, key: bytes, core: Core) -> None:
        found = self.changed.get(key)
        if found is not None:
            self._set_due(key, self._due_of(core, key, found))

    def _due_of(self, core: Core, key: bytes, found: Opened | OpenedPart) -> int | None:
        own = found if isinstance(found, Opened) else self._opened(account_of(key))
        return core.of(account_of(key)).due(own.slice, found.slice)

    def _set_due(self, key: bytes, due: int | None) -> None:
        if due is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due:
            self._due[key] = due
            heapq.heappush(self._timers, (due, key))

    def may_be_due(self, at: int) -> bool:
        """Whether a timer might be due by ``at``; False is certain."""
        return bool(self._timers) and self._timers[0][0] <= at

    def none_due_before(self) -> int:
        """No timer is due before this; `NEVER` without any."""
        return self._timers[0][0] if self._timers else NEVER

    def next_due(self) -> int | None:
        """When the next timer of any slice is due; None when there is none."""
        timers = self._timers
        while timers and self._due.get(timers[0][1]) != timers[0][0]:
            heapq.heappop(timers)  # moved or gone since it was pushed
        return timers[0][0] if timers else None

    def fire(self, core: Core, reached: int, most: int) -> Iterator[Due]:
        """Each slice with something due by ``reached``, in the order (due, key); at most so many.

        The slice counts as changed, and is scheduled anew once the caller comes back for the next.
        """
        for _ in range(most):
            due = self.next_due()
            if due is None or due > reached:
                return
            _, key = heapq.heappop(self._timers)
            self._due.pop(key, None)
            found = self.at(key)
            if isinstance(found, Opened):
                found.look_again()
            if not found.changed:
                self.change(found)
            yield Due(account_of(key), part_of(key), due)
            self._set_due(key, self._due_of(core, key, found))

    # --- commit and restore ---------------------------------------------------------------------

    def changes(self) -> dict[bytes, bytes | None]:
        """The stored form of every slice that changed, in the order of first change; None for what was erased.

        A slice that was asked for and is still new is left out: an input that meant nothing leaves nothing.
        """
        written: dict[bytes, bytes | None] = {}
        if self._gone or self._marked:
            written.update(dict.fromkeys(sorted(self._gone - self.changed.keys())))
            written.update({key: MARK.pack(at) for key, at in sorted(self._marked.items())})
        join, whole, changed = b"".join, self._encoded, self.changed
        raws = [
            whole(one) if one.before is None else join((one.before, one.numbers, one.behind))  # see `around_numbers`
            for one in changed.values()
        ]
        written.update(zip(changed, raws, strict=True))
        if not all(raws):
            for key in [key for key, raw in zip(changed, raws, strict=True) if not raw]:
                del written[key]
        return written

    def _encoded(self, found: Opened | OpenedPart) -> bytes:
        """The stored form; empty for what is still new."""
        key = found.key
        if key not in self._stored and found.slice == self._new(key):
            return b""
        raw = encoded(self._due.get(key, NEVER), found.slice)
        if type(found) is Opened and (around := around_numbers(found.slice, raw)) is not None:
            found.before, found.behind = around
            found.numbers = found.slice.meters.numbers
        return raw

    def adopt(self, written: Mapping[bytes, bytes | None]) -> None:
        """What was written is the truth now."""
        if self._parts is not None:
            self._parts.written(written, self._stored)
        self._stored.update(written)  # type: ignore[arg-type]  # what was erased goes at once
        if self._gone or self._marked:
            for key, raw in written.items():
                if raw is None or key.startswith(ERASED):
                    del self._stored[key]
        self._erased.update(self._marked)
        self._settle()
        if self._hot > self.most_hot:  # those that were opened first go
            for account in list(self.opened):
                if self._hot <= self.most_hot * 3 // 4:
                    break
                self._drop(account)

    def cool(self) -> None:
        """Keep all slices as bytes alone. Call it only when nothing is uncommitted."""
        self.opened.clear()
        self._hot = 0

    def roll_back(self) -> None:
        """What changed since the last `adopt` never happened: slices, erasures and timers."""
        for key in (*self.changed, *self._gone):
            self._drop(account_of(key))
            raw = self._stored.get(key)
            due = NEVER if raw is None else due_of(raw)
            self._set_due(key, None if due == NEVER else due)
        self._settle()

    def _settle(self) -> None:
        for found in self.changed.values():
            found.changed = False
        self.changed.clear()
        self._gone.clear()
        self._marked.clear()

    def load_all(self, records: Sequence[Raw]) -> None:
        """Take stored slices while restoring, in their order."""
        self._parts = None
        stored, due, opened = self._stored, self._due, self.opened
        for record in records:
            key, value = record.key, record.value
            # a million of them are read in a few seconds: what is not simply to be kept is looked at one by one
            if key is None or value is None or opened or key[:1] == ERASED or value[:8] != NEVER_RAW or key in due:
                self.load(key or b"", value)
            else:
                stored[key] = value

    def load(self, key: bytes, raw: bytes | None) -> None:
        """Take one stored slice while restoring; None is a slice that was erased."""
        if key.startswith(ERASED):
            (self._erased[key],) = MARK.unpack(raw or MARK.pack(0))
            return
        self._parts = None
        if self.opened:
            self._drop(account_of(key))
        if raw is None:
            self._stored.pop(key, None)
            self._due.pop(key, None)
            return
        self._stored[key] = raw
        due = due_of(raw)
        self._set_due(key, None if due == NEVER else due)
