"""After the storm: do the logs, and nothing but the logs, tell one story?"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from schemas import dead_letters, topics
from schemas.journal import JournalEntry
from services.trigger_engine.runtime.keys import GROUP
from services.trigger_engine.runtime.position import POSITION_KEY, decode
from tests.simulation.straight import StraightRun, cores
from tests.simulation.workload import HUGE, log_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas.journal import Segment
    from services.kit.kafka.reader import Record
    from services.trigger_engine.adapters.simulated.broker import Broker
    from services.trigger_engine.domain.core import Core
    from tests.simulation.plan import Plan

WRITTEN: Final = (
    topics.OFFERS,
    topics.OUTCOMES,
    topics.DECISIONS,
    topics.DEAD_LETTERS,
    topics.ENGINE_STATE,
    topics.ENGINE_SEEN,
    topics.ENGINE_JOURNAL,
)
KIND: Final = re.compile(rb'"kind":"(\w+)"')
WITH_IDS: Final = (topics.OFFERS, topics.OUTCOMES, topics.DECISIONS)


def check(broker: Broker, plan: Plan, reached: Counter[str], *, halted: bool) -> list[str]:
    """Everything that is wrong with what lies in the logs."""
    known = cores(broker.log(log_of(topics.PLAYBOOKS, 0)).committed(), plan)
    problems: list[str] = []
    for partition in range(plan.partitions):
        logs = {topic.name: broker.log(log_of(topic, partition)).committed() for topic in topics.FLOW}
        found = list(_Partition(plan, partition, logs, known, reached).problems(halted=halted))
        problems.extend(f"partition {partition}: {problem}" for problem in found)
    return problems


class _Partition:
    """The logs of one partition number."""

    def __init__(
        self,
        plan: Plan,
        partition: int,
        logs: Mapping[str, Sequence[Record]],
        known: Mapping[int, Core],
        reached: Counter[str],
    ) -> None:
        self._plan = plan
        self._partition = partition
        self._logs = logs
        self._cores = known
        self._reached = reached
        journal = logs[topics.ENGINE_JOURNAL.name]
        self._entries = [JournalEntry.model_validate_json(record.value or b"") for record in journal]
        state = logs[topics.ENGINE_STATE.name]
        self._positions = [decode(record.value or b"") for record in state if record.key == POSITION_KEY]

    def problems(self, *, halted: bool) -> Iterator[str]:
        numbers = [entry.transaction for entry in self._entries]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"transactions are numbered {numbers}"
        if [position.transaction for position in self._positions] != numbers:
            yield "positions and journal differ"
            return
        for name in ("usage", "responses"):
            yield from self._coverage(name, halted=halted)
        yield from self._doubles()
        yield from self._differences()

    # --- inputs ---------------------------------------------------------------------------------

    def _coverage(self, stream: str, *, halted: bool) -> Iterator[str]:
        """Every committed input record is in one segment, in order, and the position agrees."""
        there = [record.offset for record in self._logs[stream]]
        after = 0
        taken: list[int] = []
        for entry, position in zip(self._entries, self._positions, strict=True):
            for segment in entry.segments:
                if segment.stream != stream or segment.first is None or segment.last is None:
                    continue
                if segment.first < after:
                    yield f"{stream}: {segment.first} was taken in before"
                after = segment.last + 1
                taken.extend(range(segment.first, after))
            reached = position.usage if stream == "usage" else position.responses
            if reached < after or any(after <= offset < reached for offset in there):
                yield f"{stream}: transaction {entry.transaction} ends at {after}, its position is {reached}"
        missing = sorted(set(there) - set(taken))
        if missing and not (halted and missing[0] >= after):
            yield f"{stream}: never taken in: {missing[:10]}"

    # --- outputs --------------------------------------------------------------------------------

    def _doubles(self) -> Iterator[str]:
        for topic in WITH_IDS:
            ids = Counter(json.loads(record.value or b"")["id"] for record in self._logs[topic.name])
            twice = [name for name, count in ids.items() if count > 1]
            if twice:
                yield f"{topic.name}: more than once: {twice[:3]}"
        letters = Counter(dict(record.headers)[dead_letters.ID] for record in self._logs[topics.DEAD_LETTERS.name])
        if any(count > 1 for count in letters.values()):
            yield "a dead letter was written more than once"

    def _differences(self) -> Iterator[str]:
        """Where the logs differ from what a straight run over the same inputs writes, byte for byte."""
        usage = {record.offset: record for record in self._logs[topics.USAGE.name]}
        responses = {record.offset: record for record in self._logs[topics.RESPONSES.name]}
        run = StraightRun(self._plan, self._partition, usage, responses, self._set_aside())
        taken = dict.fromkeys((topic.name for topic in WRITTEN), 0)
        for entry, position in zip(self._entries, self._positions, strict=True):
            core = self._cores.get(entry.version)
            if core is None:
                yield f"transaction {entry.transaction} names version {entry.version}, which was never in force"
                return
            wanted: dict[str, list[tuple[bytes | None, bytes | None]]] = {topic.name: [] for topic in WRITTEN}
            for record in run.transaction(entry, core, position):
                wanted[record.topic.split(".", 1)[1]].append((record.key, record.value))
            self._notice(entry, wanted)
            for topic, pairs in wanted.items():
                first = taken[topic]
                found = [(r.key, r.value) for r in self._logs[topic][first : first + len(pairs)]]
                taken[topic] += len(pairs)
                if found != pairs:
                    yield f"transaction {entry.transaction}: {topic} has {_short(found)} for {_short(pairs)}"
                    return
        for topic, count in taken.items():
            if len(self._logs[topic]) != count:
                yield f"{topic}: {len(self._logs[topic]) - count} records of no transaction"

    def _set_aside(self) -> dict[tuple[str, int], int]:
        """Inputs of which the broker did not take what came of them, and how many bytes are kept: only of huge ones."""
        big = {(s, r.offset) for s in ("usage", "responses") for r in self._logs[s] if len(r.value or b"") >= HUGE}
        found = {}
        for record in self._logs[topics.DEAD_LETTERS.name]:
            headers = dict(record.headers)
            origin = headers[dead_letters.TOPIC].decode().split(".")[1], int(headers[dead_letters.OFFSET])
            if headers[dead_letters.DETAIL].startswith(b"what came of it") and origin in big:
                found[origin] = len(record.value or b"")
                self._reached["a record was set aside, since the broker would not take what came of it"] += 1
        return found

    def _notice(self, entry: JournalEntry, wanted: Mapping[str, Sequence[tuple[bytes | None, bytes | None]]]) -> None:
        self._reached["the floor rose, since ids were too many"] += entry.floor is not None
        self._reached["the version changed"] += entry.version != self._entries[0].version
        for segment in entry.segments:
            self._notice_time(segment)
        for topic in (topics.OFFERS, topics.DEAD_LETTERS):
            if wanted[topic.name]:
                self._reached[f"records on {topic.name}"] += 1
        for _, value in wanted[topics.DECISIONS.name]:
            for kind in set(KIND.findall(value or b"")):
                self._reached[f"a moment of {kind.decode()}"] += 1
        if any((key or b"").startswith(GROUP) for key, _ in wanted[topics.ENGINE_STATE.name]):
            self._reached["a slice of a value of a property"] += 1

    def _notice_time(self, segment: Segment) -> None:
        self._reached["time went by the log"] += segment.now == "log"
        if segment.stream in ("tick", "sweep"):
            self._reached[f"a {segment.stream}"] += 1
        if segment.timers is not None:
            where = "a tick" if segment.first is None else "time before usage"
            self._reached[f"{where} left timers for later"] += 1


def _short(pairs: Sequence[tuple[bytes | None, bytes | None]]) -> str:
    return str([((key or b"")[:20], (value or b"")[-60:]) for key, value in pairs])[:400]
