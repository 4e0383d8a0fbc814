from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from services.kit.clock import SystemClock, to_datetime, to_us


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_and_datetimes_are_the_same_moment(moment: datetime) -> None:
    assert to_datetime(to_us(moment)) == moment


def test_an_offset_from_utc_is_taken_into_account() -> None:
    noon_in_vienna = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert to_datetime(to_us(noon_in_vienna)) == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_the_machines_clock_counts_microseconds_since_1970() -> None:
    clock = SystemClock()
    # a reading in another unit would be off by a factor of a thousand
    assert datetime(2026, 1, 1, tzinfo=UTC) < to_datetime(clock.now_us()) < datetime(2126, 1, 1, tzinfo=UTC)


def test_monotonic_time_does_not_go_backwards() -> None:
    clock = SystemClock()
    first = clock.monotonic()
    assert clock.monotonic() >= first
