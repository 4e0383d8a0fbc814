from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.outcomes import Change
from services.metrics_sink.domain.batch import outcome_batch
from services.metrics_sink.domain.erasure import Erasure
from services.metrics_sink.domain.rows import FactRow, OutcomeRow, fact_row, outcome_row
from tests.metrics_sink.events import AT, fact, judged


def made(offer_id: str, account: str) -> OutcomeRow:
    return outcome_row(judged(offer_id, 1, Change.MADE, account=account))


def told(fact_id: str, account: str) -> FactRow:
    return fact_row(fact(fact_id, account), 0)


GONE = Erasure("gone", AT, AT)
LATER = Erasure("gone", AT + timedelta(hours=1), AT + timedelta(hours=2))


def test_outcomes_and_facts_are_kept_apart_and_in_order() -> None:
    batch = outcome_batch([made("1", "a"), told("1", "a"), made("2", "b")])
    assert [row.offer_id for row in batch.outcomes] == ["1", "2"]
    assert [row.fact_id for row in batch.facts] == ["1"]
    assert batch.erased == ()


def test_an_erasure_takes_all_of_the_account_before_it_and_nothing_after_it() -> None:
    batch = outcome_batch(
        [
            made("1", "gone"),
            told("1", "gone"),
            made("2", "stays"),
            GONE,
            made("3", "gone"),
        ]
    )
    assert [row.offer_id for row in batch.outcomes] == ["2", "3"]
    assert batch.facts == ()
    assert batch.erased == (GONE,)
    assert batch.refused == 2


@pytest.mark.parametrize("order", [(GONE, LATER), (LATER, GONE), (LATER, LATER)])
def test_erasing_twice_is_erasing_once_and_the_later_one_counts(order: tuple[Erasure, ...]) -> None:
    assert outcome_batch(order).erased == (LATER,)
