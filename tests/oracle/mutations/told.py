"""What the engine told is not what it must have told: events and dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.violations import Kind
from tests.oracle.mutations.making import flagged, is_type

if TYPE_CHECKING:
    from tests.oracle.tampering import Body, Tampering


@flagged(Kind.UNEXPECTED)
def an_offer_was_doubled(logs: Tampering) -> None:
    place = logs.first("offers", is_type("offer_made"))
    logs.insert(place, place.record)


@flagged(Kind.UNEXPECTED)
def the_last_offer_was_doubled(logs: Tampering) -> None:
    place = list(logs.raw("offers"))[-1]
    logs.insert(place, place.record)


@flagged(Kind.TWICE)
def what_an_account_is_offered_after_its_erasure_has_the_id_it_had_before(logs: Tampering) -> None:
    before, after = logs.every("offers", lambda body: is_type("offer_made")(body) and body["subject"] == "came-back")
    assert before.body["data"]["offer"]["offer"] == after.body["data"]["offer"]["offer"]
    logs.edit(after, lambda body: body.update(id=before.body["id"]))


@flagged(Kind.TWICE)
def a_decision_has_the_id_of_an_earlier_one(logs: Tampering) -> None:
    one, other = [place for place in logs.raw("decisions") if place.key[1] == 0][:2]
    logs.edit(other, lambda body: body.update(id=one.body["id"]))


@flagged(Kind.ORDER)
def two_offers_were_swapped(logs: Tampering) -> None:
    made = [p for p in logs.every("offers", is_type("offer_made")) if p.key[1] == 0]
    logs.swap(made[0], made[1])


@flagged(Kind.MISSING)
def a_transaction_was_torn_and_its_offer_is_missing(logs: Tampering) -> None:
    logs.drop(logs.first("offers", is_type("offer_made")))


@flagged(Kind.DIFFERENT)
def an_offer_tells_another_score_than_its_decision(logs: Tampering) -> None:
    place = logs.first("offers", is_type("offer_made"))
    logs.edit(place, lambda body: body["data"]["offer"].update(score="9.000000"))


@flagged(Kind.DIFFERENT)
def an_offer_tells_no_score(logs: Tampering) -> None:
    place = logs.first("offers", is_type("offer_made"))
    logs.edit(place, lambda body: body["data"]["offer"].pop("score"))


@flagged(Kind.MISSING)
def an_outcome_is_missing(logs: Tampering) -> None:
    logs.drop(logs.first("outcomes", is_type("offer_judged")))


@flagged(Kind.DIFFERENT)
def an_accepted_fact_tells_another_cost_a_month(logs: Tampering) -> None:
    place = logs.first("outcomes", lambda body: "monthly" in body.get("data", {}))
    logs.edit(place, lambda body: body["data"].update(monthly="0.01"))


@flagged(Kind.DIFFERENT)
def an_accepted_fact_tells_more_money_paid_once(logs: Tampering) -> None:
    place = logs.first("outcomes", lambda body: "once" in body.get("data", {}))
    logs.edit(place, lambda body: body["data"].update(once="120.000000"))


@flagged(Kind.DIFFERENT)
def an_accepted_fact_tells_no_money_paid_once(logs: Tampering) -> None:
    place = logs.first("outcomes", lambda body: "once" in body.get("data", {}))
    logs.edit(place, lambda body: body["data"].pop("once"))


@flagged(Kind.MISSING)
def an_accepted_fact_was_not_told(logs: Tampering) -> None:
    logs.drop(logs.first("outcomes", is_type("fact_accepted")))


@flagged(Kind.MISSING)
def the_last_decision_is_missing(logs: Tampering) -> None:
    logs.drop(list(logs.raw("decisions"))[-1])


@flagged(Kind.DIFFERENT)
def a_decision_has_another_reason(logs: Tampering) -> None:
    place = logs.first("decisions", lambda body: body["data"].get("reason") == "onboarding")
    logs.edit(place, lambda body: body["data"].update(reason="capped"))


@flagged(Kind.DIFFERENT)
def a_decision_names_another_version(logs: Tampering) -> None:
    place = logs.first("decisions", lambda body: body["data"]["version"] == 0)
    logs.edit(place, lambda body: body["data"].update(version=2))


@flagged(Kind.DIFFERENT)
def a_decision_knew_another_plan(logs: Tampering) -> None:
    logs.edit(logs.first("decisions"), lambda body: body["data"]["account"].update(plan="enterprise"))


@flagged(Kind.DIFFERENT)
def an_offer_has_another_price(logs: Tampering) -> None:
    def priced(body: Body) -> bool:
        return body["type"] == "rung.offer_made" and "price" in body["data"]["offer"]["options"][0]

    def change(body: Body) -> None:
        body["data"]["offer"]["options"][0]["price"]["amount"] = "9.99"

    logs.edit(logs.first("offers", priced), change)


@flagged(Kind.DIFFERENT)
def an_offer_shows_another_step(logs: Tampering) -> None:
    def stepped(body: Body) -> bool:
        return body["type"] == "rung.offer_made" and "step" in body["data"]["offer"]["evidence"][0]

    def change(body: Body) -> None:
        body["data"]["offer"]["evidence"][0]["step"] = "0.7"

    logs.edit(logs.first("offers", stepped), change)


@flagged(Kind.DIFFERENT)
def an_offer_has_other_words(logs: Tampering) -> None:
    place = logs.first("offers", is_type("offer_made"))
    logs.edit(place, lambda body: body["data"]["offer"]["content"].update(title="Buy now"))


@flagged(Kind.DIFFERENT)
def an_offer_has_another_id(logs: Tampering) -> None:
    place = logs.first("offers", is_type("offer_made"))
    logs.edit(place, lambda body: body["data"]["offer"].update(offer_id="of-chance"))


@flagged(Kind.MISSING, Kind.UNEXPECTED)
def an_event_has_another_id(logs: Tampering) -> None:
    place = logs.first("offers", is_type("offer_clicked"))
    logs.edit(place, lambda body: body.update(id="00000000-0000-5000-8000-000000000000"))


@flagged(Kind.DIFFERENT)
def a_sequence_has_a_gap(logs: Tampering) -> None:
    place = logs.first("offers", is_type("offer_presented", "offer_clicked", "offer_dismissed"))
    logs.edit(place, lambda body: body["data"].update(sequence=body["data"]["sequence"] + 1))


@flagged(Kind.DIFFERENT)
def an_outcome_names_another_sum(logs: Tampering) -> None:
    place = logs.first("outcomes", lambda body: "price_difference" in body["data"])
    logs.edit(place, lambda body: body["data"].update(price_difference="1.000000"))


@flagged(Kind.DIFFERENT)
def an_offer_lies_under_another_account(logs: Tampering) -> None:
    place = logs.first("offers")
    logs.logs.records[place.key][place.number] = place.record._replace(key=b"another")


# --- dead letters -----------------------------------------------------------------------------------


@flagged(Kind.MISSING)
def a_dead_letter_is_missing(logs: Tampering) -> None:
    logs.drop(next(logs.raw("dead-letters")))


@flagged(Kind.UNEXPECTED)
def there_is_a_dead_letter_too_many(logs: Tampering) -> None:
    place = next(logs.raw("dead-letters"))
    headers = {**dict(place.record.headers), "rung_dead_letter_id": b"another", "rung_offset": b"0"}
    logs.insert(place, place.record._replace(headers=tuple(headers.items())))


@flagged(Kind.DIFFERENT)
def a_dead_letter_has_another_reason(logs: Tampering) -> None:
    place = next(logs.raw("dead-letters"))
    headers = {**dict(place.record.headers), "rung_reason": b"late"}
    logs.logs.records[place.key][place.number] = place.record._replace(headers=tuple(headers.items()))


@flagged(Kind.DIFFERENT)
def a_dead_letter_was_cut(logs: Tampering) -> None:
    place = next(p for p in logs.raw("dead-letters") if len(p.record.value or b"") > 100)
    logs.put(place, (place.record.value or b"")[:50])
