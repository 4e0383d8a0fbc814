"""One partition from its start to its end: replayed, and each transaction compared with what it wrote."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from oracle.faults import CannotVerify
from oracle.inputs import Input
from oracle.journal import Entry, entry_of
from oracle.published import Published
from oracle.records import (
    DEAD_LETTERS,
    DECISIONS,
    INTAKE,
    JOURNAL,
    OFFERS,
    OUTCOMES,
    SEEN,
    STATE,
    TOLD,
    USAGE,
)
from oracle.replay import DeadLetter, Replay
from oracle.silences import Silences
from oracle.stored import SeenLog, StateLog
from oracle.sweeping import Sweeping
from oracle.times import HOUR
from oracle.violations import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from oracle.horizon import Horizon
    from oracle.journal import Segment
    from oracle.language.rules import Rules
    from oracle.records import Logs, Record
    from oracle.replay import Place
    from oracle.start import Start
    from oracle.stored import Group


class Numbers(NamedTuple):
    """What a partition's verification went through."""

    transactions: int
    inputs: int
    waiting: int
    matched: Mapping[str, int]
    handled: Mapping[str, int]
    slices: int
    digests: int
    raised: int


class Partition:
    """Verifies one partition. Reports each violation as it is found."""

    def __init__(
        self,
        logs: Logs,
        place: Place,
        start: Start,
        horizon: Horizon,
        report: Callable[[Violation], None],
    ) -> None:
        self._logs = logs
        self._place = place
        self._horizon = horizon
        self._report = report
        number = place.partition
        self._replay = Replay(place, start.holdings, start.seen, start.clocks)
        self._transaction = start.transaction
        self._version = start.version
        self._inputs = {
            topic: Input(topic, number, logs.read(topic, number, start.next[topic], horizon.reach(topic, number)),
                         start.next[topic])
            for topic in INTAKE
        }  # fmt: skip
        self._told = {topic: Published(topic, place, self._read(topic, start.next[topic]), report) for topic in TOLD}
        self._state = StateLog(number, self._read(STATE, start.next[STATE]), report, start.transaction)
        trimmed = logs.bounds(SEEN, number).first > start.next[SEEN]
        self._seen = SeenLog(number, self._read(SEEN, start.next[SEEN]), report, trimmed=trimmed)
        self._start = start
        self._digests = 0
        self._raised = 0
        self._silences = Silences(start.holdings, self._inputs)
        self._sweeping = Sweeping(self._replay, start.holdings, start.version)

    def run(self, sets: Mapping[int, Rules]) -> Numbers:
        """Take every transaction of the journal."""
        number = self._place.partition
        for record in self._logs.read(JOURNAL, number, self._start.next[JOURNAL], self._horizon.reach(JOURNAL, number)):
            entry = entry_of(record.value)
            if entry is None:
                self._wrong(Kind.JOURNAL, record.offset, "an entry", "something else")
            elif self._is_next(entry, record):
                self._take(entry, record, sets)
        return self._finish()

    def _read(self, topic: str, start: int) -> Iterator[Record]:
        number = self._place.partition
        return self._logs.read(topic, number, start, self._horizon.reach(topic, number))

    # --- one transaction ------------------------------------------------------------------------

    def _is_next(self, entry: Entry, record: Record) -> bool:
        """Transactions are numbered without a gap. What was journaled twice is not taken twice."""
        expected = self._transaction + 1
        if entry.transaction > expected and self._transaction == self._start.transaction:
            raise CannotVerify(
                f"the journal of partition {self._place.partition} is kept from transaction {entry.transaction} on, "
                f"and {expected} is needed: verify from a snapshot"
            )
        if entry.transaction != expected:
            self._wrong(Kind.JOURNAL, record.offset, f"transaction {expected}", f"transaction {entry.transaction}")
        if entry.transaction < expected:
            return False
        self._transaction = entry.transaction
        return True

    def _take(self, entry: Entry, record: Record, sets: Mapping[int, Rules]) -> None:
        rules = self._rules(entry, record, sets)
        if rules is None:
            return
        ahead = self._state.ahead
        self._check_now(entry.now, record)
        self._replay.begin(rules, entry, None if ahead is None else ahead.position["now"])
        self._sweeping.before(entry, rules, None if ahead is None else ahead.position.get("swept"))
        self._let_time_pass(entry)
        for segment in entry.segments:
            self._check_now(segment.now, record)
            self._segment(segment, record)
        self._compare(entry, record)

    def _check_now(self, now: int | str | None, record: Record) -> None:
        if isinstance(now, int) and now < self._replay.clocks.now:
            self._wrong(Kind.JOURNAL, record.offset, f"now at least {self._replay.clocks.now}", f"now {now}")

    def _let_time_pass(self, entry: Entry) -> None:
        late = self._silences.before(entry, self._replay.clocks.now)
        if late is not None:
            number = self._place.partition
            self._report(Violation(Kind.MISSING, JOURNAL, number, None, late.account, late.expected, "no tick"))

    def _segment(self, segment: Segment, record: Record) -> None:
        taken = self._taken(segment)
        is_one = len(taken) == 1 and segment.stream in INTAKE
        if is_one and self._told[DEAD_LETTERS].was_set_aside(segment.stream, taken[0]):
            self._replay.set_aside(segment, taken[0])
            return
        self._replay.segment(segment, taken)
        if self._replay.unfounded is not None:
            told = "" if segment.timers is None else f" of {segment.timers} timers"
            self._wrong(Kind.JOURNAL, record.offset, self._replay.unfounded, f"a tick at {segment.now}{told}")
        if segment.stream == "sweep" and self._replay.in_vain:
            told = f"no sweep of {self._replay.in_vain[0]}, since it is as the version has it"
            self._wrong(Kind.JOURNAL, record.offset, told, f"{segment.accounts}")

    def _taken(self, segment: Segment) -> list[Record]:
        """The records that a segment is about; that before which a tick came is not taken yet."""
        if segment.stream == "tick" and segment.first is not None:
            ahead = self._inputs[USAGE].ahead(segment, self._report)
            return [] if ahead is None else [ahead]
        source = self._inputs.get(segment.stream)
        return [] if source is None else source.take(segment, self._report)

    def _rules(self, entry: Entry, record: Record, sets: Mapping[int, Rules]) -> Rules | None:
        if entry.version < self._version:
            self._report_set(record, f"version {self._version} or later", entry.version)
        self._version = max(self._version, entry.version)
        found = sets.get(entry.version)
        if found is None:
            self._report_set(record, "a version that was published and accepted", entry.version)
        return found or sets.get(max((version for version in sets if version <= entry.version), default=-1))

    def _report_set(self, record: Record, expected: str, found: int) -> None:
        self._wrong(Kind.SET, record.offset, expected, f"version {found}")

    def _compare(self, entry: Entry, record: Record) -> None:
        told = self._replay.told
        topics = [DEAD_LETTERS if isinstance(one, DeadLetter) else one.topic for one in told]
        said = {
            OFFERS: entry.offers,
            OUTCOMES: entry.outcomes,
            DECISIONS: entry.decisions,
            DEAD_LETTERS: entry.dead_letters,
        }
        lying: dict[str, list[Record | None]] = {}
        for topic in TOLD:
            expected = [one for one, where in zip(told, topics, strict=True) if where == topic]
            lying[topic] = self._told[topic].take(expected)
            if said[topic] != len(expected):
                self._wrong(
                    Kind.COUNT, record.offset, f"{len(expected)} records on {topic}", f"{said[topic]} journaled"
                )
        kept, added = self._replay.commit()
        self._sweeping.after(entry, kept)
        group = self._state.take(entry.transaction, kept, self._start.holdings.stored)
        seen = self._seen.take(added)
        if entry.floor is not None:
            self._raise(entry.floor, record)
        if group is not None:
            self._position(entry, group)
            self._sweep_is_whole(group)
            if entry.slices != len(group.records) + 1:
                told_of = f"{len(group.records) + 1} records on {STATE}"
                self._wrong(Kind.COUNT, record.offset, told_of, f"{entry.slices} journaled")
            in_order = [lying[topic].pop(0) for topic in topics]
            if seen is not None and all(one is not None for one in in_order):
                pairs = [(topic, one) for topic, one in zip(topics, in_order, strict=True) if one is not None]
                self._digest(entry, record, pairs, group, seen)

    def _digest(
        self, entry: Entry, record: Record, told: list[tuple[str, Record]], group: Group, seen: list[Record]
    ) -> None:
        """Over everything that the transaction wrote, topic by topic, but for the journal's own record."""
        written = [
            *told,
            *((STATE, one) for one in group.records),
            *((SEEN, one) for one in seen),
            (STATE, group.at),
        ]
        by_topic: dict[str, list[Record]] = {}
        for topic, one in written:
            by_topic.setdefault(topic, []).append(one)
        digest = sha256()
        for topic, records in by_topic.items():
            parts = [f"{self._place.prefix}.{topic}".encode()]
            parts += [one.key or b"" for one in records]
            parts += [one.value or b"" for one in records]
            digest.update(b"".join(len(part).to_bytes(4, "big") for part in parts) + b"".join(parts))
        expected = digest.hexdigest()[:32]
        self._digests += 1
        if expected != entry.digest:
            self._wrong(Kind.DIGEST, record.offset, f"digest {expected} of what lies in the logs", entry.digest)

    def _raise(self, floor: int, record: Record) -> None:
        """No more ids could be kept, says the journal: what is before ``floor`` is late. It rises by whole hours."""
        if not self._raise_if_whole(floor):
            expected = f"a floor that begins an hour after {self._replay.clocks.floor}"
            self._wrong(Kind.JOURNAL, record.offset, expected, f"floor {floor}")

    def _raise_if_whole(self, floor: int) -> bool:
        """Take it for raised since no more ids could be kept, if it can be; whether it can."""
        clocks = self._replay.clocks
        if floor <= clocks.floor or floor % HOUR:
            return False
        clocks.floor = floor
        self._raised += 1
        return True

    def _position(self, entry: Entry, group: Group) -> None:
        found, clocks = group.position, self._replay.clocks
        if entry.lateness_s is None:  # older entries do not tell what raised the floor
            self._raise_if_whole(found["floor"])
        expected = {"stream_time": clocks.stream_time, "floor": clocks.floor, "version": entry.version}
        if "partitions" in found:
            expected["partitions"] = self._place.partitions
        by_log = any(segment.now == "log" for segment in entry.segments)
        if entry.now is not None:
            expected["now"] = entry.now
        elif not by_log and found["now"] < clocks.now:
            expected["now"] = clocks.now
        for name, value in expected.items():
            if found[name] != value:
                self._wrong_position(group, f"{name} = {value}", str(found[name]))
        self._offsets(group)

    def _offsets(self, group: Group) -> None:
        """Where the inputs were left: behind what was taken, and not behind what comes next."""
        found = group.position
        for topic, source in self._inputs.items():
            end = source.next_offset
            last = self._horizon.reach(topic, self._place.partition) if end is None else end
            if not source.position <= found[topic] <= last:
                self._wrong_position(group, f"{topic} from {source.position} to {last}", str(found[topic]))

    def _sweep_is_whole(self, group: Group) -> None:
        """Where the position says that every account was brought over to a version, none was left out."""
        for account, topic, expected in self._sweeping.forgotten(group.position.get("swept")):
            found = "it is as before, and all was swept"
            self._report(Violation(Kind.MISSING, topic, self._place.partition, None, account, expected, found))

    def _wrong_position(self, group: Group, expected: str, found: str) -> None:
        number = self._place.partition
        self._report(Violation(Kind.POSITION, STATE, number, group.at.offset, None, expected, found))

    # --- the end --------------------------------------------------------------------------------

    def _finish(self) -> Numbers:
        number = self._place.partition
        for topic, published in self._told.items():
            published.finish(self._horizon.settled(topic, number))
        self._state.finish(self._transaction)
        self._seen.finish(self._replay.clocks.floor // HOUR, self._horizon.settled(SEEN, number))
        return Numbers(
            transactions=self._transaction - self._start.transaction,
            inputs=sum(source.taken for source in self._inputs.values()),
            waiting=sum(source.rest() for source in self._inputs.values()),
            matched={topic: published.matched for topic, published in self._told.items()},
            handled=self._replay.counts,
            slices=len(self._start.holdings.stored),
            digests=self._digests,
            raised=self._raised,
        )

    def _wrong(self, kind: Kind, offset: int | None, expected: str, found: str) -> None:
        self._report(Violation(kind, JOURNAL, self._place.partition, offset, None, expected, found))
