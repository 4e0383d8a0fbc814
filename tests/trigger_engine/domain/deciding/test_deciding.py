"""The record of a decision, and what comes with it."""

from decimal import Decimal

import pytest

from schemas.codec import decode_decision, decode_offer, decode_outcome, encode
from schemas.decisions import Decided
from schemas.facts import AttributeSet, OnboardingCompleted, PlanChanged, ProductBought
from schemas.offers import OfferChanged, OfferMade
from schemas.outcomes import FactAccepted, OfferJudged
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import (
    FULL,
    MORE,
    PHOTOS,
    PRODUCT,
    REPORT,
    T0,
    Bench,
    D,
    decision,
    offer,
    only,
    rules,
)


def test_a_decision_tells_what_it_was_made_of() -> None:
    bench = Bench(rules([FULL], [MORE]))
    bench.tell(PlanChanged, plan="free", term="month", seats=4)
    bench.tell(ProductBought, product="photos")
    bench.tell(OnboardingCompleted)
    told = decision(bench.store(8))
    assert told.account == {
        "plan": "free",
        "term": "month",
        "seats": 4,
        "owned": ["photos"],
        "onboarding": "completed",
        "open_offers": [],
    }
    assert told.meters == {"storage_gb": Decimal(8)}
    assert (told.version, told.at) == (7, to_datetime(T0))
    assert (told.input.stream, told.input.partition, told.input.offset) == ("usage", 0, 4)
    assert (told.input.event_id, told.input.event_type, told.input.event_time) == (
        "e-4",
        "file.stored",
        to_datetime(T0),
    )


def test_a_decision_leaves_out_what_nobody_knows() -> None:
    bench = Bench(rules([FULL], [MORE]))
    assert decision(bench.store(8)).account == {"plan": "free", "owned": [], "open_offers": []}


def test_a_decision_knows_the_account_as_it_was_before_it() -> None:
    bench = Bench(rules([FULL], [MORE]))
    first = decision(bench.store(8))
    second = decision(bench.store(1))
    assert (first.account["open_offers"], second.account["open_offers"]) == ([], [first.offer_id])


def test_a_decision_comes_first_and_then_the_offer_and_its_outcome() -> None:
    bench = Bench(rules([FULL], [MORE]))
    assert [type(event) for event in bench.store(8)] == [Decided, OfferMade, OfferJudged]
    assert [type(event) for event in bench.store(1)] == [Decided, OfferChanged, OfferJudged]


def test_a_fact_that_completes_a_moment_is_told_before_the_decision() -> None:
    bench = Bench(rules(["on: {onboarding: [member.invited]}"], ["hello: {on: [on], add: photos}"]))
    assert [type(event) for event in bench.tell(OnboardingCompleted)] == [
        FactAccepted,
        Decided,
        OfferMade,
        OfferJudged,
    ]


def test_an_outcome_stands_alone() -> None:
    bench = Bench(rules([FULL], [MORE.replace("}", ", family: room}")]))
    bench.tell(PlanChanged, plan="free", term="year", seats=4)
    events = bench.store(8)
    told, made = only(OfferJudged, events).data, offer(events)
    assert (told.offer_id, told.offer, told.family, told.verb, told.target) == (
        made.offer_id,
        "more",
        "room",
        "upgrade_to",
        "plus",
    )
    assert (told.moment, told.moment_kind, told.step) == ("storage_full", "limit", Decimal("0.8"))
    assert (told.plan, told.term, told.seats) == ("free", "year", 4)
    assert (told.price_difference, told.currency) == (Decimal("8.008333"), "USD")
    assert (told.version, told.made_at, told.decision_id) == (7, to_datetime(T0), decision(events).decision_id)


def test_an_offer_is_open_as_long_as_the_playbook_says() -> None:
    bench = Bench(rules([FULL], [MORE.replace("}", ", open_for: 3d}")]))
    made = offer(bench.store(8))
    assert (made.made_at, made.expires_at) == (to_datetime(T0), to_datetime(T0 + 3 * D))
    bench.now += D
    changed = offer(bench.store(1))
    assert changed.expires_at == to_datetime(T0 + 4 * D)


def test_an_offer_for_a_user_names_them() -> None:
    bench = Bench(rules(["s: {milestone: signatures, reaches: 1}"], ["hello: {on: [s], add: photos}"]))
    events = bench.use("document.signed", user="ann")
    assert (offer(events).user, decision(events).user, only(OfferJudged, events).data.user) == ("ann", "ann", "ann")


def test_what_is_told_can_be_read_back() -> None:
    bench = Bench(rules([FULL, REPORT], [MORE, PHOTOS.replace("}", ", placements: [modal]}")]))
    bench.tell(PlanChanged, plan="free", seats=4)
    made = offer(bench.store("8.123456789")).offer_id
    bench.use("report.exported")
    for response in ("presented", "clicked", "snoozed", "dismissed"):
        bench.respond(made, response)
    bench.store(2)
    bench.wait(9 * D)
    for event in bench.told:
        value, headers = encode(event)
        raw = [(name, content) for name, content in headers]
        if isinstance(event, Decided):
            assert decode_decision(value, raw) == event
        elif isinstance(event, OfferJudged | FactAccepted):
            assert decode_outcome(value, raw) == event
        else:
            assert decode_offer(value, raw) == event
    assert {event.type.removeprefix("rung.") for event in bench.told} == {
        "fact_accepted",
        "decided",
        "offer_judged",
        "offer_made",
        "offer_presented",
        "offer_clicked",
        "offer_snoozed",
        "offer_dismissed",
        "offer_expired",
    }


@pytest.mark.parametrize(("told", "known"), [("3", 3), ("2.5", "2.5")])
def test_a_whole_number_is_told_as_one_and_what_is_none_as_it_was_told(told: str, known: object) -> None:
    product = PRODUCT.replace("meters:\n", "facts: {team: whole}\nmeters:\n", 1)
    bench = Bench(rules([FULL], [MORE.replace("}", ", for: account.team > 1}")], product=product))
    bench.tell(AttributeSet, name="team", value=Decimal(told))
    assert decision(bench.store(8)).account["team"] == known
