from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.responses import ResponseKind
from services.offer_api.domain.row import MAX_TAKEN, fold, report
from services.offer_api.domain.shown import state_at
from services.offer_api.domain.state import State
from tests.offer_api.makers import NOW, a_row, an_offer, changed, later, made, revoked, snoozed, step

if TYPE_CHECKING:
    from services.offer_api.domain.row import OfferWord

LIFE: tuple[OfferWord, ...] = (
    made(),
    step("presented", 2),
    changed("acme", an_offer(version=8), 3),
    step("clicked", 4),
    snoozed(5, later(hours=1)),
    step("dismissed", 6, response="r1"),
)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        pytest.param([made()], State.OPEN, id="made"),
        pytest.param([made(), step("presented", 2)], State.PRESENTED, id="presented"),
        pytest.param([made(), step("clicked", 2), step("presented", 3)], State.CLICKED, id="seen again after a click"),
        pytest.param([made(), snoozed(2, later(hours=1))], State.SNOOZED, id="snoozed"),
        pytest.param(
            [made(), snoozed(2, later(hours=1)), step("presented", 3)], State.SNOOZED, id="seen elsewhere while snoozed"
        ),
        pytest.param([made(), step("accepted", 2)], State.ACCEPTED, id="accepted"),
        pytest.param([made(), step("dismissed", 2)], State.DISMISSED, id="dismissed"),
        pytest.param([made(), step("expired", 2)], State.EXPIRED, id="expired"),
        pytest.param([made(), revoked(2)], State.REVOKED, id="revoked"),
        pytest.param([made(), step("dismissed", 2), step("clicked", 3)], State.DISMISSED, id="a click after the end"),
    ],
)
def test_the_engines_word_gives_the_state(words: list[OfferWord], state: State) -> None:
    assert state_at(a_row(*words), NOW) is state


@given(st.lists(st.integers(0, len(LIFE) - 1), max_size=12))
def test_reading_the_log_again_changes_nothing(again: list[int]) -> None:
    once = a_row(*LIFE)
    row = once
    for number in again:
        row = fold(row, LIFE[number], 100 + number) or row
    assert row is once


def test_a_change_of_an_offer_that_is_not_known_makes_no_row() -> None:
    assert fold(None, step("presented", 2), 5) is None


def test_a_replaced_offer_keeps_its_life_and_gets_its_new_content() -> None:
    row = a_row(made(), step("presented", 2), changed("acme", an_offer(version=8), 3))
    assert (row.offer.version, row.state, row.offset) == (8, State.PRESENTED, 2)


@pytest.mark.parametrize("kind", list(ResponseKind))
def test_what_was_reported_shows_until_the_engine_has_judged_it(kind: ResponseKind) -> None:
    assert state_at(report(a_row(), kind, "r1", NOW), NOW) == State(kind)


def test_the_engines_end_takes_the_place_of_what_was_reported() -> None:
    reported = report(a_row(), ResponseKind.ACCEPTED, "r1", NOW)
    ended = fold(reported, revoked(2), 9)
    assert ended is not None
    assert (state_at(ended, NOW), ended.report) == (State.REVOKED, None)


def test_an_earlier_judgement_does_not_bring_a_dismissed_offer_back() -> None:
    row = report(report(a_row(), ResponseKind.PRESENTED, "r1", NOW), ResponseKind.DISMISSED, "r2", NOW)
    judged = fold(row, step("presented", 2, response="r1"), 9)
    assert judged is not None
    assert state_at(judged, NOW) is State.DISMISSED


def test_a_judged_report_is_no_report_any_more() -> None:
    row = fold(report(a_row(), ResponseKind.PRESENTED, "r1", NOW), step("presented", 2, response="r1"), 9)
    assert row is not None
    assert row.report is None


def test_the_same_response_is_noted_once() -> None:
    once = report(a_row(), ResponseKind.CLICKED, "r1", NOW)
    assert report(once, ResponseKind.CLICKED, "r1", later(hours=1)) is once


def test_a_response_to_an_offer_that_is_over_is_remembered_and_changes_nothing_else() -> None:
    row = report(a_row(made(), step("accepted", 2)), ResponseKind.DISMISSED, "r9", NOW)
    assert (state_at(row, NOW), row.taken) == (State.ACCEPTED, ("r9",))


def test_only_the_newest_response_ids_are_remembered() -> None:
    row = a_row()
    for number in range(MAX_TAKEN + 1):
        row = report(row, ResponseKind.PRESENTED, f"r{number}", NOW)
    assert (len(row.taken), row.taken[0], row.taken[-1]) == (MAX_TAKEN, "r1", f"r{MAX_TAKEN}")
