from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from schemas.outcomes import Change
from services.metrics_sink.domain.batch import DecisionBatch, OutcomeBatch
from services.metrics_sink.domain.erasure import Erasure
from services.metrics_sink.domain.rows import decision_row, fact_row, outcome_row
from tests.metrics_sink.events import AT, decided, fact, judged

INSTANT = timedelta(microseconds=1)
WAITED = timedelta(minutes=10)
"""How long the log had waited for the engine."""

ERASED = Erasure("acme", AT, AT + WAITED)
STANDING = {"acme": ERASED}


@pytest.mark.parametrize(
    ("at", "before"),
    [
        pytest.param(AT - INSTANT, True, id="before"),
        pytest.param(AT, True, id="at the same instant"),
        pytest.param(AT + INSTANT, False, id="after"),
    ],
)
def test_a_fact_is_of_before_by_its_event_time(at: datetime, before: bool) -> None:
    assert ERASED.covers(fact_row(fact("f", at=at), 0)) is before


@pytest.mark.parametrize(
    ("at", "before"),
    [
        pytest.param(AT + INSTANT, True, id="decided late, of what happened before"),
        pytest.param(AT + WAITED, True, id="at the same instant"),
        pytest.param(AT + WAITED + INSTANT, False, id="after"),
    ],
)
def test_what_the_engine_made_is_of_before_by_the_engines_time(at: datetime, before: bool) -> None:
    assert ERASED.covers(decision_row(decided("d", at=at))) is before
    made = outcome_row(judged("o", 1, Change.MADE, made_at=at, at=at))
    ended = outcome_row(judged("o", 2, Change.EXPIRED, made_at=at, at=AT + timedelta(days=30)))
    assert (ERASED.covers(made), ERASED.covers(ended)) == (before, before)


def test_of_two_erasures_the_older_takes_nothing_back() -> None:
    older = Erasure("acme", AT - WAITED, AT + WAITED + INSTANT)
    assert older.joined(ERASED) == ERASED.joined(older) == Erasure("acme", AT, AT + WAITED + INSTANT)
    assert ERASED.joined(None) == ERASED


def test_a_batch_is_rid_of_what_is_of_before_and_says_how_much() -> None:
    back = AT + WAITED + INSTANT
    outcomes = tuple(
        outcome_row(judged(offer, 1, Change.MADE, account=account, made_at=at))
        for offer, account, at in (("old", "acme", AT), ("new", "acme", back), ("theirs", "other", AT))
    )
    facts = tuple(fact_row(fact(name, at=at), 0) for name, at in (("old", AT), ("new", back)))
    batch = OutcomeBatch(outcomes, facts, refused=1).without(STANDING)
    assert (batch.outcomes, batch.facts, batch.refused) == (outcomes[1:], facts[1:], 3)
    decisions = tuple(decision_row(decided(name, at=at)) for name, at in (("old", AT), ("new", back)))
    assert DecisionBatch(decisions).without(STANDING) == DecisionBatch(decisions[1:], 1)
