"""Any number of timers may be due at one instant. What fits into one go is fired, and the journal tells how many."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from oracle.verify import verify
from oracle.violations import Kind
from services.kit.clock import to_datetime
from tests.oracle.mutations.making import mutations_of
from tests.oracle.tampering import NotThere, Tampering
from tests.oracle.test_power import AT_ONCE
from tests.oracle.whole.dry import Dry
from tests.oracle.whole.mutations import ticks
from tests.oracle.whole.playing import START_US, published
from tests.oracle.whole.stories import DAY, HOUR

if TYPE_CHECKING:
    from oracle.recorded import RecordedLogs
    from tests.oracle.tampering import Body

PRODUCT: Final = """
product: files
history: starts_empty
default_plan: free
events: {page.viewed: {}}
meters: {views: {count: page.viewed}}
plans: [{id: free, price: 0}, {id: plus, price: {month: 10}}]
ladders: {personal: [free, plus]}
placements: [banner]
"""
PLAYBOOK: Final = """
playbook: growing
moments: {grows: {growth: views, by: 10%, of: day, periods: 1, from: 1}}
offers: {more: {on: [grows], upgrade_to: next on personal}}
"""
ACCOUNTS: Final = 12
MOST_TIMERS: Final = 5
MUTATIONS: Final = mutations_of(ticks)


def midnights(days: int, *, by_log: bool = False, idle: bool = True, goes_on: bool = True) -> RecordedLogs:
    """Days go by, and accounts do something at noon; if not ``idle``, as soon as it is midnight.

    If the engine does not go on, it forgets in the night what a tick has left.
    """
    dry = Dry(START_US + (DAY // 2 if idle else 1), 1, by_log=by_log, most_timers=MOST_TIMERS)
    dry.goes_on = lambda: goes_on
    dry.tell_sets(published(PRODUCT, PLAYBOOK, at=START_US, backfill=by_log))
    for day in range(days):
        view(dry, *range(ACCOUNTS if day % 7 < 5 else 1), times=1 + day)
        dry.turn()
        dry.clock.now += 18 * HOUR
        if idle:
            dry.turn()
        dry.clock.now += 6 * HOUR
    return dry.logs


def view(dry: Dry, *accounts: int, times: int) -> None:
    for account in accounts:
        for _ in range(times):
            number = len(dry.records["usage", 0])
            event = {
                "specversion": "1.0", "id": f"e-{number}", "source": "app", "type": "page.viewed",
                "subject": f"acc-{account}", "time": to_datetime(dry.clock.now + number).isoformat(), "data": {},
            }  # fmt: skip
            dry.send("usage", event)


@pytest.fixture(scope="module")
def runs() -> dict[str, RecordedLogs]:
    """Time passes in silence; before usage, at the wall's time and in the log's own."""
    return {
        "in silence": midnights(18),
        "before usage": midnights(18, idle=False),
        "in a backfill": midnights(18, by_log=True),
    }


def segments(logs: RecordedLogs) -> list[Body]:
    entries = [json.loads(record.value or b"") for record in logs.records["engine-journal", 0]]
    return [segment for entry in entries for segment in entry["segments"]]


def test_the_oracle_agrees_wherever_an_engine_cuts_what_is_due(runs: dict[str, RecordedLogs]) -> None:
    for name, run in runs.items():
        report = verify(run, AT_ONCE)
        assert [str(violation) for violation in report.violations] == []
        assert report.total("digests") == report.total("transactions") > 18
        cut = ticks.is_cut if name == "in silence" else ticks.is_cut_before_usage
        assert sum(map(cut, segments(run))) > 9
    assert len(runs["in silence"].records["offers", 0]) >= ACCOUNTS


def test_what_a_tick_has_left_must_not_be_forgotten() -> None:
    found = verify(midnights(18, goes_on=False), AT_ONCE).violations
    assert {violation.kind for violation in found} == {Kind.MISSING}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_oracle_finds_a_cut_that_was_none(runs: dict[str, RecordedLogs], name: str) -> None:
    tried = 0
    for run in runs.values():
        tampering = Tampering(run)
        try:
            MUTATIONS[name].change(tampering)
        except NotThere:
            continue
        tried += 1
        assert MUTATIONS[name].kinds <= {violation.kind for violation in verify(tampering.logs, AT_ONCE).violations}
    assert tried
