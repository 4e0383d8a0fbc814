from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from schemas.offers import Verb
from schemas.responses import ResponseKind
from services.offer_api.domain.row import SNOOZE, report
from services.offer_api.domain.shown import Viewer, best_first, is_shown, next_turn, state_at
from services.offer_api.domain.state import State
from tests.offer_api.makers import NOW, a_row, an_offer, later, made, snoozed, step

if TYPE_CHECKING:
    from services.offer_api.domain.row import OfferRow


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        pytest.param(a_row(), True, id="open"),
        pytest.param(a_row(made(), step("clicked", 2)), True, id="clicked"),
        pytest.param(a_row(made(), snoozed(2, later(seconds=1))), False, id="snoozed"),
        pytest.param(a_row(made(), snoozed(2, NOW)), True, id="snoozed until now"),
        pytest.param(a_row(made(offer=an_offer(expires_at=NOW))), False, id="its time is just over"),
        pytest.param(a_row(made(offer=an_offer(expires_at=later(microseconds=1)))), True, id="its time is not over"),
        pytest.param(a_row(made(), step("dismissed", 2)), False, id="dismissed"),
        pytest.param(report(a_row(), ResponseKind.DISMISSED, "r1", NOW), False, id="reported as dismissed"),
        pytest.param(report(a_row(), ResponseKind.SNOOZED, "r1", NOW), False, id="reported as snoozed"),
        pytest.param(
            report(a_row(), ResponseKind.SNOOZED, "r1", NOW - SNOOZE), True, id="a snooze nobody judged ended"
        ),
    ],
)
def test_only_open_offers_are_shown(row: OfferRow, *, shown: bool) -> None:
    assert is_shown(row, NOW) is shown


def test_an_offer_for_one_user_is_shown_to_that_user_alone() -> None:
    row = a_row(made(offer=an_offer(user="u-7")))
    seen_by = [user for user in (None, "u-7", "u-8") if Viewer("acme", user).looks_at(row)]
    assert seen_by == ["u-7"]


def test_an_offer_of_another_account_is_nobodys() -> None:
    assert not Viewer("other").looks_at(a_row())


@pytest.mark.parametrize(
    ("placements", "seen"),
    [((), True), (("banner",), True), (("modal", "upgrade_page"), True), (("modal",), False)],
)
def test_an_offer_is_shown_where_it_belongs(placements: tuple[str, ...], *, seen: bool) -> None:
    assert Viewer("acme", placements=frozenset(placements)).looks_at(a_row()) is seen


CSM = frozenset({"csm"})


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        pytest.param(Viewer("acme"), False, id="the account, anywhere"),
        pytest.param(Viewer("acme", placements=CSM), False, id="the account, even when it names the queue"),
        pytest.param(Viewer("acme", "u-7", CSM), False, id="the user whom it is about"),
        pytest.param(Viewer("acme", staff=True), False, id="staff, anywhere"),
        pytest.param(Viewer("acme", placements=frozenset({"banner"}), staff=True), False, id="staff, elsewhere"),
        pytest.param(Viewer("acme", placements=CSM, staff=True), True, id="staff, in the queue"),
        pytest.param(Viewer("other", placements=CSM, staff=True), False, id="staff of another account"),
    ],
)
def test_a_task_is_seen_by_staff_who_name_its_queue_and_by_nobody_else(viewer: Viewer, *, seen: bool) -> None:
    """S26: a task goes to a queue of people, and to no customer's front end."""
    row = a_row(made(offer=an_offer(verb=Verb.TASK, placements=("csm",), user="u-7")))
    assert viewer.looks_at(row) is seen


def test_staff_see_what_the_account_sees() -> None:
    assert Viewer("acme", staff=True).looks_at(a_row())
    assert not Viewer("acme", staff=True).looks_at(a_row(made(offer=an_offer(user="u-7"))))


def test_the_newest_comes_first_and_equal_ones_do_not_flicker() -> None:
    old, new_b, new_a = (
        a_row(made(offer=an_offer(offer_id, made_at=at)))
        for offer_id, at in (("old", NOW - timedelta(days=1)), ("b", NOW), ("a", NOW))
    )
    for rows in ([old, new_b, new_a], [new_a, old, new_b]):
        assert [row.offer.offer_id for row in best_first(rows)] == ["a", "b", "old"]


def test_the_best_comes_first_and_what_has_no_score_last() -> None:
    rows = [
        a_row(made(offer=an_offer(offer_id, score=None if score is None else Decimal(score), made_at=later(days=day))))
        for offer_id, score, day in (
            ("none", None, 9),
            ("least", "0", 8),
            ("best", "10", 0),
            ("older", "9.5", 1),
            ("newer", "9.500000", 2),
        )
    ]
    for given in (rows, rows[::-1]):
        assert [row.offer.offer_id for row in best_first(given)] == ["best", "newer", "older", "least", "none"]


def test_the_clock_turns_at_the_end_of_a_snooze_and_of_the_offer() -> None:
    row = a_row(made(offer=an_offer(expires_at=later(days=2))), snoozed(2, later(days=1)))
    assert next_turn(row, NOW) == later(days=1)
    assert next_turn(row, later(days=1)) == later(days=2)
    assert next_turn(row, later(days=2)) is None
    assert state_at(row, later(days=2)) is State.EXPIRED
