"""The journal tells of which times usage was taken: whatever was set or raised on the way, and whatever is left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from oracle.recorded import RecordedLogs
from oracle.records import DEAD_LETTERS, STATE
from oracle.stored import POSITION
from oracle.verify import Options, verify
from oracle.violations import Kind
from services.kit.clock import to_datetime
from tests.oracle.tampering import Tampering
from tests.oracle.test_power import AT_ONCE
from tests.oracle.test_sweeps import PLAYBOOK, PRODUCT
from tests.oracle.whole.dry import Dry
from tests.oracle.whole.playing import START_US, published
from tests.oracle.whole.stories import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.tampering import Body

DAY_S = 24 * 3_600
AGO = (0, HOUR, 3 * HOUR, 6 * HOUR, 9 * HOUR, 12 * HOUR)
ROOM = 36
"""Ids that are kept: what comes in six turns. Then the floor rises, and what is of some hours ago is late."""


def begun(**how: Any) -> Dry:
    dry = Dry(START_US + 5 * DAY, 1, **how)
    dry.tell_sets(published(PRODUCT, PLAYBOOK, at=START_US, backfill=how.get("by_log", False)))
    return dry


def hours(dry: Dry, count: int, *ahead: int) -> None:
    """So many hours pass; each brings usage of now, of several times before, and of so far ahead."""
    for _ in range(count):
        dry.clock.now += HOUR
        for ago in (*AGO, *(-one for one in ahead)):
            number = len(dry.records["usage", 0])
            event = {
                "specversion": "1.0", "id": f"e-{number}", "source": "app", "type": "report.exported",
                "subject": f"acc-{number % 3}", "time": to_datetime(dry.clock.now - ago).isoformat(), "data": {},
            }  # fmt: skip
            dry.send("usage", event)
        dry.turn()


def raised() -> RecordedLogs:
    """Half-way there were more ids than are kept."""
    dry = begun(max_seen=ROOM)
    hours(dry, 12)
    return dry.logs


def set_to(*lateness_us: int) -> RecordedLogs:
    """The engine was started anew with each of these settings."""
    dry = begun()
    for setting in lateness_us:
        dry.set_lateness(setting)
        hours(dry, 5)
    return dry.logs


def backfilled() -> RecordedLogs:
    """In a backfill some usage was further ahead than an event may be, and some was not."""
    dry = begun(by_log=True)
    hours(dry, 6, 4 * MINUTE, 10 * MINUTE)
    return dry.logs


RUNS: dict[str, Callable[[], RecordedLogs]] = {
    "the bound on ids raised the floor": raised,
    "the setting was lowered": lambda: set_to(DAY, 2 * HOUR),
    "the setting was raised": lambda: set_to(2 * HOUR, DAY),
    "the setting was lowered and raised again": lambda: set_to(DAY, 2 * HOUR, DAY),
    "history was replayed": backfilled,
}


def compacted(logs: RecordedLogs) -> RecordedLogs:
    """Of each key in the state log only the last record is left."""
    records = dict(logs.records)
    last = {record.key: record for record in records[STATE, 0]}
    records[STATE, 0] = [record for record in records[STATE, 0] if last[record.key] is record]
    return RecordedLogs(logs.prefix, records)


def letters(logs: RecordedLogs) -> int:
    return len(logs.records[DEAD_LETTERS, 0])


def test_what_the_runs_are_for_happens_in_them() -> None:
    """In each run usage is set aside that would count with another bound, and the other way round."""
    found = {name: letters(made()) for name, made in RUNS.items()}
    assert letters(set_to(DAY)) == 0
    assert found["history was replayed"] == 6
    assert all(0 < count < 50 for count in found.values()), found
    entries = [json.loads(record.value or b"") for record in raised().records["engine-journal", 0]]
    risen = ["floor" in entry for entry in entries]
    assert risen[:6] == [False] * 6
    assert sum(risen) > 3


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("left", ["all positions", "the last position"])
def test_a_right_run_is_found_right_whatever_bounds_it_went_by(name: str, left: str) -> None:
    logs = RUNS[name]()
    if left == "the last position":
        logs = compacted(logs)
        assert sum(record.key == POSITION for record in logs.records[STATE, 0]) == 1
    report = verify(logs, AT_ONCE)
    assert [str(violation) for violation in report.violations] == []
    assert (report.total("raised") > 3) is (RUNS[name] is raised)


@pytest.mark.parametrize("keeps", [DAY, 2 * HOUR])
def test_a_run_whose_journal_does_not_tell_goes_by_its_newest_position(keeps: int) -> None:
    """As older engines wrote it: right, as long as nothing was set anew."""
    tampering = Tampering(set_to(keeps))
    for place in list(tampering.every("engine-journal")):
        tampering.edit(place, lambda body: body.pop("lateness_s"))
    assert verify(tampering.logs, AT_ONCE).violations == []


def test_a_raised_floor_that_only_the_positions_tell_is_taken_from_them() -> None:
    """As older engines wrote it; how late usage may be has to be said then."""
    tampering = Tampering(raised())
    for place in list(tampering.every("engine-journal")):
        tampering.edit(place, lambda body: [body.pop(name, None) for name in ("lateness_s", "floor")])
    report = verify(tampering.logs, Options(lateness_s=DAY_S, wait=AT_ONCE.wait))
    assert [str(violation) for violation in report.violations] == []
    assert report.total("raised") > 3


def test_what_is_said_of_the_lateness_goes_before_what_the_journal_tells() -> None:
    assert verify(set_to(DAY), Options(lateness_s=DAY_S, wait=AT_ONCE.wait)).violations == []
    assert verify(set_to(DAY), Options(lateness_s=2 * 3_600, wait=AT_ONCE.wait)).violations


def later(body: Body) -> None:
    body.update(floor=body["floor"] + 6 * HOUR)


def earlier(body: Body) -> None:
    body.update(floor=body["floor"] - 3 * HOUR)


LIES: dict[str, tuple[Callable[[], RecordedLogs], str, Callable[[Body], object]]] = {
    "the floor did not rise": (raised, "floor", lambda body: body.pop("floor")),
    "the floor rose further": (raised, "floor", later),
    "the floor rose less": (raised, "floor", earlier),
    "usage could be later": (lambda: set_to(2 * HOUR), "lateness_s", lambda body: body.update(lateness_s=DAY_S)),
    "usage could be less late": (lambda: set_to(DAY), "lateness_s", lambda body: body.update(lateness_s=7_200)),
    "the clock was ahead": (backfilled, "now", lambda body: body.update(now=body["now"] + 8 * MINUTE)),
    "the clock was behind": (backfilled, "now", lambda body: body.update(now=body["now"] - 2 * MINUTE)),
}


@pytest.mark.parametrize("name", LIES)
@pytest.mark.parametrize("left", [lambda logs: logs, compacted], ids=["all positions", "the last position"])
def test_a_journal_by_which_other_usage_counts_is_found_out(
    name: str, left: Callable[[RecordedLogs], RecordedLogs]
) -> None:
    made, field, lie = LIES[name]
    tampering = Tampering(left(made()))
    for place in list(tampering.every("engine-journal", lambda body: field in body))[:-1]:
        tampering.edit(place, lie)  # not the last one: no position is left of these where all but one are gone
    found = verify(tampering.logs, AT_ONCE).violations
    assert DEAD_LETTERS in {violation.topic for violation in found}, "\n".join(map(str, found))


@pytest.mark.parametrize("by", [1, -DAY])
def test_a_floor_rises_and_by_whole_hours(by: int) -> None:
    tampering = Tampering(raised())
    tampering.edit(
        tampering.first("engine-journal", lambda body: "floor" in body),
        lambda body: body.update(floor=body["floor"] + by),
    )
    assert Kind.JOURNAL in {violation.kind for violation in verify(tampering.logs, AT_ONCE).violations}


def test_the_clock_of_a_backfill_is_what_its_position_tells_and_never_goes_backwards() -> None:
    tampering = Tampering(backfilled())
    second = list(tampering.every("engine-journal"))[1]
    tampering.edit(second, lambda body: body.update(now=body["now"] - 2 * HOUR))
    found = {violation.kind for violation in verify(tampering.logs, AT_ONCE).violations}
    assert {Kind.JOURNAL, Kind.POSITION} <= found
