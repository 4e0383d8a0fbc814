"""Microseconds and datetimes, there and back, exactly."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.instants import FIRST_US, LAST_US, to_datetime, to_us


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_point_in_time_survives(moment: datetime) -> None:
    assert to_datetime(to_us(moment)) == moment


def test_an_offset_is_reckoned_with() -> None:
    assert to_us(datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))) == 0


def test_what_lies_after_the_year_9999_is_told_as_its_end() -> None:
    late = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12)))
    assert to_us(late) > LAST_US
    assert to_datetime(to_us(late)) == datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def test_what_lies_before_the_year_1_is_told_as_its_begin() -> None:
    early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=12)))
    assert to_us(early) < FIRST_US
    assert to_datetime(to_us(early)) == datetime(1, 1, 1, tzinfo=UTC)
