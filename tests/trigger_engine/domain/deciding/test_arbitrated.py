"""Stage 4: of all that is left, at most one offer is made."""

from decimal import Decimal
from itertools import permutations

import pytest

from schemas.decisions import Stage
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, REPORT, Bench, decision, offer, reason, rules

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
