"""The quick way leaves everything as the long way would have, to the byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from schemas.codec import encode
from services.kit.clock import to_datetime
from services.kit.kafka.reader import Log, Record
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.moments.onboarding import OnboardingState
from services.trigger_engine.metrics import Stream
from services.trigger_engine.runtime.counting import Counting
from services.trigger_engine.runtime.position import Position
from services.trigger_engine.runtime.stored import decoded
from tests.trigger_engine.domain.building import PRODUCT, rules
from tests.trigger_engine.domain.stories import FACTS, Happening, eventful, everything, facts, usage
from tests.trigger_engine.runtime.test_intake import NOON, PARTITION, Desk, message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.trigger_engine.domain.playbook.sets import CompiledSet

USAGE = Log("rung.usage", PARTITION)
S = 1_000_000
H = 3_600 * S
STEADY = rules(
    ["full: {limit: storage_gb, at: [50%, 80%, 100%]}", "reports: {milestone: exports, reaches: 300}"],
    ["a: {on: [full], upgrade_to: next on work}", "b: {on: [reports], add: photos, placements: [modal]}"],
)


@dataclass
class Pair:
    """Two desks that are told the same: one may go the quick way, the other never does."""

    quick: Desk
    long: Desk
    offset: int = 0

    def take(self, now: int, values: Sequence[bytes], accounts: Sequence[str] = ()) -> None:
        """One chunk of the log, all of one account unless ``accounts`` says of which each is."""
        keys = [account.encode() for account in accounts] or [b"acme"] * len(values)
        records = [
            Record(*USAGE, self.offset + number, key, value, (), now // 1_000)
            for number, (key, value) in enumerate(zip(keys, values, strict=True))
        ]
        self.offset += len(records)
        for desk in (self.quick, self.long):
            desk.clock.now = now
            desk.intake.begin(Stream.USAGE, records[0].offset, records[-1].offset)
        self.quick.intake.usages(self.quick.core, USAGE, records, now // 1_000)
        for record in records:
            self.long.intake.usage(self.long.core, record, now // 1_000)
        for desk in (self.quick, self.long):
            desk.intake.end()

    def commit(self) -> None:
        """Compare all that there is to be written, then take it for written."""
        written = [desk.slices.changes() for desk in (self.quick, self.long)]
        assert list(written[0].items()) == list(written[1].items())
        for key, raw in written[0].items():
            if raw is not None:
                assert decoded(key, raw) == self.quick.slices.at(key).slice
        assert self.quick.memory.seen.added() == self.long.memory.seen.added()
        assert self.quick.outbox.rows == self.long.outbox.rows
        for desk, changes in zip((self.quick, self.long), written, strict=True):
            progress = desk.progress
            position = Position(stream_time=progress.stream_time, floor=progress.floor, now=progress.now)
            desk.memory.adopt(position, changes, {})
            desk.outbox.clear()

    def roll_back(self) -> None:
        """What was not committed never happened."""
        for desk in (self.quick, self.long):
            desk.memory.roll_back()
            desk.outbox.clear()

    def same(self) -> None:
        """Whether they are as far, and have counted as much."""
        assert self.quick.progress == self.long.progress
        for handled in ("counted", "duplicate", "fact", "superseded", "erased"):
            assert self.quick.count(handled) == self.long.count(handled)


class Scattered(Counting):
    """Never thinks that many events are of few accounts."""

    @override
    def is_crowded(self, events: int) -> bool:
        return False


class Crowded(Counting):
    """Always thinks so."""

    @override
    def is_crowded(self, events: int) -> bool:
        return True


def pair(core: Core, lateness_us: int = 24 * H, by: type[Counting] = Counting) -> Pair:
    both = Pair(Desk(core=core, lateness_us=lateness_us), Desk(core=core, lateness_us=lateness_us))
    both.quick.intake._counting = by(both.quick.memory, lateness_us)
    return both


def event(kind: str, at: int, event_id: str, source: str = "backend", **more: Any) -> bytes:
    return message(kind, at, id=event_id, **more).replace(b'"backend"', json.dumps(source).encode())


def as_value(one: Happening, at: int, event_id: str, source: str) -> bytes:
    data = dict(one.data)
    if one.what in FACTS:
        kind = FACTS[one.what]
        fields = kind.model_fields
        told = fields["data"].annotation(**data) if "data" in fields else None
        fact = kind(
            id=event_id, source=source, subject="acme", time=to_datetime(at), **({"data": told} if told else {})
        )
        return encode(fact)[0]
    body = {name: data.pop(name) for name in ("user", "quantity") if data.get(name) is not None}
    properties = {name: float(value) if isinstance(value, Decimal) else value for name, value in data.items()}
    return event(
        one.what,
        at,
        event_id,
        source,
        data={**body, "properties": {k: v for k, v in properties.items() if k != "user"}},
    )


def habitual() -> CompiledSet:
    """Moments that go the quick way, and beside them on the same meters some that do not."""
    return rules(
        [
            "busy: {habit: tasks, reaches: 60}",
            "full: {limit: storage_gb, at: [50%, 80%, 100%]}",
            "goal: {milestone: exports, reaches: account.goal}",
            "blocked: {attempt: project.deleted, of: projects}",
            "signed: {milestone: signatures, reaches: 3}",
        ],
        ["a: {on: [busy, full, goal, blocked, signed], add: photos}"],
        product=PRODUCT.replace("events:", "facts: {goal: {type: whole, default: 4}}\nevents:"),
    )


happenings = st.builds(
    lambda what, late, same, source: (Happening(what[0], tuple(what[1].items())), late, same, source),
    st.integers(0, 11).flatmap(lambda n: usage if n else facts),
    st.sampled_from([0, 0, 0, 1, 50 * 60, 5 * 3_600]),
    st.sampled_from([None] * 8 + list(range(4))),
    st.sampled_from(["backend", "backend", "mobile"]),
)
chunks = st.lists(
    st.tuples(
        st.lists(happenings, min_size=1, max_size=25),
        st.sampled_from([1, 1, 60, 3_600, 20 * 3_600]),
        st.sampled_from(["commit", "commit", "go on", "roll back"]),
    ),
    max_size=12,
)


@pytest.mark.parametrize("made", [eventful, habitual, everything])
@pytest.mark.parametrize("by", [Counting, Crowded, Scattered])
@given(chunks, st.sampled_from([600 * S, 3 * H, 24 * H]))
@settings(max_examples=60, deadline=None)
def test_every_story_comes_out_the_same_both_ways(
    made: Callable[[], CompiledSet], by: type[Counting], story: list[Any], lateness_us: int
) -> None:
    both, number = pair(Core(made()), lateness_us, by), 0
    now = NOON + 55 * 60 * S  # late ones are of the same hour
    for parts, seconds, then in story:
        now += seconds * S
        values = []
        for one, late, same, source in parts:
            number += 1
            values.append(as_value(one, now - late * S + number, f"e-{number if same is None else same}", source))
        both.take(now, values)
        both.same()
        if then == "roll back":
            both.roll_back()
        elif then == "commit":
            both.commit()
    both.commit()


gigabytes = st.lists(st.integers(-30, 40), min_size=1, max_size=200)


@given(gigabytes, st.integers(1, 50), st.sampled_from([Crowded, Counting, Scattered]))
@settings(max_examples=100, deadline=None)
def test_many_small_moves_around_a_limit_come_out_the_same_both_ways(
    tenths: list[int], together: int, by: type[Counting]
) -> None:
    both = pair(Core(STEADY), by=by)
    moves = [
        event("file.stored", NOON + number, f"e-{number}", data={"properties": {"size_gb": tenth / 10}})
        for number, tenth in enumerate(tenths)
    ]
    for first in range(0, len(moves), together):
        both.take(NOON, moves[first : first + together])
        both.commit()
    both.same()


SUMMED = PRODUCT.replace("tasks: {count: task.ran,", "tasks: {sum: quantity, of: task.ran,")
MARCH = {"starts": "2026-03-01T00:00:00Z", "ends": "2026-04-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("moment", "most"),
    [
        pytest.param("busy: {habit: tasks, reaches: 5}", 9, id="a habit"),
        pytest.param("busy: {limit: tasks, at: [50%, 80%], again_after: [below 30%]}", 60, id="a limit that re-arms"),
    ],
)
@pytest.mark.parametrize("by", [Counting, Crowded, Scattered])
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=60), st.integers(1, 20))
@settings(max_examples=50, deadline=None)
def test_many_small_moves_within_a_billing_period_come_out_the_same_both_ways(
    by: type[Counting], moment: str, most: int, moves: list[float], together: int
) -> None:
    both = pair(Core(rules([moment], ["a: {on: [busy], add: photos}"], product=SUMMED)), by=by)
    both.take(NOON, [event("rung.period_started", NOON, "period", data=MARCH)])
    ran = [
        event("task.ran", NOON + n, f"t-{n}", data={"quantity": round(most * moved)}) for n, moved in enumerate(moves)
    ]
    for first in range(0, len(ran), together):
        both.take(NOON, ran[first : first + together])
        both.commit()
    both.same()


def stored(first: int, count: int, size: float = 0.001) -> list[bytes]:
    return [
        event("file.stored", NOON + number, f"e-{number}", data={"properties": {"size_gb": size}})
        for number in range(first, first + count)
    ]


def test_most_usage_takes_the_quick_way() -> None:
    both = pair(Core(STEADY))
    both.take(NOON, stored(0, 400))
    both.commit()
    before = both.quick.slices.opened["acme"].before
    both.take(NOON, stored(400, 400))
    both.commit()
    assert both.quick.slices.opened["acme"].before is before, "whoever asks the moments has all of it written anew"


def test_another_version_of_the_set_asks_the_moments_anew() -> None:
    both = pair(Core(STEADY))
    both.take(NOON, stored(0, 10))
    both.commit()
    others = rules(["some: {milestone: storage_gb, reaches: 0.015}"], ["a: {on: [some], add: photos}"])
    both.quick.core = both.long.core = Core(others)
    both.take(NOON, stored(10, 10))
    assert both.quick.written("decisions"), "a lane of the version before passes it by"
    both.commit()


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(b"not json", id="unreadable"),
        pytest.param(event("file.stored", NOON, "m"), id="without what its meter needs"),
        pytest.param(
            event("file.stored", NOON, "x", subject="other", data={"properties": {"size_gb": 1}}),
            id="under the key of another",
        ),
        pytest.param(event("file.stored", NOON + 301 * S, "f", data={"properties": {"size_gb": 1}}), id="far ahead"),
        pytest.param(event("file.stored", NOON - 25 * H, "l", data={"properties": {"size_gb": 1}}), id="late"),
        pytest.param(event("file.stored", NOON, "e-3", data={"properties": {"size_gb": 1}}), id="a copy"),
        pytest.param(
            event("file.stored", NOON, "e-23", data={"properties": {"size_gb": 1}}), id="a copy of a neighbour"
        ),
        pytest.param(event("project.created", NOON, "p"), id="of another type"),
        pytest.param(event("no.such", NOON, "n"), id="of a type that is not declared"),
    ],
)
def test_what_is_odd_goes_the_long_way_and_its_neighbours_the_quick(odd: bytes) -> None:
    both = pair(Core(STEADY))
    both.take(NOON, stored(0, 20))
    both.take(NOON, [*stored(20, 5), odd, *stored(25, 5)])
    both.same()
    assert both.quick.outbox.rows == both.long.outbox.rows
    both.commit()


def test_what_a_user_does_is_written_for_the_user() -> None:
    core = Core(
        rules(
            ["signed: {milestone: signatures, reaches: 1000}"], ["a: {on: [signed], add: photos, placements: [modal]}"]
        )
    )
    both = pair(core)
    for chunk in range(4):
        signed = [
            event("document.signed", NOON + number, f"s-{number}", data={"user": ("ann", "bob")[number % 2]})
            for number in range(chunk * 20, chunk * 20 + 20)
        ]
        both.take(NOON, signed)
        both.commit()
    users = both.quick.slices.opened["acme"].users
    assert [list(users[name].slice.meters.numbers) for name in ("ann", "bob")] == [[40], [40]]


def test_what_becomes_late_while_a_chunk_is_counted_is_not_counted() -> None:
    both = pair(Core(STEADY), lateness_us=600 * S)
    both.take(NOON + H // 2, stored(0, 20))
    size = {"properties": {"size_gb": 0.001}}
    ahead = event("file.stored", NOON + H // 2, "ahead", data=size)
    late = event("file.stored", NOON + H // 4, "late", data=size)
    both.take(NOON + H // 2, [ahead, late])
    both.same()
    both.commit()


def test_a_timer_fires_before_the_event_that_moves_the_clock_past_it() -> None:
    core = Core(
        rules(
            ["full: {limit: storage_gb, at: [50%]}", "b: {onboarding: [member.invited, file.shared], within: 10m}"],
            ["a: {on: [full], upgrade_to: next on work}", "c: {on: [b], add: photos, placements: [modal]}"],
        )
    )
    both = pair(core)
    both.take(NOON + H // 2, [*stored(0, 20), event("member.invited", NOON, "i")])
    size = {"properties": {"size_gb": 0.001}}
    both.take(NOON + H // 2, [event("file.stored", NOON + (5 + n) * 60 * S, f"t-{n}", data=size) for n in range(12)])
    both.same()
    both.commit()
    state = both.quick.slices.opened["acme"].slice.moments["b"]
    assert isinstance(state, OnboardingState)
    assert state.status == "abandoned"


def test_of_an_event_that_is_refused_half_way_no_meter_is_moved() -> None:
    core = Core(
        rules(
            ["many: {milestone: stored, reaches: 1000}", "full: {limit: storage_gb, at: [100%]}"],
            ["a: {on: [full], upgrade_to: next on work}", "b: {on: [many], add: photos, placements: [modal]}"],
            product=PRODUCT.replace("meters:\n", "meters:\n  stored: {count: file.stored}\n"),
        )
    )
    both = pair(core)
    both.take(NOON, stored(0, 20))
    both.take(NOON, [*stored(20, 5), *stored(25, 1, size=5_000.0), *stored(26, 5)])
    both.same()
    both.commit()
