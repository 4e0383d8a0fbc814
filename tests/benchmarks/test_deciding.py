"""What is measured of deciding is decisions of which an offer comes, and measuring leaves no trace."""

from __future__ import annotations

import gc

import pytest

from benchmarks.deciding import rules, times


@pytest.mark.parametrize(("offers", "moments"), [(20, 1), (60, 20)])
def test_each_decision_is_measured_and_the_look_for_garbage_is_as_before(offers: int, moments: int) -> None:
    before = gc.get_threshold()
    found = times(rules(offers, moments), 3)
    assert len(found) == 3
    assert min(found) > 0
    assert gc.get_threshold() == before


def test_a_decision_without_an_offer_is_not_measured() -> None:
    made = rules(20)
    stopped = made.pausing(frozenset(made.by_name), made.version)
    with pytest.raises(AssertionError, match="nothing was offered"):
        times(stopped, 1)
