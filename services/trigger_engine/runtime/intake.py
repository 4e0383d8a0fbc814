"""One record at a time: is it readable, of this partition, of this time, new? Then the core, and what it says.

A record has three fates: handled, dead-lettered with its reason, or fatal. A duplicate is handled: by doing nothing.
"""

from collections.abc import Sequence
from typing import Final, Literal

from schemas import dead_letters, probe, topics
from schemas.codec import UnreadableEvent
from schemas.dead_letters import DeadLetterReason
from schemas.envelope import Envelope
from schemas.facts import Fact
from schemas.journal import Segment
from schemas.stages import Stage, stages_to_headers
from services.kit.clock import US_PER_MS
from services.kit.kafka.dead_letters import dead_letter_id
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Log, Raw, Record, record_at
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.facts import whose
from services.trigger_engine.domain.inputs import Clocks, Impossible, Origin, Usage, Usages
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.metrics import Handled, Stream
from services.trigger_engine.runtime.counting import Counting
from services.trigger_engine.runtime.halts import TooManyInvalid
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.outbox import Outbox, public
from services.trigger_engine.runtime.rules import Rules, Told
from services.trigger_engine.runtime.seen import FAR_FUTURE_US
from services.trigger_engine.runtime.timing import Timing
from services.trigger_engine.runtime.tracing import Tracing

MAX_DETAIL: Final = 500
"""Characters of a dead letter's detail; the record itself is all there."""

KEPT_OF_KEY: Final = 256
"""Bytes of the key of a record of which nothing else is kept; an account's name is no longer."""

MAX_CHECKED: Final = 50_000
"""Accounts known to be in their place; when there are more, they are checked anew. About 100 bytes each."""


class Intake:
    """Takes the records of one partition, in order. Holds no memory of its own but how many were invalid in a row.

    ``timing`` is how time passes.
    """

    def __init__(self, rules: Rules, memory: Memory, outbox: Outbox, told: Told) -> None:
        self.timing = Timing(rules, memory, outbox, told)
        self._rules = rules
        self._slices = memory.slices
        self._seen = memory.seen
        self._progress = memory.progress
        self._outbox = outbox
        self._clock = told.clock
        self._wire = told.wire
        self._metrics = told.metrics
        self._checked: set[str] = set()
        self._invalid_run = 0
        self._counting = Counting(memory, rules.lateness_us)
        self._core: Core | None = None
        self._tracing = Tracing(told.traces, told.wire, told.metrics)

    # --- segments -------------------------------------------------------------------------------

    def begin(self, stream: Stream, first: int, last: int) -> None:
        """Consecutive records that will be handled under one reading of now."""
        self._outbox.segments.append(Segment(stream=stream.value, first=first, last=last, now=self._journaled_now()))
        self.timing.begin()

    def end(self) -> None:
        """The records at hand are handled, and so is what time brought about before them."""
        self.timing.end()
        self._metrics.bounded(self._slices.bounds)
        self._slices.bounds.clear()
        counting = self._counting
        self._metrics.handled(Stream.USAGE, Handled.COUNTED, counting.counted)
        self._metrics.handled(Stream.USAGE, Handled.DUPLICATE, counting.duplicates)
        counting.counted = counting.duplicates = 0

    def _journaled_now(self) -> "int | Literal['log']":
        by_log = self._rules.by_log
        # in a backfill now bounds only how far ahead an event may be; it is written once a transaction, in its position
        if not by_log or all(segment.stream == Stream.SWEEP.value for segment in self._outbox.segments):
            self._progress.now = max(self._progress.now, self._clock.now_us())
        return "log" if by_log else self._progress.now

    # --- usage and facts ------------------------------------------------------------------------

    def usages(self, core: Core, log: Log, raws: Sequence[Raw], consumed_ms: int) -> int:
        """Handle records of the usage topic, in their order: as many as can be the quick way, the others the long.

        How many were handled; not all when more timers are due before the next one than fit into one go. Give it, and
        those after it, once more, after a `begin` of their own.
        """
        if core is not self._core:
            self._slices.forget_lanes()
            self._core = core
        place = 0
        while place < len(raws):
            left = raws[place:]
            usages = self._wire.read_plain(left)
            if usages:
                read, handled = len(usages), self._count(core, log, left, usages, consumed_ms)
            else:
                read, handled = 1, int(self.usage(core, record_at(log, left[0]), consumed_ms))
            place += handled
            if handled < read:
                self._cut(raws, place)
                break
        return place

    def _cut(self, raws: Sequence[Raw], place: int) -> None:
        """Journal that the record at ``place`` and those after it come later, and how many timers fired before it."""
        segments = self._outbox.segments
        whole, at = segments.pop(), raws[place].offset
        if place:
            segments.append(whole.model_copy(update={"last": raws[place - 1].offset}))
        if fired := self.timing.fired:
            segments.append(Segment(stream=Stream.TICK.value, first=at, last=at, now=whole.now, timers=fired))

    def _count(self, core: Core, log: Log, raws: Sequence[Raw], usages: Usages, consumed_ms: int) -> int:
        first = 0
        while first < len(usages):
            run = self._counting.begin(core, usages, first)
            if run is None:
                if not self.usage(core, record_at(log, raws[first]), consumed_ms, usages.usage(first)):
                    return first
                first += 1
                continue
            more = True
            while more:
                before, stop = run.place, run.on()
                if run.place > before:
                    self._invalid_run = 0
                if stop is None:
                    break
                if not self.usage(core, record_at(log, raws[first + stop]), consumed_ms, usages.usage(first + stop)):
                    raise AssertionError("a timer was due before an event of a run")
                more = run.back()
            first += run.place
        return first

    def usage(self, core: Core, record: Record, consumed_ms: int, known: Usage | None = None) -> bool:
        """Handle one record of the usage topic; ``known`` is the event in it, when it was read already.

        Whether it was handled: not when more timers are due before it than fit into one go.
        """
        handled = True
        try:
            event = known or self._wire.read_usage(record)
            if isinstance(event, Usage):
                self._check(record, event.account)
                _check_sender(event.account, event.source)
                if not self._is_erased(event.account, event.at, Stream.USAGE):
                    handled = self._usage(core, event, record, consumed_ms)
            else:
                self._check(record, event.subject)
                _check_sender(event.subject, event.source)
                if not self._is_erased(event.subject, to_us(event.time), Stream.USAGE):
                    self._fact(core, event, record, consumed_ms)
        except (UnreadableEvent, Impossible) as fault:
            self._dead_letter(record, Stream.USAGE, fault.reason, fault.detail)
        else:
            if handled:
                self._invalid_run = 0
        return handled

    def _usage(self, core: Core, event: Usage, record: Record, consumed_ms: int) -> bool:
        progress, at = self._progress, event.at
        if at > progress.now + FAR_FUTURE_US:
            raise Impossible(DeadLetterReason.FAR_FUTURE, "time: more than 5 min ahead of the engine's clock")
        if at < progress.floor:
            raise Impossible(DeadLetterReason.LATE, "time: further back than the allowed lateness")
        hour = self._seen.hour(at)
        if hour.knows(event.source, event.id):
            self._counting.duplicates += 1
            return True
        judge = core.of(event.account)
        if at > progress.stream_time and self._slices.may_be_due(at) and self._has_to_wait(core, event):
            return False
        origin = Origin("usage", record.partition, record.offset)
        events = judge.on_usage(self._slices, event, origin, self._clocks(at))
        hour.add(
            event.source, event.id
        )  # only now: an event that the core refused may be mended and sent again under its id
        if at > progress.stream_time:
            progress.stream_time = at
            progress.floor = max(progress.floor, at - self._rules.lateness_us)
        if events or judge.sets_timers(event.type) or self._slices.holds(event.account):
            self._slices.reschedule(core, event.account, judge.parts(event))
            self._publish(events, record, consumed_ms)
        self._counting.counted += 1
        return True

    def _has_to_wait(self, core: Core, event: Usage) -> bool:
        """Let time pass before ``event``, which is to be counted; whether more is due than fits into this go."""
        if self.timing.is_spent(event.at):
            return True
        clocks = self._clocks(event.at)
        core.of(event.account).check(self._slices, event, clocks)  # an event that is refused moves no clock
        return self.timing.fire(core, event.at)

    def _fact(self, core: Core, fact: Fact, record: Record, consumed_ms: int) -> None:
        origin, clocks = self._origin(record, Stream.USAGE), self._clocks(to_us(fact.time))
        events = core.of(fact.subject).on_fact(self._slices, fact, origin, clocks)
        about = whose(fact)
        self._slices.reschedule(core, fact.subject, () if about is None else (Part(about),))
        self._publish(events, record, consumed_ms)
        self._metrics.handled(Stream.USAGE, Handled.FACT if events else Handled.SUPERSEDED)

    # --- responses ------------------------------------------------------------------------------

    def response(self, core: Core, record: Record, consumed_ms: int) -> None:
        """Handle one record of the responses topic."""
        try:
            response = self._wire.read_response(record)
            self._check(record, response.subject)
            if self._is_erased(response.subject, to_us(response.time), Stream.RESPONSES):
                return
            self._check_known(response.subject)
            origin, clocks = self._origin(record, Stream.RESPONSES), self._clocks(to_us(response.time))
            events = core.of(response.subject).on_response(self._slices, response, origin, clocks)
            self._slices.reschedule(core, response.subject)
            self._publish(events, record, consumed_ms)
            self._metrics.handled(Stream.RESPONSES, Handled.COUNTED if events else Handled.DUPLICATE)
        except (UnreadableEvent, Impossible) as fault:
            self._dead_letter(record, Stream.RESPONSES, fault.reason, fault.detail)
        else:
            self._invalid_run = 0

    def set_aside(self, stream: Stream, record: Record, kept: int) -> None:
        """A record of which the broker will not take what came of it: its first ``kept`` bytes are kept.

        With none of them its headers go, too, and most of its key: they may be what is too large.
        """
        cut = record._replace(value=(record.value or b"")[:kept])
        if not kept:
            cut = cut._replace(key=(record.key or b"")[:KEPT_OF_KEY], headers=())
        told = f"what came of it is more than the broker takes; its first {kept} bytes are kept here"
        self._dead_letter(cut, stream, DeadLetterReason.TOO_LARGE, told)

    # --- what comes of it -----------------------------------------------------------------------

    def _clocks(self, at: int) -> Clocks:
        return self._progress.clocks(at, by_log=self._rules.by_log)

    def _origin(self, record: Record, stream: Stream) -> Origin:
        return Origin(stream.value, record.partition, record.offset)

    def _check(self, record: Record, account: str) -> None:
        """An account lies where all that concerns it is handled in one place, under its own key."""
        if record.key != account.encode():
            raise Impossible(DeadLetterReason.WRONG_PARTITION, "the record's key is not the event's subject")
        if account in self._checked:
            return
        belongs = partition_of(account, self._rules.partitions)
        if belongs != self._rules.partition:
            raise Impossible(
                DeadLetterReason.WRONG_PARTITION,
                f"this account belongs to partition {belongs}: the producer does not partition by murmur2 of the key",
            )
        if len(self._checked) >= MAX_CHECKED:
            self._checked.clear()
        self._checked.add(account)

    def _is_erased(self, account: str, at: int, stream: Stream) -> bool:
        """Whether this is of a time that the account wants forgotten; then it is dropped, and set aside nowhere."""
        until = self._slices.erased_at(account)
        if until is None or at > until:
            return False
        self._metrics.handled(stream, Handled.ERASED)
        return True

    def _check_known(self, account: str) -> None:
        if not self._slices.knows(account):
            raise Impossible(DeadLetterReason.UNKNOWN_OFFER, "data.offer: no such offer of this account")

    def _publish(self, events: list[Envelope], record: Record, consumed_ms: int) -> None:
        if not events:
            return
        if probe.is_probe(events[0].subject):  # without the times that service levels are reckoned from
            for event in public(events):
                self._outbox.event(event)
            return
        decided_ms = self._clock.now_us() // US_PER_MS
        times = {Stage.PRODUCED: record.timestamp_ms, Stage.CONSUMED: consumed_ms, Stage.DECIDED: decided_ms}
        headers, trace = stages_to_headers(times), None
        underway = self._tracing.decided(events, record, consumed_ms, decided_ms)
        if underway is not None:
            self._outbox.underway.append(underway)
            trace = underway.trace
        if trace is not None:
            headers.append(trace.header)
        for event in events:
            self._outbox.event(event, headers)
            self._metrics.made(event, times, trace)

    def _dead_letter(self, record: Record, stream: Stream, reason: DeadLetterReason, detail: str) -> None:
        self._outbox.record(
            topics.DEAD_LETTERS,
            record.key,
            record.value,
            [
                *record.headers,
                (dead_letters.REASON, reason.encode()),
                (dead_letters.DETAIL, detail[:MAX_DETAIL].encode()),
                (dead_letters.TOPIC, record.topic.encode()),
                (dead_letters.PARTITION, str(record.partition).encode()),
                (dead_letters.OFFSET, str(record.offset).encode()),
                (dead_letters.ID, dead_letter_id(record).encode()),
            ],
        )
        self._metrics.dead_lettered(stream, reason)
        self._invalid_run += 1
        if self._invalid_run > self._rules.max_invalid_run:
            raise TooManyInvalid(self._invalid_run, reason)


def _check_sender(account: str, source: str) -> None:
    """Nobody but the probe speaks of its accounts: whoever does so by mistake would be in no numbers."""
    if probe.is_probe(account) and source != probe.SOURCE:
        told = f"subject: begins with {probe.MARK!r}, which is reserved for the probe (source {probe.SOURCE!r})"
        raise Impossible(DeadLetterReason.INVALID, told)
