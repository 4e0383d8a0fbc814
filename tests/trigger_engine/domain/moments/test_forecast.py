"""A forecast says when a limit will be reached, as sure as it was asked to be."""

from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.trigger_engine.domain.calendar import start_of_day, zone
from services.trigger_engine.domain.moments.forecast import (
    LEAST_DAYS,
    MAX_TOTALS,
    PAST_DAYS,
    Forecast,
    ForecastState,
    Outlook,
    counted,
    due,
    timed,
)
from services.trigger_engine.domain.playbook.moments import ForecastMoment
from services.trigger_engine.domain.playbook.product import UNLIMITED, LimitValue
from services.trigger_engine.domain.playbook.trend_moments import MAX_FORECAST_DAYS
from tests.trigger_engine.domain.building import ACME, D, H
from tests.trigger_engine.domain.reference.moments import chance

BERLIN = zone("Europe/Berlin")
TODAY = 20_537
"""2026-03-25, a Wednesday, four days before the clocks are set forward in Berlin."""


def soon(within: int = 10, confidence: str = "0.8") -> ForecastMoment:
    return ForecastMoment("running_out", "storage_gb", within, Decimal(confidence), D)


def outlook(value: int, limit: LimitValue | int | None = 100, *, resets: int | None = None, known: int = 60) -> Outlook:
    """Known since so many days; the period ends when so many more are over."""
    return Outlook(
        Decimal(value),
        Decimal(limit) if isinstance(limit, int) else limit,
        None if resets is None else start_of_day(TODAY + 1 + resets, BERLIN),
        start_of_day(TODAY + 1 - known, BERLIN),
    )


def used(*totals: int) -> ForecastState:
    """These totals on the days up to today, all of them looked at but the last."""
    state = ForecastState()
    for day, total in enumerate(totals, TODAY + 1 - len(totals)):
        at = start_of_day(day, BERLIN) + 12 * H
        state = counted(state, at, Decimal(total), BERLIN, at - D)
    return ForecastState(state.totals, TODAY - 1)


def tonight(
    state: ForecastState, stands: Outlook, moment: ForecastMoment | None = None, account: str = ACME
) -> Forecast | None:
    midnight = due(state, BERLIN)
    assert midnight == start_of_day(TODAY + 1, BERLIN)
    return timed(moment or soon(), state, midnight, BERLIN, stands, account)[1]


STEADY = [2] * PAST_DAYS


@pytest.mark.parametrize(
    ("totals", "stands", "days"),
    [
        pytest.param(STEADY, outlook(80), 10, id="just within the days asked for"),
        pytest.param(STEADY, outlook(79), None, id="one short"),
        pytest.param(STEADY, outlook(99), 1, id="tomorrow"),
        pytest.param(STEADY, outlook(100), None, id="reached already: nothing to say"),
        pytest.param(STEADY, outlook(80, None), None, id="an unknown limit"),
        pytest.param(STEADY, outlook(80, UNLIMITED), None, id="without end"),
        pytest.param(STEADY, outlook(80, resets=10), 10, id="the period ends just then"),
        pytest.param(STEADY, outlook(80, resets=9), None, id="the period ends a day before"),
        pytest.param(STEADY, outlook(98, resets=0), None, id="the period is over"),
        pytest.param([-2] * PAST_DAYS, outlook(80), None, id="it gets less"),
        pytest.param([2] * LEAST_DAYS, outlook(80, known=LEAST_DAYS), 10, id="seven days are enough"),
        pytest.param([2] * LEAST_DAYS, outlook(80, known=LEAST_DAYS - 1), None, id="six are not"),
        pytest.param([28, *[0] * 5, 28], outlook(99, known=28), 10, id="days of nothing are days"),
    ],
)
def test_a_limit_is_seen_coming(totals: list[int], stands: Outlook, days: int | None) -> None:
    """S10: the date at which the next tier is reached is shown."""
    found = tonight(used(*totals), stands, soon(confidence="0.5") if totals[0] == 28 else None)
    assert (found is None) == (days is None)
    if found is not None and days != 10:
        assert found.day == TODAY + (days or 0)


def test_the_date_is_the_first_by_which_it_is_sure_enough() -> None:
    found = tonight(used(*STEADY), outlook(90))
    assert found == Forecast(TODAY + 5, Decimal(1), start_of_day(TODAY + 1, BERLIN))


def test_only_the_last_four_weeks_count() -> None:
    state = used(*[50] * 10, *[0] * (PAST_DAYS - 1), 1)
    assert tonight(state, outlook(90)) is None
    assert max(state.totals) - min(state.totals) <= PAST_DAYS + 1


def test_the_same_day_of_the_same_account_says_the_same_for_ever() -> None:
    weekly = [0, 5, 1, 0, 9, 2, 3] * 4
    stands = outlook(75)
    once, again = ([tonight(used(*weekly), stands, soon(confidence="0.1"), name) for name in "abcdef"] for _ in "12")
    assert once == again
    told = [(found.day - TODAY, str(found.confidence)) for found in once if found is not None]
    assert told == [(6, "0.625"), (6, "0.645"), (6, "0.665"), (6, "0.64"), (6, "0.64"), (5, "0.7")]  # since the first


@given(
    st.lists(st.integers(-3, 9), min_size=LEAST_DAYS, max_size=LEAST_DAYS),
    st.integers(1, 25),
    st.integers(1, 4),
    st.text(max_size=5),
)
@settings(max_examples=40)
def test_the_share_is_as_large_as_counting_every_way_says(
    past: list[int], missing: int, within: int, account: str
) -> None:
    assume(any(past))
    exact = chance([Decimal(one) for one in past], Decimal(missing), within)
    found = tonight(used(*past), outlook(100 - missing, known=LEAST_DAYS), soon(within, "0.005"), account)
    share = 0.0 if found is None else float(found.confidence)
    assert abs(share - exact) < 0.18  # five times what chance does to 200 draws


@pytest.mark.parametrize("confidence", ["0.5", "0.8", "0.95"])
def test_it_fires_from_the_share_asked_for_on(confidence: str) -> None:
    fired = 0
    for missing in range(1, 40):
        stands = outlook(100 - missing)
        sure = tonight(used(*[0, 5, 1, 0, 9, 2, 3] * 4), stands, soon(confidence="0.005"))
        found = tonight(used(*[0, 5, 1, 0, 9, 2, 3] * 4), stands, soon(confidence=confidence))
        assert (found is not None) == (sure is not None and sure.confidence >= Decimal(confidence))
        fired += found is not None
    assert 0 < fired < 39


# --- day after day ------------------------------------------------------------------------------


def test_it_looks_once_a_day_and_re_arms_after_thirty() -> None:
    state, fired = ForecastState(), []
    for day in range(TODAY, TODAY + 80):
        while (midnight := due(state, BERLIN)) is not None and midnight <= start_of_day(day, BERLIN):
            state, found = timed(soon(), state, midnight, BERLIN, outlook(90, known=1), ACME)
            fired.extend([(found.at, state.arm)] if found else [])
            assert due(state, BERLIN) != midnight
        at = start_of_day(day, BERLIN) + H
        state = counted(state, at, Decimal(2), BERLIN, at - D)
    assert fired[0] == (start_of_day(TODAY + LEAST_DAYS, BERLIN), 0)
    assert [arm for _, arm in fired] == [0, 1, 2]
    assert all(30 * D <= later[0] - earlier[0] < 31 * D for earlier, later in pairwise(fired))


def test_four_silent_weeks_stop_the_clock_and_usage_starts_it_anew() -> None:
    state, looked = used(2), 0
    while (midnight := due(state, BERLIN)) is not None:
        state, _ = timed(soon(), state, midnight, BERLIN, outlook(10), ACME)
        looked += 1
    assert looked == PAST_DAYS
    at = start_of_day(TODAY + 400, BERLIN) + H
    state = counted(state, at, Decimal(1), BERLIN, at - D)
    assert due(state, BERLIN) == start_of_day(TODAY + 401, BERLIN)
    assert len(state.totals) == 1


def test_before_its_time_it_says_nothing() -> None:
    state = used(*STEADY)
    assert timed(soon(), state, start_of_day(TODAY + 1, BERLIN) - 1, BERLIN, outlook(90), ACME) == (state, None)
    assert timed(soon(), ForecastState(), 10**18, BERLIN, outlook(90), ACME) == (ForecastState(), None)


def test_the_bound_forgets_the_oldest_day_and_the_state_survives_its_bytes() -> None:
    state = ForecastState()
    for day in range(300):
        state = counted(state, start_of_day(day, BERLIN), Decimal("1.5"), BERLIN, 0)
    assert (len(state.totals), max(state.totals)) == (MAX_TOTALS, 299)
    raw = msgspec.msgpack.encode(state)
    assert msgspec.msgpack.decode(raw, type=ForecastState) == state
    assert len(raw) < 12 * MAX_TOTALS


def test_the_widest_look_ahead_is_exact_about_a_steady_pace() -> None:
    found = tonight(used(*STEADY), outlook(0, 2 * MAX_FORECAST_DAYS), soon(MAX_FORECAST_DAYS))
    assert found is not None
    assert found.day == TODAY + MAX_FORECAST_DAYS
