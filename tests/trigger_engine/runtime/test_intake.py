"""One record at a time, without Kafka: what becomes of it, and what is never lost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry
from typing_extensions import override

from schemas import dead_letters
from schemas.envelope import MAX_EVENT_BYTES
from schemas.journal import Segment
from services.kit.clock import to_datetime
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Record
from services.kit.telemetry.traces import UNTOLD, Traces
from services.trigger_engine.adapters.wire import EventWire
from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.facts import MAX_TICKETS
from services.trigger_engine.metrics import EngineMetrics, Stream
from services.trigger_engine.ports import Outgoing
from services.trigger_engine.runtime.halts import TooManyInvalid
from services.trigger_engine.runtime.intake import Intake
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.outbox import Outbox
from services.trigger_engine.runtime.pacing import MOST
from services.trigger_engine.runtime.rules import Rules, Told
from services.trigger_engine.runtime.seen import FAR_FUTURE_US
from tests.trigger_engine.runtime.sets import sample_core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.topics import Topic

HOUR_US = 3_600 * 1_000_000
NOON = 1_772_366_400_000_000  # 2026-03-01T12:00:00Z
PARTITIONS = 4
PARTITION = partition_of("acme", PARTITIONS)


@dataclass
class SetClock:
    now: int = NOON

    def now_us(self) -> int:
        return self.now

    def monotonic(self) -> float:
        return self.now / 1_000_000


class InOrder(Outbox):
    """Keeps the records of all topics in the order in which they came about, too."""

    def __init__(self) -> None:
        super().__init__("rung")
        self.rows: list[Outgoing] = []

    @override
    def record(
        self, topic: Topic, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        super().record(topic, key, value, headers)
        self.rows.append(Outgoing(topic.under("rung"), key, value, headers))

    @override
    def clear(self) -> None:
        super().clear()
        self.rows = []


@dataclass
class Desk:
    """An intake with everything it works on in reach."""

    by_log: bool = False
    lateness_us: int = 24 * HOUR_US
    clock: SetClock = field(default_factory=SetClock)
    core: Core = field(default_factory=sample_core)
    memory: Memory = field(default_factory=lambda: Memory("rung", PARTITION, 1_000_000))
    outbox: InOrder = field(default_factory=InOrder)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    traces: Traces = UNTOLD
    headers: tuple[tuple[str, bytes], ...] = (("x", b"kept"),)
    most_timers: int | None = MOST
    offset: int = 0

    def __post_init__(self) -> None:
        rules = Rules(
            "rung", PARTITION, PARTITIONS, self.lateness_us, self.by_log, 50, 100, 1_000_000, self.most_timers
        )
        self.slices, self.progress = self.memory.slices, self.memory.progress
        self.metrics = EngineMetrics(self.registry)
        told = Told(self.clock, EventWire(), self.metrics, traces=self.traces)
        self.intake = Intake(rules, self.memory, self.outbox, told)

    def take(self, value: bytes, key: bytes = b"acme", stream: Stream = Stream.USAGE) -> None:
        record = Record(f"rung.{stream.value}", PARTITION, self.offset, key, value, self.headers, NOON // 1_000)
        self.intake.begin(stream, self.offset, self.offset)
        handle = self.intake.usage if stream is Stream.USAGE else self.intake.response
        handle(self.core, record, NOON // 1_000)
        self.intake.end()
        self.offset += 1

    def event(self, event_type: str, at: int = NOON, **more: Any) -> None:
        self.take(message(event_type, at, id=more.pop("id", f"e-{self.offset}"), **more))

    def written(self, topic: str) -> list[Outgoing]:
        return [record for record in self.outbox.rows if record.topic == f"rung.{topic}"]

    def types(self) -> list[str]:
        told = [json.loads(record.value or b"") for record in self.outbox.rows if record.topic != "rung.dead-letters"]
        return [body["type"] for body in told]

    def count(self, handled: str) -> float:
        name = "rung_engine_records_total"
        return self.registry.get_sample_value(name, {"stream": "usage", "handled": handled}) or 0.0

    def bounds(self) -> dict[str, float]:
        """How often each bound was reached, as it is scraped; those that were."""
        found = {
            bound.value: self.registry.get_sample_value("rung_engine_bounds_reached_total", {"bound": bound.value})
            for bound in Bound
        }
        return {bound: times for bound, times in found.items() if times}


def message(event_type: str, at: int, **more: Any) -> bytes:
    body: dict[str, Any] = {
        "specversion": "1.0",
        "source": "backend",
        "type": event_type,
        "subject": "acme",
        "time": to_datetime(at).isoformat().replace("+00:00", "Z"),
    }
    return json.dumps(body | more).encode()


def dead_letter(desk: Desk) -> tuple[str, str]:
    (record,) = desk.written("dead-letters")
    headers = dict(record.headers)
    assert headers["x"] == b"kept"
    assert (headers[dead_letters.TOPIC], headers[dead_letters.PARTITION]) == (b"rung.usage", str(PARTITION).encode())
    assert headers[dead_letters.OFFSET] == str(desk.offset - 1).encode()
    return headers[dead_letters.REASON].decode(), headers[dead_letters.DETAIL].decode()


def test_an_event_becomes_an_offer() -> None:
    desk = Desk()
    desk.event("report.exported")
    assert desk.types() == ["rung.decided", "rung.offer_made", "rung.offer_judged"]
    headers = dict(desk.written("offers")[0].headers)
    assert headers["rung_produced"] == str(NOON // 1_000).encode()


def test_a_copy_is_recognised_and_changes_nothing() -> None:
    desk = Desk()
    for _ in range(3):
        desk.event("report.exported", id="same")
    assert len(desk.written("offers")) == 1
    assert (desk.count("counted"), desk.count("duplicate")) == (1, 2)


@pytest.mark.parametrize(
    ("value", "reason", "told"),
    [
        pytest.param(b"not json", "unreadable", "not JSON", id="unreadable"),
        pytest.param(message("report.exported", NOON), "invalid", "id", id="wrong shape"),
        pytest.param(
            message("report.exported", NOON + 301 * 1_000_000, id="f"), "far_future", "5 min ahead", id="far future"
        ),
        pytest.param(b'{"x":"' + b"y" * MAX_EVENT_BYTES + b'"}', "too_large", "bytes", id="too large"),
        pytest.param(message("file.stored", NOON, id="m"), "invalid", "size_gb", id="a property that a meter needs"),
        pytest.param(message("rung.unheard_of", NOON, id="r"), "invalid", "reserved", id="reserved type"),
    ],
)
def test_a_message_nobody_can_act_on_is_kept_with_its_reason_and_the_neighbours_go_on(
    value: bytes, reason: str, told: str
) -> None:
    desk = Desk()
    desk.take(value)
    found, detail = dead_letter(desk)
    assert found == reason
    assert told in detail
    assert desk.written("dead-letters")[0].value == value
    desk.event("report.exported")
    assert len(desk.written("offers")) == 1


def test_an_event_that_was_refused_can_be_mended_and_sent_again_under_its_id() -> None:
    desk = Desk()
    desk.event("file.stored", id="one")
    desk.event("file.stored", id="one", data={"properties": {"size_gb": 1.9}})
    assert len(desk.written("offers")) == 1


def test_a_key_that_is_not_the_subject_is_a_wrong_partition() -> None:
    desk = Desk()
    desk.take(message("report.exported", NOON, id="k"), key=b"other")
    assert dead_letter(desk)[0] == "wrong_partition"


def test_an_account_of_another_partition_is_told_where_it_belongs() -> None:
    desk = Desk()
    stranger = next(name for name in map(str, range(100)) if partition_of(name, PARTITIONS) != PARTITION)
    desk.take(message("report.exported", NOON, id="k", subject=stranger), key=stranger.encode())
    reason, detail = dead_letter(desk)
    assert reason == "wrong_partition"
    assert f"partition {partition_of(stranger, PARTITIONS)}" in detail
    assert not desk.slices.knows(stranger)


def test_usage_within_the_lateness_counts_and_further_back_it_is_late() -> None:
    desk = Desk(lateness_us=HOUR_US)
    desk.event("workspace.created", NOON)
    desk.event("workspace.created", NOON - HOUR_US)
    assert desk.count("counted") == 2
    desk.event("workspace.created", NOON - HOUR_US - 1)
    assert dead_letter(desk)[0] == "late"


def test_a_fact_is_never_too_late_and_moves_no_clock() -> None:
    desk = Desk(lateness_us=HOUR_US)
    desk.event("workspace.created", NOON)
    desk.event("rung.plan_changed", NOON - 400 * 24 * HOUR_US, data={"plan": "plus"})
    desk.event("rung.seats_changed", NOON + 200 * 24 * HOUR_US, data={"seats": 5})
    assert desk.types() == ["rung.fact_accepted"] * 2
    assert desk.progress.stream_time == NOON


def test_a_fact_told_again_or_from_before_is_superseded() -> None:
    desk = Desk()
    desk.event("rung.plan_changed", NOON, id="new", data={"plan": "plus"})
    desk.event("rung.plan_changed", NOON, id="new", data={"plan": "plus"})
    desk.event("rung.plan_changed", NOON - 1, id="old", data={"plan": "free"})
    assert desk.types() == ["rung.fact_accepted"]
    assert desk.count("superseded") == 2


def respond(offer: str, kind: str, at: int = NOON) -> bytes:
    return message("rung.responded", at, id=f"r-{offer}-{kind}", data={"offer": offer, "response": kind})


def test_what_there_is_no_room_for_is_counted() -> None:
    desk = Desk()
    for number in range(MAX_TICKETS + 2):
        data = {"ticket": str(number)}
        desk.take(message("rung.ticket_opened", NOON + number, id=f"t-{number}", data=data))
    assert desk.bounds() == {"ticket_forgotten": 2}
    assert desk.slices.bounds == {}
    desk.event("report.exported")
    assert desk.bounds() == {"ticket_forgotten": 2}


def test_a_response_is_judged_once_and_a_no_is_kept() -> None:
    desk = Desk()
    desk.event("report.exported")
    offer = json.loads(desk.written("offers")[0].value or b"")["data"]["offer"]["offer_id"]
    for _ in range(2):
        desk.take(respond(offer, "dismissed"), stream=Stream.RESPONSES)
    assert desk.types()[-2:] == ["rung.offer_dismissed", "rung.offer_judged"]
    assert len(desk.written("offers")) == 2
    desk.event("workspace.created")
    desk.event("member.invited")
    decision = json.loads(desk.written("decisions")[-1].value or b"")["data"]
    assert (decision["verdict"], decision["reason"]) == ("withheld", "dismissed")


def test_a_response_to_an_offer_that_never_was_is_a_dead_letter() -> None:
    desk = Desk()
    desk.take(respond("nothing", "dismissed"), stream=Stream.RESPONSES)
    headers = dict(desk.written("dead-letters")[0].headers)
    assert headers[dead_letters.REASON] == b"unknown_offer"
    assert not desk.slices.knows("acme")


def test_in_a_backfill_time_is_what_the_log_says() -> None:
    desk = Desk(by_log=True)
    past = NOON - 300 * 24 * HOUR_US
    desk.event("report.exported", past)
    made = json.loads(desk.written("offers")[0].value or b"")
    assert made["time"] == to_datetime(past).isoformat().replace("+00:00", "Z")
    desk.intake.timing.tick(desk.core)
    assert len(desk.written("offers")) == 1
    desk.event("workspace.created", past + 8 * 24 * HOUR_US)
    assert json.loads(desk.written("offers")[1].value or b"")["type"] == "rung.offer_expired"
    assert {segment.now for segment in desk.outbox.segments} == {"log"}


def test_in_a_backfill_how_far_ahead_an_event_may_be_goes_by_one_time_a_transaction() -> None:
    """The journal does not tell it, and the position, which does, is written once."""
    desk = Desk(by_log=True)
    ahead = NOON + FAR_FUTURE_US + 1
    desk.outbox.segments.append(Segment(stream=Stream.SWEEP.value, now="log", accounts=("acme",)))
    desk.event("report.exported", NOON)
    desk.clock.now += 2
    desk.event("report.exported", ahead, id="ahead")
    assert [dict(row.headers)[dead_letters.REASON] for row in desk.written("dead-letters")] == [b"far_future"]
    assert desk.progress.now == NOON
    desk.outbox.clear()
    desk.event("report.exported", ahead, id="ahead")
    assert desk.written("dead-letters") == []
    assert desk.progress.now == NOON + 2


def erase(desk: Desk, at: int = NOON) -> None:
    desk.event("rung.account_erased", at, id=f"erased-{at}")


def test_an_erased_account_is_forgotten_everywhere_and_told_so() -> None:
    desk = Desk()
    desk.event("report.exported", NOON - 1)
    erase(desk)
    assert desk.types()[-2:] == ["rung.offers_erased", "rung.fact_accepted"]
    assert not desk.slices.knows("acme")


def test_nothing_from_before_its_erasure_brings_an_account_back() -> None:
    desk = Desk()
    desk.event("report.exported", NOON - 2)
    offer = json.loads(desk.written("offers")[0].value or b"")["data"]["offer"]["offer_id"]
    erase(desk)
    written = len(desk.outbox)
    desk.event("report.exported", NOON - 1)
    desk.event("rung.plan_changed", NOON, data={"plan": "plus"})
    desk.take(respond(offer, "accepted", NOON), stream=Stream.RESPONSES)
    assert len(desk.outbox) == written, "dropped, and not set aside: a dead letter would bring the data back"
    assert not desk.slices.knows("acme")
    assert desk.count("erased") == 2


def test_an_account_that_comes_back_later_begins_anew() -> None:
    desk = Desk()
    desk.event("report.exported", NOON - 1)
    erase(desk)
    desk.event("report.exported", NOON + 1)
    assert desk.types()[-3:] == ["rung.decided", "rung.offer_made", "rung.offer_judged"]
    for topic in ("offers", "decisions", "outcomes"):
        ids = [json.loads(record.value or b"")["id"] for record in desk.written(topic)]
        assert len(set(ids)) == len(ids), "what came before the erasure is not this account's"


def test_a_paused_offer_is_withheld_by_name() -> None:
    desk = Desk()
    desk.core = Core(desk.core.rules.pausing(frozenset({"report_insights"}), 1))
    desk.event("report.exported")
    decision = json.loads(desk.written("decisions")[0].value or b"")["data"]
    assert (decision["verdict"], decision["reason"], decision["version"]) == ("withheld", "paused", 1)


def test_now_never_goes_backwards() -> None:
    desk = Desk()
    desk.event("workspace.created")
    desk.clock.now -= HOUR_US
    desk.event("workspace.created")
    assert [segment.now for segment in desk.outbox.segments] == [NOON, NOON]


def test_a_long_run_of_dead_letters_stops_the_engine_and_one_good_message_ends_the_run() -> None:
    desk = Desk()
    for _ in range(50):
        desk.take(b"bad")
    desk.event("workspace.created")
    for _ in range(50):
        desk.take(b"bad")
    with pytest.raises(TooManyInvalid, match="51 messages in a row"):
        desk.take(b"bad")
