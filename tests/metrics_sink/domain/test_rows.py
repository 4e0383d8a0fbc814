from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from schemas.codec import UnreadableEvent
from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Reason
from schemas.outcomes import Change, Outcome
from services.metrics_sink.domain.rows import MAX_INTEGER, OutcomeRow, decision_row, fact_row, outcome_row
from tests.metrics_sink.events import decided, fact, judged

RENAMED = {"user": "for_user", "by": "by_user"}


def test_an_outcome_becomes_one_wide_row() -> None:
    row = outcome_row(
        judged(
            "o-1",
            2,
            Change.ACCEPTED,
            account="acme",
            user="u-1",
            by="u-2",
            segments=("small_team", "eu"),
            levels={"engagement": "high"},
            report={"industry": "retail"},
            price_difference=Decimal("18.50"),
            currency="USD",
            seats=3,
        )
    )
    assert (row.offer_id, row.sequence, row.change, row.account) == ("o-1", 2, "accepted", "acme")
    assert (row.for_user, row.by_user) == ("u-1", "u-2")
    assert (row.segments, row.levels) == (["small_team", "eu"], {"engagement": "high"})
    assert row.report == {"industry": "retail"}
    assert (row.price_difference, row.currency) == (Decimal("18.50"), "USD")


def test_nothing_that_an_outcome_says_is_left_out() -> None:
    said = {RENAMED.get(name, name) for name in Outcome.model_fields}
    assert {field.name for field in fields(OutcomeRow)} == said | {"account"}


def test_times_are_kept_in_utc() -> None:
    vienna = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert outcome_row(judged("o", 1, Change.MADE, at=vienna)).at == datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"version": MAX_INTEGER + 1}, id="a version"),
        pytest.param({"seats": MAX_INTEGER + 1}, id="seats"),
        pytest.param({"seats": -MAX_INTEGER - 2}, id="seats below nothing"),
        pytest.param({"at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))}, id="a time before the year 1"),
        pytest.param({"made_at": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=5)))}, id="after 9999"),
    ],
)
def test_what_no_column_can_hold_is_invalid_and_not_a_crash(said: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEvent) as told:
        outcome_row(judged("o", 1, Change.MADE, **said))
    assert told.value.reason is DeadLetterReason.INVALID
    assert told.value.detail.startswith(next(iter(said)))


def test_the_largest_number_that_fits_is_taken() -> None:
    assert outcome_row(judged("o", 1, Change.MADE, version=MAX_INTEGER)).version == MAX_INTEGER


def test_a_fact_keeps_its_value_with_characters_that_can_be_stored() -> None:
    row = fact_row(fact("f", name="mo\0tto", value=["a\0", {"k\0": True}], seats=3), 5)
    assert row.value == {"name": "mo\ufffdtto", "value": ["a\ufffd", {"k\ufffd": True}], "seats": 3}


def test_a_decision_keeps_the_whole_record() -> None:
    row = decision_row(decided("d", Reason.OPEN_TICKET, meters={"storage_gb": Decimal("4.50")}))
    assert (row.verdict, row.reason) == ("withheld", "open_ticket")
    assert isinstance(row.document, dict)
    assert row.document["meters"] == {"storage_gb": "4.50"}
    assert decision_row(decided("d")).reason is None
