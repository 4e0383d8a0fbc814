"""Any number of timers may be due at one instant; in one go as many fire as leave others their turn."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import islice

from services.kit.clock import to_us
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Log, Record
from services.trigger_engine.metrics import Stream
from tests.trigger_engine.runtime.test_intake import HOUR_US, NOON, PARTITION, PARTITIONS, Desk, dead_letter, message

USAGE = Log("rung.usage", PARTITION)
NAMES = (f"a{number:03}" for number in range(1_000))
ACCOUNTS = tuple(islice((name for name in NAMES if partition_of(name, PARTITIONS) == PARTITION), 5))


def test_time_passes_for_silent_accounts_and_is_journaled() -> None:
    desk = Desk()
    desk.event("report.exported")
    desk.intake.timing.tick(desk.core)
    assert "rung.offer_expired" not in desk.types()
    desk.clock.now += 8 * 24 * HOUR_US
    desk.intake.timing.tick(desk.core)
    assert desk.types()[-2:] == ["rung.offer_expired", "rung.offer_judged"]
    assert desk.outbox.segments[-1].stream == "tick"
    assert desk.outbox.segments[-1].now == desk.clock.now


def test_a_timer_fires_before_the_input_that_moved_the_clock() -> None:
    desk = Desk()
    desk.event("report.exported")
    desk.clock.now += 40 * 24 * HOUR_US
    desk.event("file.stored", desk.clock.now, data={"properties": {"size_gb": 2}})
    assert desk.types()[3:5] == ["rung.offer_expired", "rung.offer_judged"]
    assert desk.types()[5:7] == ["rung.decided", "rung.offer_made"]


def test_an_event_that_is_refused_fires_no_timer_and_moves_no_clock() -> None:
    desk = Desk()
    desk.event("report.exported")
    desk.clock.now += 40 * 24 * HOUR_US
    desk.event("file.stored", desk.clock.now)
    assert dead_letter(desk)[0] == "invalid"
    assert "rung.offer_expired" not in desk.types()
    assert desk.progress.stream_time == NOON


def with_offers_made(*accounts: str, most_timers: int | None) -> Desk:
    """A desk with accounts that have an offer each, so that a timer runs for each, to the same instant."""
    desk = Desk(most_timers=most_timers)
    for account in accounts:
        desk.take(message("report.exported", NOON, id=f"of-{account}", subject=account), account.encode())
    desk.clock.now += 40 * 24 * HOUR_US
    return desk


def expired(desk: Desk) -> list[str]:
    bodies = [json.loads(record.value or b"") for record in desk.written("offers")]
    return [body["subject"] for body in bodies if body["type"] == "rung.offer_expired"]


def cuts(desk: Desk) -> list[tuple[str, int | None, int | None, int | None]]:
    return [(one.stream, one.first, one.last, one.timers) for one in desk.outbox.segments]


def test_of_more_timers_than_fit_into_one_go_the_others_are_left_for_the_next_tick() -> None:
    desk = with_offers_made(*ACCOUNTS, most_timers=2)
    tick, before = desk.intake.timing.tick, len(desk.outbox.segments)
    assert [tick(desk.core), len(expired(desk))] == [True, 2]
    assert [tick(desk.core), len(expired(desk))] == [True, 4]
    assert [tick(desk.core), expired(desk)] == [False, list(ACCOUNTS)]
    assert cuts(desk)[before:] == [("tick", None, None, 2), ("tick", None, None, 2), ("tick", None, None, None)]


def test_usage_waits_until_all_timers_before_it_have_fired_that_do_not_fit_into_one_go() -> None:
    desk = with_offers_made(*ACCOUNTS[:3], most_timers=2)
    before, at = len(desk.outbox.segments), desk.clock.now
    values = [message("member.invited", when, id=f"m-{when}") for when in (NOON, at, at + 1)]
    records = [Record(*USAGE, 10 + n, b"acme", value, (), 0) for n, value in enumerate(values)]
    desk.intake.begin(Stream.USAGE, 10, 12)
    assert desk.intake.usages(desk.core, USAGE, records, 0) == 1
    assert (len(expired(desk)), desk.progress.stream_time) == (2, NOON)
    desk.intake.begin(Stream.USAGE, 11, 12)
    assert desk.intake.usages(desk.core, USAGE, records[1:], 0) == 2
    assert (expired(desk), desk.progress.stream_time) == (list(ACCOUNTS[:3]), at + 1)
    assert cuts(desk)[before:] == [("usage", 10, 10, None), ("tick", 11, 11, 2), ("usage", 11, 12, None)]


def test_usage_that_waits_and_is_the_first_leaves_no_segment_without_a_record() -> None:
    desk = with_offers_made(*ACCOUNTS[:3], most_timers=2)
    before = len(desk.outbox.segments)
    desk.intake.begin(Stream.USAGE, 10, 10)
    record = Record(*USAGE, 10, b"acme", message("member.invited", desk.clock.now, id="m"), (), 0)
    assert desk.intake.usages(desk.core, USAGE, [record], 0) == 0
    assert cuts(desk)[before:] == [("tick", 10, 10, 2)]


def test_no_more_timers_fire_in_one_go_however_many_records_they_fire_before() -> None:
    """One is due before each of three records: the third waits, and no tick is told, since none fired before it."""
    desk, hours = Desk(most_timers=2), range(3)
    for hour in hours:
        desk.clock.now = NOON + hour * HOUR_US
        account = ACCOUNTS[hour]
        desk.take(message("report.exported", NOON, id=f"of-{account}", subject=account), account.encode())
    made, before = desk.clock.now, len(desk.outbox.segments)
    desk.clock.now += 40 * 24 * HOUR_US
    bodies = [json.loads(row.value or b"") for row in desk.written("offers")]
    due = [to_us(datetime.fromisoformat(body["data"]["offer"]["expires_at"])) for body in bodies]
    assert len(set(due)) == 3
    assert made < min(due)
    values = [message("member.invited", at, id=f"m-{at}") for at in due]
    records = [Record(*USAGE, 10 + n, b"acme", value, (), 0) for n, value in enumerate(values)]
    desk.intake.begin(Stream.USAGE, 10, 12)
    assert desk.intake.usages(desk.core, USAGE, records, 0) == 2
    desk.intake.end()
    assert len(expired(desk)) == 2
    desk.intake.begin(Stream.USAGE, 12, 12)
    assert desk.intake.usages(desk.core, USAGE, records[2:], 0) == 1
    assert cuts(desk)[before:] == [("usage", 10, 11, None), ("usage", 12, 12, None)]
    assert expired(desk) == list(ACCOUNTS[:3])


def test_what_came_of_timers_can_be_kept_apart_from_what_comes_of_the_record_after_them() -> None:
    desk = with_offers_made(*ACCOUNTS[:3], most_timers=9)
    record = Record(*USAGE, 10, b"acme", message("file.shared", NOON + 1, id="e"), (), 0)
    late = record._replace(value=message("member.invited", desk.clock.now, id="m"))
    desk.intake.timing.apart, before = True, len(desk.outbox.segments)
    for handled, one in ((1, record), (0, late), (1, late)):
        desk.intake.begin(Stream.USAGE, 10, 10)
        assert desk.intake.usages(desk.core, USAGE, [one], 0) == handled
    assert cuts(desk)[before:] == [("usage", 10, 10, None), ("tick", 10, 10, 3), ("usage", 10, 10, None)]


def test_who_has_nobody_to_give_the_loop_to_fires_all() -> None:
    desk = with_offers_made(*ACCOUNTS, most_timers=None)
    assert desk.intake.timing.tick(desk.core) is False
    assert expired(desk) == list(ACCOUNTS)
