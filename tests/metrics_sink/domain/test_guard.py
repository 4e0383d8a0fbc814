from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from services.metrics_sink.domain.guard import ALPHA, Guard, Reaction, broken
from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.sample_ratio import Split

GUARD = Guard(after=200, dismissed=Decimal("0.4"), tickets=Decimal("0.2"))
NONE = Arm.of_share(0, 0)
HALF = Split(2_000, 1_000, Fraction(1, 2))


def said_no(dismissed: int, seen: int) -> Reaction:
    return Reaction(seen, dismissed, (NONE, NONE), Split(0, 0, Fraction(1, 2)))


def asked_for_help(treated: int, held_out: int, split: Split = HALF) -> Reaction:
    return Reaction(1_000, 0, (Arm.of_share(1_000, treated), Arm.of_share(1_000, held_out)), split)


@pytest.mark.parametrize(
    ("dismissed", "seen", "stops"),
    [
        pytest.param(199, 199, False, id="not looked at before so many have seen it"),
        pytest.param(80, 200, False, id="at the share"),
        pytest.param(90, 200, False, id="above it, as chance may have it"),
        pytest.param(120, 200, True, id="above it for certain"),
        pytest.param(4_300, 10_000, True, id="a little above it for certain, of many"),
        pytest.param(0, 200, False, id="nobody minds"),
    ],
)
def test_noes_stop_an_offer_when_they_are_certain(dismissed: int, seen: int, stops: bool) -> None:
    assert (broken(GUARD, said_no(dismissed, seen)) is not None) is stops


def test_it_is_said_why_in_the_words_of_the_guard() -> None:
    assert broken(GUARD, said_no(120, 200)) == (
        "stop_if: dismissed by 120 of 200 accounts that saw it, for certain more than 40%"
    )
    assert broken(GUARD, asked_for_help(500, 200)) == (
        "stop_if: 500 tickets of 1000 accounts, against 200 of 1000 held out, for certain more than +20%"
    )


@pytest.mark.parametrize(
    ("treated", "stops"),
    [
        pytest.param(240, False, id="a fifth more"),
        pytest.param(290, False, id="more than that, as chance may have it"),
        pytest.param(400, True, id="more than that for certain"),
    ],
)
def test_tickets_stop_an_offer_when_there_are_more_by_more_than_the_guard_allows(treated: int, stops: bool) -> None:
    assert (broken(GUARD, asked_for_help(treated, 200)) is not None) is stops


def test_tickets_of_a_broken_split_stop_nothing() -> None:
    assert broken(GUARD, asked_for_help(400, 200, Split(2_000, 1_000, Fraction(1, 20)))) is None


def test_what_a_guard_does_not_name_does_not_matter() -> None:
    assert broken(Guard(200, tickets=Decimal("0.2")), said_no(200, 200)) is None
    assert broken(Guard(200, dismissed=Decimal("0.4")), asked_for_help(500, 200)) is None


def test_an_offer_that_keeps_within_its_guard_is_hardly_ever_stopped_however_often_it_is_looked_at() -> None:
    chance = np.random.default_rng(5)
    runs = 200
    stopped = 0
    for _ in range(runs):
        noes = np.cumsum(chance.random(5_000) < 0.4)
        stopped += any(broken(GUARD, said_no(int(noes[n - 1]), n)) for n in range(200, 5_001, 50))
    assert stopped <= ALPHA * runs
