"""One partition worked out again: what follows from its inputs, transaction by transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from oracle import ids
from oracle.at import At
from oracle.core import Core
from oracle.ids import Part
from oracle.messages import Refused, read_response, read_usage
from oracle.probe import check_sender, is_probe, probe_rules, public
from oracle.records import RESPONSES, USAGE
from oracle.stored import pairs_of
from oracle.times import HOUR, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oracle.holdings import DueOf, Holdings, Kept
    from oracle.journal import Entry, Segment
    from oracle.language.rules import Rules
    from oracle.messages import Message
    from oracle.records import Record
    from oracle.state import Slice
    from oracle.telling import Event

FAR_FUTURE: Final = 5 * 60 * SECOND
"""How far ahead of the engine's clock the time of an event may be."""


class DeadLetter(NamedTuple):
    """A record that nobody can act on, and why; ``stream`` is usage or responses.

    ``aside``: the record is in order, and what came of it was more than the broker takes.
    """

    stream: str
    record: Record
    reason: str
    aside: bool = False


class Clocks:
    """The times of a partition, in microseconds since 1970 UTC; none of them goes backwards."""

    def __init__(self, stream_time: int = 0, floor: int = 0, now: int = 0) -> None:
        self.stream_time = stream_time
        self.floor = floor
        self.now = now


class Seen:
    """Source and id of the usage that was counted, by hour of event time."""

    def __init__(self) -> None:
        self._hours: dict[int, set[tuple[str, str]]] = {}
        self.added: dict[int, list[tuple[str, str]]] = {}

    def load(self, hour: int, raw: bytes) -> None:
        """Take ids as they are stored."""
        self._hours.setdefault(hour, set()).update(pairs_of(raw) or ())

    def knows(self, at: int, known: tuple[str, str]) -> bool:
        """Whether this event was counted."""
        return known in self._hours.get(at // HOUR, ())

    def add(self, at: int, known: tuple[str, str]) -> None:
        """It was counted."""
        self._hours.setdefault(at // HOUR, set()).add(known)
        self.added.setdefault(at // HOUR, []).append(known)

    def commit(self, floor: int) -> dict[int, list[tuple[str, str]]]:
        """What was added since the last commit; what could only be late from here on is forgotten."""
        added, self.added = self.added, {}
        for hour in [hour for hour in self._hours if hour < floor // HOUR]:
            del self._hours[hour]
        return added


class Place(NamedTuple):
    """Which partition of how many, under which prefix; ``lateness`` in microseconds.

    That is how late usage may be in transactions that do not tell it; in all of them, when ``is_said`` by who verifies.
    """

    prefix: str
    partition: int
    partitions: int
    lateness: int
    is_said: bool = False


class Replay:
    """Takes the segments of one partition's journal, and says what must have come of them."""

    def __init__(self, place: Place, holdings: Holdings, seen: Seen, clocks: Clocks) -> None:
        self.clocks = clocks
        self.told: list[Event | DeadLetter] = []
        self.fired = 0
        self.unfounded: str | None = None
        """What should have been told instead of the last tick."""

        self.in_vain: list[str] = []
        """Accounts of the last sweep that it did nothing for."""

        self.counts = {
            "counted": 0,
            "duplicate": 0,
            "dead letter": 0,
            "fact": 0,
            "response": 0,
            "erased": 0,
            "set aside": 0,
        }
        self._place = place
        self._holdings = holdings
        self._seen = seen
        self._core: Core | None = None
        self._probe: Core | None = None
        self._checked: dict[str, bytes] = {}
        self._by_log = False
        self._wall = 0
        self._lateness = place.lateness

    def begin(self, rules: Rules, entry: Entry, wall: int | None) -> None:
        """A new transaction under ``rules``, as ``entry`` tells it.

        ``wall`` is the engine's clock in a backfill where the entry does not tell it; None when nothing does.
        """
        if self._core is None or self._core.rules is not rules:
            self._core = Core(rules, self._holdings, self._place.partition)
            self._probe = Core(probe_rules(rules.version), self._holdings, self._place.partition)
        if entry.lateness_s is not None and not self._place.is_said:
            self._lateness = entry.lateness_s * SECOND
        else:
            self._lateness = self._place.lateness
        if entry.now is not None:
            self._wall = entry.now
            self.clocks.now = max(self.clocks.now, entry.now)
        elif wall is not None:
            self._wall = max(self._wall, wall)
        self.told, self.in_vain = [], []

    def commit(self) -> tuple[dict[bytes, Kept], dict[int, list[tuple[str, str]]]]:
        """What the transaction must have stored: slices, and ids of what it counted by hour."""
        return self._holdings.commit(), self._seen.commit(self.clocks.floor)

    def _of(self, account: str) -> Core:
        """Who judges this account."""
        core = self._probe if is_probe(account) else self._core
        if core is None:
            raise RuntimeError("no transaction was begun")
        return core

    def rules_of(self, account: str) -> Rules:
        """The set that this account is judged by."""
        return self._of(account).rules

    def _tell(self, account: str, events: Iterable[Event]) -> None:
        self.told.extend(public(account, events))

    # --- segments -------------------------------------------------------------------------------

    def set_aside(self, segment: Segment, record: Record) -> None:
        """Take a segment of one record of which the engine says that what came of it could not be written."""
        self._read_clock(segment)
        try:
            message = read_usage(record) if segment.stream == USAGE else read_response(record)
        except Refused:  # it could not be read either, and its dead letter, whole, was more than the broker takes
            self._set_aside(DeadLetter(segment.stream, record, "too_large"))
        else:
            self.counts["set aside"] += 1
            self.told.append(DeadLetter(segment.stream, record, "too_large", aside=bool(message)))

    def segment(self, segment: Segment, records: list[Record]) -> None:
        """Take one segment of the journal."""
        self._read_clock(segment)
        self.unfounded = None
        if segment.stream == "usage":
            for record in records:
                self._usage(record)
        elif segment.stream == "responses":
            for record in records:
                self._response(record)
        elif segment.stream == "tick":
            self._tick(segment, records)
        else:
            self._sweep(segment.accounts or [])

    def _tick(self, segment: Segment, records: list[Record]) -> None:
        """Let time pass: to now, or to when the next record brings it, if it does."""
        reached: int | None = self.clocks.now
        if segment.first is not None:
            reached = self._moves_time_to(records[0]) if records else None
        before = self.fired
        if reached is not None:
            self._fire(reached, segment.timers)
        fired = self.fired - before
        if not fired:
            self.unfounded = "no tick, since no timer was due"
        elif segment.timers is None:
            self.unfounded = None if segment.first is None else "how many timers fired before that record"
        elif fired < segment.timers:
            self.unfounded = f"{fired} timers, since no more were due"
        elif segment.first is None and not self._holdings.is_due(self.clocks.now):
            self.unfounded = "a tick that leaves no timer for later"

    def _moves_time_to(self, record: Record) -> int | None:
        """Where a record of usage will bring time, once it is taken; None when it will leave it where it is."""
        try:
            message = self._read(record)
            if message.is_fact or self._holdings.is_erased(message.account, message.at) or self._is_known(message):
                return None
            self._of(message.account).count(message, self._at(message.at, record.offset))
        except Refused:
            return None
        return message.at if message.at > self.clocks.stream_time else None

    def _is_known(self, usage: Message) -> bool:
        """Whether it was counted before. Raises `Refused` when it is of no time that is counted."""
        clocks = self.clocks
        wall = self._wall if self._by_log else clocks.now
        if wall and usage.at > wall + FAR_FUTURE:
            raise Refused("far_future")
        if usage.at < clocks.floor:
            raise Refused("late")
        return self._seen.knows(usage.at, (usage.source, usage.id))

    def _read_clock(self, segment: Segment) -> None:
        self._by_log = segment.now == "log"
        if isinstance(segment.now, int):
            self.clocks.now = max(self.clocks.now, segment.now)

    def _sweep(self, accounts: list[str]) -> None:
        at = self._at(self.clocks.stream_time)
        for account in accounts:
            key, before = ids.account_key(account), len(self.told)
            due, held = self._holdings.due(key), list(self._holdings.account(account).held)
            self._tell(account, self._of(account).sweep(account, at))
            self._holdings.look_again(key, self._due_of)
            same = held == self._holdings.account(account).held
            if same and len(self.told) == before and self._holdings.due(key) == due:
                self.in_vain.append(account)

    def times_before(self, entry: Entry) -> list[int]:
        """Between the last transaction and ``entry``: the earliest time and the latest."""
        if any(segment.now == "log" for segment in entry.segments):
            return [self.clocks.stream_time]
        first = next((segment.now for segment in entry.segments if isinstance(segment.now, int)), self.clocks.now)
        return list(dict.fromkeys((self.clocks.now, max(self.clocks.now, first))))

    def would_sweep(self, key: bytes, now: int) -> list[Event] | None:
        """What a sweep at ``now`` would tell of an account as it is stored; None when it would mean nothing."""
        held, account = self._holdings.copy(key), ids.account_of(key)
        if held is None:
            return None
        core, at = self._of(account), At(now, self.clocks.floor, always=self._by_log)
        before = list(held.held)
        if core.due(key, held, at) != self._holdings.due(key):
            return core.sweep(account, at, held)
        events = core.sweep(account, at, held) if before or held.open() else []
        return events if events or held.held != before else None

    def _fire(self, reached: int, most: int | None = None) -> None:
        for due in self._holdings.fire(reached, self._due_of, most):
            self._tell(due.account, self._of(due.account).timer(due, self._at(due.at)))
            self.fired += 1

    def _at(self, at: int, offset: int | None = None) -> At:
        """What time it is for what is of ``at``: in a backfill that."""
        return At(at if self._by_log else self.clocks.now, self.clocks.floor, offset, always=self._by_log)

    @property
    def _due_of(self) -> DueOf:
        at = self._at(self.clocks.stream_time)

        def due_of(key: bytes, held: Slice) -> int | None:
            return self._of(ids.account_of(key)).due(key, held, at)

        return due_of

    # --- one record -----------------------------------------------------------------------------

    def _usage(self, record: Record) -> None:
        try:
            message = self._read(record)
            if self._holdings.is_erased(message.account, message.at):
                self.counts["erased"] += 1
            elif message.is_fact:
                self._fact(message, record)
            else:
                self._count(message, record)
        except Refused as refused:
            self._set_aside(DeadLetter(USAGE, record, refused.reason))

    def _read(self, record: Record) -> Message:
        """What is said in a record of usage that lies where it should, by who may say it. Raises `Refused`."""
        message = read_usage(record)
        self._check(record, message.account)
        check_sender(message)
        return message

    def _fact(self, fact: Message, record: Record) -> None:
        self.counts["fact"] += 1
        self._tell(fact.account, self._of(fact.account).fact(fact, self._at(fact.at, record.offset)))
        user = fact.data.get("user")
        self._look_again(fact.account, [] if user is None else [Part(user)])

    def _count(self, usage: Message, record: Record) -> None:
        clocks, at = self.clocks, usage.at
        if self._is_known(usage):
            self.counts["duplicate"] += 1
            return
        core = self._of(usage.account)
        counted = core.count(usage, self._at(at, record.offset))  # what can not be counted moves no clock
        if at > clocks.stream_time and self._holdings.is_due(at):
            self._fire(at)
        self._seen.add(at, (usage.source, usage.id))
        self.counts["counted"] += 1
        if counted is not None:
            events = core.usage(usage, *counted)
            self._tell(usage.account, events)
            if events or core.sets_timers(usage) or counted[0].account.held:
                self._look_again(usage.account, core.parts(usage))
        if at > clocks.stream_time:
            clocks.stream_time = at
            clocks.floor = max(clocks.floor, at - self._lateness)

    def _response(self, record: Record) -> None:
        try:
            response = read_response(record)
            self._check(record, response.account)
            if self._holdings.is_erased(response.account, response.at):
                self.counts["erased"] += 1
            else:
                at = self._at(response.at, record.offset)
                self._tell(response.account, self._of(response.account).response(response, at))
                self._look_again(response.account, [])
                self.counts["response"] += 1
        except Refused as refused:
            self._set_aside(DeadLetter(RESPONSES, record, refused.reason))

    # --- what all of them need ------------------------------------------------------------------

    def _check(self, record: Record, account: str) -> None:
        """It lies where all that concerns its account is handled."""
        key = self._checked.get(account)
        if key is None:
            key = account.encode()
            if ids.partition_of(account, self._place.partitions) != self._place.partition:
                raise Refused("wrong_partition")
            self._checked[account] = key
        if record.key != key:
            raise Refused("wrong_partition")

    def _look_again(self, account: str, parts: Iterable[Part]) -> None:
        due_of = self._due_of
        self._holdings.look_again(ids.account_key(account), due_of)
        for part in parts:
            self._holdings.look_again(ids.part_key(account, part), due_of)

    def _set_aside(self, letter: DeadLetter) -> None:
        self.counts["dead letter"] += 1
        self.told.append(letter)
