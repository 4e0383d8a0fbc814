from __future__ import annotations

from schemas.outcomes import Change
from services.metrics_sink.domain.batch import ERASED, outcome_batch
from services.metrics_sink.domain.rows import FactRow, OutcomeRow, fact_row, outcome_row
from tests.metrics_sink.events import fact, judged


def made(offer_id: str, account: str) -> OutcomeRow:
    return outcome_row(judged(offer_id, 1, Change.MADE, account=account))


def told(fact_id: str, account: str, kind: str = "rung.seats_changed") -> FactRow:
    return fact_row(fact(fact_id, account, kind))


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
            told("2", "gone", ERASED),
            made("3", "gone"),
        ]
    )
    assert [row.offer_id for row in batch.outcomes] == ["2", "3"]
    assert batch.facts == ()
    assert batch.erased == ("gone",)


def test_erasing_twice_is_erasing_once() -> None:
    batch = outcome_batch([told("1", "gone", ERASED), told("2", "gone", ERASED)])
    assert (batch.erased, batch.facts) == (("gone",), ())
