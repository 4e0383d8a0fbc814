"""The record of a decision: frozen inputs, every candidate with where it ended, and what becomes of its moments."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.decisions import Stage, Verdict
from schemas.facts import AccountCreated, AttributeSet, PlanChanged, ProductBought, TicketOpened
from schemas.outcomes import OfferJudged
from services.trigger_engine.domain.deciding.making import MAX_SEGMENTS
from services.trigger_engine.domain.deciding.reporting import MAX_LENGTH
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import T0, Bench, D, H, decision, dumped, offer, only
from tests.trigger_engine.domain.deciding.judging import LEVELS, PHOTOS, REPORT, bound, one

MORE = "segments:\n  big: account.team > 4\n  sick: account.health < 50\n  new: account.age < 3d\n"


def test_a_decision_tells_what_the_account_was_put_down_as() -> None:
    bench = one("", product=LEVELS, more=MORE)
    bench.use("file.shared")
    bench.tell(AttributeSet, name="team", value=Decimal(7))
    told = decision(bench.use("report.exported"))
    assert (told.levels, told.segments) == ({"engagement": "low"}, ("big", "new"))


def test_it_freezes_what_its_conditions_ask_of_the_account_and_nothing_else() -> None:
    """All that the conditions of these offers, the segments and the levels ask about, as far as known."""
    bench = one("for: account.industry == 'retail' && account.seats > 2", "{not_before: {account.age: 3d}}", more=MORE)
    bench.tell(AccountCreated, at=T0 - 9 * D, plan="plus", term="month", seats=3)
    bench.tell(AttributeSet, name="industry", value="retail")
    bench.tell(AttributeSet, name="team", value=Decimal(7))
    bench.tell(AttributeSet, name="beta", value=True)
    bench.tell(ProductBought, product="room")
    told = dumped(decision(bench.use("report.exported")))
    assert told["account"] == {
        "plan": "plus", "term": "month", "seats": 3, "owned": ["room"], "industry": "retail", "team": 7,
        "open_offers": [],
    }  # fmt: skip


def test_times_and_numbers_are_told_as_everywhere() -> None:
    bench = one("for: account.plan_since < now && account.price >= 0.0 && account.health > 1.0")
    bench.tell(PlanChanged, plan="plus", term="month", at=T0 - D)
    bench.tell(AttributeSet, name="health", value=Decimal("12.50"))
    told = decision(bench.use("report.exported")).account
    assert (told["plan_since"], told["price"], told["health"]) == ("2026-02-28T09:00:00Z", "10.000000", "12.50")


def test_the_meters_are_those_of_its_moments_and_those_that_are_asked_about() -> None:
    more = "segments:\n  sharing: meters.shares >= 9 && total(meters.signatures) > 1\n"
    bench = one("", product=LEVELS, more=more)
    bench.use("file.shared", quantity=2)
    bench.store(4)
    told = decision(bench.use("report.exported"))
    assert told.meters == {"exports": Decimal(1), "shares": Decimal(2), "total(signatures)": Decimal(0)}


def test_a_candidate_tells_how_far_it_came_with_what_score_and_until_when() -> None:
    offers = [
        PHOTOS,
        "b: {on: [first_report], add: room, boost: 0.5}",
        "c: {on: [first_report], add: cable, for: account.seats > 9}",
    ]
    bench = Bench(bound([REPORT], offers))
    told = decision(bench.use("report.exported"))
    assert [(one_of.stage, one_of.reason, one_of.score is not None) for one_of in told.candidates] == [
        (Stage.ARBITRATED, None, True), (Stage.ARBITRATED, "outscored", True), (Stage.ELIGIBLE, "unknown", False),
    ]  # fmt: skip
    quiet = one("", "{quiet_when: [{open_ticket: 1d}]}")
    quiet.tell(TicketOpened, ticket="1")
    assert decision(quiet.use("report.exported")).candidates[0].until is None


def test_what_nothing_came_of_is_told_all_the_same() -> None:
    bench = one("for: account.seats > 9")
    told = decision(bench.use("report.exported"))
    assert (told.verdict, told.reason, told.offer_id, told.attempt) == (Verdict.WITHHELD, "unknown", None, 1)
    assert told.at == to_datetime(T0)
    assert (told.input.stream, told.input.event_type) == ("usage", "report.exported")


def test_what_a_timer_brings_about_has_no_message_behind_it() -> None:
    bench = one("runs: {from: 2026-03-02}")
    bench.use("report.exported")
    told = decision(bench.wait(15 * H))
    assert (told.input.stream, told.input.offset, told.input.event_id) == ("timer", None, None)


# --- outcomes -----------------------------------------------------------------------------------


def test_an_outcome_tells_what_the_account_was_when_the_offer_was_made() -> None:
    bench = one("report_by: [engagement, big, industry, beta, plan]", product=LEVELS, more=MORE)
    bench.tell(AttributeSet, name="team", value=Decimal(7))
    bench.tell(AttributeSet, name="industry", value="retail")
    bench.use("file.shared", quantity=5)
    made = offer(bench.use("report.exported")).offer_id
    bench.tell(AttributeSet, name="team", value=Decimal(1), at=T0 + 1)
    bench.tell(PlanChanged, plan="plus", at=T0 + 1)
    told = only(OfferJudged, bench.respond(made, "accepted")).data
    assert (told.levels, told.segments) == ({"engagement": "high"}, ("big", "new"))
    assert told.report == {"engagement": "high", "big": "true", "industry": "retail", "plan": "free"}
    assert told.plan == "plus"


def test_what_is_told_with_an_outcome_is_bounded() -> None:
    count = MAX_SEGMENTS + 4
    more = "segments:\n" + "".join(f"  s{n}: account.team < {n + 9}\n" for n in range(count))
    bench = one("report_by: [industry]", more=more)
    bench.tell(AttributeSet, name="industry", value="x" * 200)
    events = bench.use("report.exported")
    told = only(OfferJudged, events).data
    assert told.segments == tuple(f"s{n}" for n in range(MAX_SEGMENTS))
    assert told.report == {"industry": "x" * MAX_LENGTH}
    assert len(decision(events).segments) == count


@pytest.mark.parametrize(("team", "told"), [(7, "true"), (1, "false")])
def test_a_segment_is_reported_by_in_words(team: int, told: str) -> None:
    bench = one("report_by: [big, sick]", more=MORE)
    bench.tell(AttributeSet, name="team", value=Decimal(team))
    assert only(OfferJudged, bench.use("report.exported")).data.report == {"big": told}
