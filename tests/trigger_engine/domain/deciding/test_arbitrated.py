"""Stage 4: of all that is left, at most one offer is made."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decisions import Stage
from schemas.facts import ProductBought
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import (
    ACME,
    FULL,
    MORE,
    PHOTOS,
    REPORT,
    T0,
    Bench,
    D,
    decision,
    offer,
    reason,
    rules,
)
from tests.trigger_engine.domain.deciding.judging import why_revoked
from tests.trigger_engine.domain.deciding.selling import SHOP

if TYPE_CHECKING:
    import random

    from schemas.envelope import Envelope

A = "a: {on: [first_report], add: photos}"
B = "b: {on: [first_report], add: room}"


def winner(*offers: str) -> str:
    return offer(Bench(rules([REPORT], offers)).use("report.exported")).offer


@pytest.mark.parametrize(
    ("offers", "wins"),
    [
        pytest.param([A, B.replace("}", ", boost: 1.1}")], "b", id="the higher score"),
        pytest.param([A.replace("}", ", boost: 0.999999}"), B], "b", id="by however little"),
        pytest.param([A.replace("}", ", family: z}"), B.replace("}", ", family: y}")], "b", id="else the first family"),
        pytest.param([B.replace("}", ", family: z}"), A.replace("}", ", family: z}")], "a", id="else the first name"),
    ],
)
def test_the_best_wins_and_ties_break_by_a_fixed_rule(offers: list[str], wins: str) -> None:
    for order in permutations(offers):
        assert winner(*order) == wins


def test_the_losers_are_told_by_whom() -> None:
    told = decision(Bench(rules([REPORT], [A, B])).use("report.exported"))
    assert [(one.offer, one.stage, one.reason, one.detail, one.score) for one in told.candidates] == [
        ("a", Stage.ARBITRATED, None, None, Decimal("3.000000")),
        ("b", Stage.ARBITRATED, "outscored", "a", Decimal("3.000000")),
    ]


def test_an_offer_carries_the_score_that_it_won_with() -> None:
    events = Bench(rules([REPORT], [B.replace("}", ", boost: 1.5}"), A])).use("report.exported")
    (won,) = [one for one in decision(events).candidates if one.reason is None]
    assert (offer(events).offer, offer(events).score, won.score) == ("b", Decimal("4.500000"), Decimal("4.500000"))


def test_a_place_holds_one_offer() -> None:
    """S58, in part: one open offer per placement, not all offers at once."""
    bench = Bench(rules([FULL, REPORT], [MORE, PHOTOS]))
    bench.store(8)
    told = decision(bench.use("report.exported"))
    assert (told.reason, told.candidates[0].detail) == ("placement_taken", "banner by more")


def test_another_place_is_free() -> None:
    bench = Bench(rules([FULL, REPORT], [MORE, PHOTOS.replace("}", ", placements: [modal]}")]))
    bench.store(8)
    assert reason(bench.use("report.exported")) is None


@pytest.mark.parametrize("response", ["accepted", "dismissed"])
def test_a_place_is_free_again_when_its_offer_is_over(response: str) -> None:
    bench = Bench(rules([FULL, REPORT], [MORE, PHOTOS]))
    bench.respond(offer(bench.store(8)).offer_id, response)
    assert reason(bench.use("report.exported")) is None


def test_one_input_makes_one_decision_and_at_most_one_offer() -> None:
    shared = "shared: {milestone: shares, reaches: 1}"
    onboarded = "onboarded: {onboarding: [file.shared]}"
    offers = ["a: {on: [shared], add: photos}", "b: {on: [onboarded], add: room, placements: [modal], boost: 2}"]
    events = Bench(rules([shared, onboarded], offers)).use("file.shared")
    told = decision(events)
    assert [moment.moment for moment in told.moments] == ["shared", "onboarded"]
    assert (offer(events).offer, told.offer_id) == ("b", offer(events).offer_id)


def test_what_an_earlier_stage_removed_does_not_compete() -> None:
    top = "top: {on: [first_report], upgrade_to: enterprise, boost: 9}"
    told = decision(Bench(rules([REPORT], [top, A])).use("report.exported"))
    assert [(one.offer, one.reason, one.score) for one in told.candidates] == [
        ("top", "not_adjacent", None),
        ("a", None, Decimal("3.000000")),
    ]


# --- a place that is taken ----------------------------------------------------------------------

SHARED = "shared: {milestone: shares, reaches: 1}"


def taken(newcomer: str) -> tuple[Bench, list[Envelope]]:
    """A newcomer for a place in which an offer of the score 3 is open."""
    bench = Bench(rules([REPORT, SHARED], [A, f"b: {{on: [shared], add: room{newcomer}}}"]))
    bench.use("report.exported")
    return bench, bench.use("file.shared")


@pytest.mark.parametrize("boost", ["0.1", "0.999999"])
def test_a_newcomer_with_no_higher_score_waits_until_the_place_is_free(boost: str) -> None:
    bench, events = taken(f", boost: {boost}")
    told = decision(events)
    assert (told.reason, told.held) == ("placement_taken", ("shared",))
    assert told.candidates[0].until == to_datetime(T0 + 7 * D)
    (open_one,) = bench.account(ACME).open_offers()
    assert offer(bench.respond(open_one.offer_id, "accepted")).offer == "b"


def test_one_of_the_same_score_waits_too() -> None:
    bench, events = taken("")
    assert decision(events).candidates[0].score == Decimal("3.000000")
    assert reason(events) == "placement_taken"
    assert [known.offer for known in bench.account(ACME).open_offers()] == ["a"]


def test_a_newcomer_with_a_higher_score_takes_the_place_and_the_other_is_taken_back() -> None:
    bench, events = taken(", boost: 1.000001")
    assert [event.type for event in events] == [
        "rung.decided", "rung.offer_revoked", "rung.offer_judged", "rung.offer_made", "rung.offer_judged",
    ]  # fmt: skip
    assert why_revoked(events) == ["superseded"]
    assert [known.offer for known in bench.account(ACME).open_offers()] == ["b"]
    assert [made.offer for made in bench.account(ACME).made] == ["b"]


def test_one_that_takes_several_places_must_beat_all_that_is_there() -> None:
    offers = [
        A.replace("}", ", placements: [banner]}"),
        "c: {on: [more], add: cable, placements: [modal], boost: 9}",
        "b: {on: [shared], add: room, placements: [banner, modal], boost: 2}",
    ]
    bench = Bench(rules([REPORT, SHARED, "more: {milestone: exports, reaches: 2}"], offers))
    bench.use("report.exported")
    bench.use("report.exported")
    told = decision(bench.use("file.shared"))
    assert (told.reason, told.candidates[0].detail) == ("placement_taken", "modal by c")
    assert len(bench.account(ACME).open_offers()) == 2


def test_a_queue_has_room_for_tasks_of_several_moments_and_takes_no_place_of_an_offer() -> None:
    task = "{on: [%s], task: banner, note: Call}"
    offers = [f"t1: {task % 'first_report'}", f"t2: {task % 'shared'}", "b: {on: [more], add: room}"]
    bench = Bench(rules([REPORT, SHARED, "more: {milestone: exports, reaches: 2}"], offers))
    for event in ("report.exported", "file.shared", "report.exported"):
        assert reason(bench.use(event)) is None
    assert [known.offer for known in bench.account(ACME).open_offers()] == ["t1", "t2", "b"]


# --- bundles ------------------------------------------------------------------------------------


def test_a_bundle_goes_before_what_it_contains_whatever_the_score() -> None:
    """S33: one bundle instead of several offers."""
    offers = [
        "photos_alone: {on: [first_report], add: photos, boost: 9}",
        "sign_alone: {on: [first_report], add: sign, boost: 9}",
        "cable_alone: {on: [first_report], add: cable, boost: 0.1}",
        "both: {on: [first_report], bundle: pair}",
    ]
    events = Bench(rules([REPORT], offers, product=SHOP)).use("report.exported")
    assert offer(events).offer == "both"
    assert [(one.reason, one.detail) for one in decision(events).candidates] == [
        ("in_bundle", "both"), ("in_bundle", "both"), ("outscored", "both"), (None, None),
    ]  # fmt: skip


def test_a_bundle_that_can_not_be_offered_keeps_nothing_away() -> None:
    offers = ["alone: {on: [first_report], add: photos}", "both: {on: [first_report], bundle: pair}"]
    bench = Bench(rules([REPORT], offers, product=SHOP))
    bench.tell(ProductBought, product="sign")
    assert offer(bench.use("report.exported")).offer == "alone"


# --- what stays the same ------------------------------------------------------------------------

SCORES = st.lists(st.sampled_from(["0.5", "1", "1.0", "2"]), min_size=2, max_size=5)


@given(SCORES, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_in_which_offers_are_written_decides_nothing(boosts: list[str], chance: random.Random) -> None:
    written = [
        f"o{place}: {{on: [first_report], add: photos, boost: {boost}, family: f{place % 2}}}"
        for place, boost in enumerate(boosts)
    ]
    shuffled = list(written)
    chance.shuffle(shuffled)
    assert winner(*written) == winner(*shuffled)
