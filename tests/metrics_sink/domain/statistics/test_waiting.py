from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.metrics_sink.domain.statistics.waiting import Waited, median, still_waiting

waited = st.lists(st.builds(Waited, st.integers(0, 400), st.booleans()), min_size=1, max_size=200)


@given(waited)
def test_the_steps_are_those_of_scipy(accounts: list[Waited]) -> None:
    steps = still_waiting(accounts)
    happened = [float(one.time) for one in accounts if one.happened]
    went_on = [float(one.time) for one in accounts if not one.happened]
    reference = stats.ecdf(stats.CensoredData(happened, right=went_on)).sf
    for step in steps:
        assert float(step.waiting) == pytest.approx(reference.evaluate(step.time))
    assert [step.time for step in steps] == sorted({one.time for one in accounts if one.happened})


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=199).filter(lambda times: len(times) % 2))
def test_when_nobody_waits_any_longer_it_is_the_median_that_all_know(times: list[int]) -> None:
    assert median(still_waiting(Waited(time, happened=True) for time in times)) == np.median(times)


def test_who_still_waits_counts_among_the_waiting_up_to_now() -> None:
    seven = [Waited(6, happened=True)] * 3 + [Waited(6, happened=False), Waited(7, happened=True)]
    steps = still_waiting([*seven, Waited(9, happened=False), Waited(10, happened=True)])
    assert [(step.time, step.waiting) for step in steps] == [
        (6, Fraction(4, 7)),
        (7, Fraction(4, 7) * Fraction(2, 3)),
        (10, Fraction(0)),
    ]
    assert median(steps) == 7


def test_leaving_out_who_waits_would_make_it_look_faster() -> None:
    happened = [Waited(day, happened=True) for day in range(1, 42)]
    waiting = [Waited(60, happened=False)] * 40
    assert median(still_waiting(happened)) == 21
    assert median(still_waiting(happened + waiting)) == 41


def test_while_more_than_half_wait_the_median_is_not_known_yet() -> None:
    assert median(still_waiting([Waited(3, happened=True), *[Waited(30, happened=False)] * 2])) is None
    assert median(still_waiting([])) is None
