"""The oracle's calendar against the engine's: in zones whose clocks do what clocks can do."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle import days
from oracle.times import DAY
from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.calendar import Unit

ZONES = [
    None, "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "Asia/Kathmandu",
    "Pacific/Apia", "Pacific/Kiritimati", "Africa/Cairo", "Asia/Beirut", "America/Scoresbysund", "Antarctica/Troll",
    "Australia/Lord_Howe", "America/Havana", "nowhere",
]  # fmt: skip
TIMES = st.one_of(
    st.integers(-3_000_000_000, 5_000_000_000).map(lambda s: s * 1_000_000),
    st.integers(0, 20_000).flatmap(
        lambda day: st.integers(-14 * 3600, 14 * 3600).map(lambda s: (day * 86_400 + s) * 10**6)
    ),
    st.sampled_from([-(10**18), 10**19, 1_325_286_000_000_000]),
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(ZONES), TIMES, st.integers(0, 40))
def test_days_weeks_and_months_begin_and_end_alike(name: str | None, at: int, months: int) -> None:
    ours, theirs = days.zone(name), calendar.zone(name)
    assert days.day_of(at, ours) == calendar.day_of(at, theirs)
    for unit in Unit:
        first = calendar.first_day(unit, at, theirs)
        assert days.first_day(unit, at, ours) == first
        assert days.end_of(unit, at, ours) == calendar.end_of(unit, at, theirs)
        assert days.moved(unit, first, -3) == calendar.moved(unit, first, -3)
    assert days.add_months(at, months, ours) == calendar.add_months(at, months, theirs)


@pytest.mark.parametrize("name", [name for name in ZONES if name not in (None, "UTC", "nowhere")])
def test_every_change_of_clocks_is_met(name: str) -> None:
    ours, theirs = days.zone(name), calendar.zone(name)
    assert ours is not UTC
    offsets = [days._shown(day * DAY, ours) for day in range(5_000, 21_000)]
    changes = [5_000 + at for at in range(1, len(offsets)) if offsets[at] - offsets[at - 1] != timedelta(days=1)]
    assert changes
    for change in changes:
        for day in range(change - 2, change + 2):
            assert days.start_of_day(day, ours) == calendar.start_of_day(day, theirs)
            for minute in range(0, 24 * 60, 37):
                at = day * DAY + minute * days.MINUTE
                assert days.day_of(at, ours) == calendar.day_of(at, theirs)
