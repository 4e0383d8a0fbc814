from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.metrics_sink.domain.statistics.share import log_evidence, share_between

ALPHA = 0.05


@pytest.mark.parametrize(("did", "seen", "share"), [(0, 10, 0.2), (7, 20, 0.5), (450, 1_000, 0.4)])
def test_the_evidence_is_scipy_s_beta_binomial_against_its_binomial(did: int, seen: int, share: float) -> None:
    mixed = stats.betabinom.logpmf(did, seen, 0.5, 0.5)
    alone = stats.binom.logpmf(did, seen, share)
    assert log_evidence(did, seen, share) == pytest.approx(mixed - alone)


@pytest.mark.parametrize("share", [0.05, 0.4])
def test_on_average_the_evidence_stays_where_it_began(share: float) -> None:
    seen = 60
    chances = stats.binom.pmf(range(seen + 1), seen, share)
    assert sum(chance * exp(log_evidence(did, seen, share)) for did, chance in enumerate(chances)) == pytest.approx(1)


seen_and_did = st.integers(1, 5_000).flatmap(lambda seen: st.tuples(st.integers(0, seen), st.just(seen)))


@given(seen_and_did)
def test_the_share_seen_is_always_left_and_the_bounds_are_where_the_evidence_says(counted: tuple[int, int]) -> None:
    did, seen = counted
    lower, upper = share_between(did, seen, ALPHA)
    assert 0 <= lower <= did / seen <= upper <= 1
    for bound in (lower, upper):
        if 0 < bound < 1:
            assert log_evidence(did, seen, bound) == pytest.approx(-log(ALPHA), abs=1e-6)


@given(seen_and_did)
def test_it_is_wider_than_an_interval_for_one_look(counted: tuple[int, int]) -> None:
    did, seen = counted
    once = stats.binomtest(did, seen).proportion_ci(1 - ALPHA, method="wilson")
    lower, upper = share_between(did, seen, ALPHA)
    assert upper - lower > once.high - once.low


def test_of_nobody_everything_is_left() -> None:
    assert share_between(0, 0, ALPHA) == (0.0, 1.0)


def test_looking_after_every_account_leaves_the_truth_out_in_at_most_one_of_twenty_runs() -> None:
    share, seen, runs = 0.3, 2_000, 300
    chance = np.random.default_rng(3)
    wrong = 0
    for _ in range(runs):
        did = np.cumsum(chance.random(seen) < share)
        wrong += any(log_evidence(int(did[n - 1]), n, share) >= -log(ALPHA) for n in range(1, seen + 1, 10))
    assert wrong / runs <= ALPHA
