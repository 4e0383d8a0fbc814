"""Tenure is counted in months of the calendar where the account is."""

from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.calendar import zone
from services.trigger_engine.domain.instants import to_datetime, to_us
from services.trigger_engine.domain.moments.tenure import TenureState, due, timed
from services.trigger_engine.domain.playbook.moments import TenureMoment
from tests.trigger_engine.domain.building import D
from tests.trigger_engine.domain.reference.dates import months_on, shown

UTC_ZONE = zone(None)


def at(text: str) -> int:
    return to_us(datetime.fromisoformat(text))


def moment(months: int = 12) -> TenureMoment:
    return TenureMoment("one_year", "plan_since", months, D)


@pytest.mark.parametrize(
    ("place", "since", "months", "full"),
    [
        pytest.param("UTC", "2025-03-01T09:00Z", 12, "2026-03-01T09:00Z", id="a year"),
        pytest.param("UTC", "2026-01-31T09:00Z", 1, "2026-02-28T09:00Z", id="the end of a shorter month"),
        pytest.param("UTC", "2026-01-31T09:00Z", 2, "2026-03-31T09:00Z", id="and of one as long"),
        pytest.param("UTC", "2024-02-29T09:00Z", 12, "2025-02-28T09:00Z", id="a leap day"),
        pytest.param("UTC", "2024-02-29T09:00Z", 48, "2028-02-29T09:00Z", id="and the next"),
        pytest.param("Europe/Berlin", "2026-01-29T01:30Z", 2, "2026-03-29T01:30Z", id="an hour that is left out"),
        pytest.param("America/New_York", "2026-02-01T02:00Z", 1, "2026-03-01T02:00Z", id="it was January there still"),
        pytest.param("Pacific/Apia", "2011-11-30T22:00Z", 1, "2011-12-30T22:00Z", id="a day that was left out"),
    ],
)
def test_months_are_full_by_the_calendar(place: str, since: str, months: int, full: str) -> None:
    expected, state = at(full), TenureState()
    assert due(moment(months), state, at(since), zone(place)) == expected
    early, fires = timed(moment(months), state, at(since), zone(place), expected - 1, 0)
    assert fires is None
    state, fires = timed(moment(months), early, at(since), zone(place), expected, 0)
    assert fires == expected
    assert due(moment(months), state, at(since), zone(place)) is None


def test_it_fires_when_the_months_were_full_however_late_the_timer_is() -> None:
    since, much_later = at("2025-03-01T09:00Z"), at("2027-01-01T00:00Z")
    assert timed(moment(), TenureState(), since, UTC_ZONE, much_later, 0)[1] == at("2026-03-01T09:00Z")


def test_it_fires_once_and_re_arms_when_the_fact_changes() -> None:
    """S30: twelve months on one plan; another plan begins anew."""
    state, fired = TenureState(), []
    first, second = at("2024-03-01T09:00Z"), at("2025-05-01T09:00Z")
    for since, reached in ((first, "2025-03-01T09:00Z"), (first, "2025-04-01T00:00Z"), (second, "2026-04-30T00:00Z"),
                           (second, "2026-05-01T09:00Z"), (second, "2029-01-01T00:00Z")):  # fmt: skip
        state, fires = timed(moment(), state, since, UTC_ZONE, at(reached), 0)
        fired.extend([] if fires is None else [(to_datetime(fires).year, state.arm)])
    assert fired == [(2025, 0), (2026, 1)]


def test_a_fact_that_changes_before_the_months_are_full_moves_them() -> None:
    state, _ = timed(moment(), TenureState(), at("2025-03-01T09:00Z"), UTC_ZONE, at("2025-12-01T00:00Z"), 0)
    later = at("2025-06-01T09:00Z")
    assert due(moment(), state, later, UTC_ZONE) == at("2026-06-01T09:00Z")
    assert timed(moment(), state, later, UTC_ZONE, at("2026-03-01T09:00Z"), 0)[1] is None


def test_what_was_full_before_it_was_published_is_old_news() -> None:
    since, full = at("2025-03-01T09:00Z"), at("2026-03-01T09:00Z")
    state, fires = timed(moment(), TenureState(), since, UTC_ZONE, full + D, full + 1)
    assert (fires, due(moment(), state, since, UTC_ZONE)) == (None, None)
    assert timed(moment(), TenureState(), since, UTC_ZONE, full + D, full)[1] == full


def test_an_unknown_begin_waits() -> None:
    assert due(moment(), TenureState(), None, UTC_ZONE) is None
    assert timed(moment(), TenureState(), None, UTC_ZONE, at("2026-03-01T09:00Z"), 0) == (TenureState(), None)


def test_who_moves_after_it_fired_is_told_once() -> None:
    since = at("2025-03-01T02:00Z")
    state, fires = timed(moment(), TenureState(), since, UTC_ZONE, at("2026-03-01T02:00Z"), 0)
    assert fires is not None
    moved, again = timed(moment(), state, since, zone("America/New_York"), at("2026-03-02T00:00Z"), 0)
    assert (moved, again) == (state, None)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=TenureState) == state


@given(
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "America/Havana"]),
    st.integers(at("1995-01-01T00:00Z"), at("2035-12-31T00:00Z")),
    st.integers(1, 60),
)
def test_it_is_full_on_the_day_that_walking_over_the_calendar_finds(place: str, since: int, months: int) -> None:
    full = due(moment(months), TenureState(), since, zone(place))
    assert full is not None
    there = shown(to_datetime(full), place)
    wanted = months_on(shown(to_datetime(since), place).date(), months)
    assert (there.date() - wanted).days in (0, 1)  # 1: the clocks left that time of day out
    assert there.date() == wanted or shown(to_datetime(full - D // 24), place).date() < wanted
