"""What earlier offers came to, through the core; and absences that were none."""

from __future__ import annotations

import pytest

from schemas.facts import PlanChanged
from schemas.offers import OfferMade, OfferRevoked
from tests.trigger_engine.domain.building import Bench, D, H, decision, offer, only, rules
from tests.trigger_engine.domain.watching.kinds import fired, since_start, wait_until, watching

REPORT = "first_report: {milestone: exports, reaches: 1}"
FIRST = "first: {on: [first_report], add: photos, open_for: 2d}"


def bench(ending: str, within: str = "") -> Bench:
    return Bench(
        rules(
            [REPORT, f"came: {{outcome: {ending}, of: first{within}}}"],
            [FIRST, "second: {on: [came], add: cable, placements: [modal]}"],
        )
    )


@pytest.mark.parametrize(
    ("ending", "responses"),
    [
        pytest.param("presented", ["presented"], id="presented"),
        pytest.param("clicked", ["presented", "clicked"], id="clicked"),
        pytest.param("accepted", ["accepted"], id="accepted"),
        pytest.param("dismissed", ["dismissed"], id="dismissed"),
        pytest.param("snoozed", ["snoozed"], id="snoozed"),
    ],
)
def test_what_people_do_with_an_offer_is_an_outcome(ending: str, responses: list[str]) -> None:
    """A follow-up is an offer on the outcome of another."""
    made = bench(ending)
    first = offer(made.use("report.exported")).offer_id
    told = [made.respond(first, response) for response in responses]
    assert [bool(fired(events)) for events in told] == [*[False] * (len(responses) - 1), True]
    assert offer(told[-1]).offer == "second"
    assert decision(told[-1]).input.stream == "responses"


def test_an_outcome_fires_once_for_each_offer() -> None:
    made = bench("presented")
    first = offer(made.use("report.exported")).offer_id
    assert [len(fired(made.respond(first, response))) for response in ("presented", "presented")] == [1, 0]


@pytest.mark.parametrize(("after", "found"), [(H, 1), (H + 1, 0)])
def test_an_outcome_is_one_within_a_span_after_the_offer_was_made(after: int, found: int) -> None:
    made = bench("accepted", ", within: 1h")
    first = offer(made.use("report.exported")).offer_id
    made.now += after
    assert len(fired(made.respond(first, "accepted"))) == found


@pytest.mark.parametrize(
    ("ending", "seen", "found"),
    [("expired", False, [2 * D]), ("expired", True, [2 * D]), ("ignored", True, [2 * D]), ("ignored", False, [])],
)
def test_ignored_is_what_expired_after_it_was_presented(ending: str, *, seen: bool, found: list[int]) -> None:
    made = bench(ending)
    first = offer(made.use("report.exported")).offer_id
    if seen:
        made.respond(first, "presented")
    told = wait_until(made, 9 * D)
    assert since_start(told) == found


def test_what_a_decision_puts_a_better_offer_in_the_place_of_is_no_outcome() -> None:
    """One input makes one decision; and there is a better offer now."""
    better = "better: {on: [more_reports], add: room, boost: 2.0}"
    gone = ["came: {outcome: revoked, of: first}", "more_reports: {milestone: exports, reaches: 2}"]
    made = Bench(rules([REPORT, *gone], [FIRST, better, "second: {on: [came], add: cable, placements: [modal]}"]))
    made.use("report.exported")
    events = made.use("report.exported")
    assert only(OfferRevoked, events).data.reason == "superseded"
    assert [moment.moment for moment in decision(events).moments] == ["more_reports"]
    assert [event for event in wait_until(made, 9 * D) if fired([event])] == []


def test_what_facts_take_back_is_an_outcome_of_the_same_input() -> None:
    made = Bench(
        rules(
            ["full: {limit: storage_gb, at: [80%]}", "gone: {outcome: revoked, of: more}"],
            ["more: {on: [full], upgrade_to: next on personal}", "then: {on: [gone], add: cable, placements: [modal]}"],
        )
    )
    made.store(8)
    told = made.tell(PlanChanged, plan="plus")
    assert only(OfferRevoked, told).data.offer_id != only(OfferMade, told).data.offer.offer_id
    assert decision(told).input.event_type == "rung.plan_changed"


# --- absences that were none --------------------------------------------------------------------


def test_an_answer_that_only_came_late_takes_the_offer_of_an_absence_back() -> None:
    """An event within the lateness can still complete what a timer closed, if its own time was before the deadline."""
    made = Bench(watching("stalled: {absence: file.shared, after: member.invited, within: 1d}"))
    made.floor = made.now - D
    made.use("member.invited")
    assert offer(wait_until(made, D)).offer == "photos_"
    told = made.use("file.shared", at=made.now - H)
    assert only(OfferRevoked, told).data.reason == "undone"
