"""Everything that may go wrong with an engine, done to the logs of a run that was right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from oracle.times import instant
from oracle.violations import Kind

if TYPE_CHECKING:
    from tests.oracle.tampering import Body, Place, Tampering

Mutation = Callable[["Tampering"], None]
MUTATIONS: dict[str, tuple[Mutation, set[Kind]]] = {}
"""By name: what is done, and which kinds of violation must be among those found."""


def flagged(*kinds: Kind) -> Callable[[Mutation], Mutation]:
    """Register a mutation that must be found as each of ``kinds``."""

    def register(mutation: Mutation) -> Mutation:
        MUTATIONS[mutation.__name__] = mutation, set(kinds)
        return mutation

    return register


def is_type(*names: str) -> Callable[[Body], bool]:
    return lambda body: body.get("type") in {f"rung.{name}" for name in names}


def caused(logs: Tampering, decision: Place) -> Place:
    """The usage record that led to a decision."""
    wanted = decision.body["data"]["input"]["offset"]
    return next(p for p in logs.raw("usage") if p.key[1] == decision.key[1] and p.record.offset == wanted)


# --- input ------------------------------------------------------------------------------------------


@flagged(Kind.UNEXPECTED)
def an_event_that_led_to_an_offer_is_gone(logs: Tampering) -> None:
    logs.drop(caused(logs, logs.first("decisions", lambda body: body["data"]["verdict"] == "offered")))


@flagged(Kind.SEEN)
def an_event_that_only_counted_is_gone(logs: Tampering) -> None:
    logs.drop(logs.first("usage", lambda body: body["type"] == "never.declared"))


@flagged(Kind.INPUT)
def the_first_event_was_passed_over(logs: Tampering) -> None:
    place, number = logs.entry_with("usage")
    logs.edit(place, lambda body: body["segments"][number].update(first=body["segments"][number]["first"] + 1))


@flagged(Kind.INPUT)
def events_were_taken_twice(logs: Tampering) -> None:
    second = [p for p in logs.every("engine-journal", has("usage")) if p.key[1] == 0][1]
    logs.edit(second, lambda body: body["segments"][segment_of(body, "usage")].update(first=0))


@flagged(Kind.INPUT)
def a_segment_ends_beyond_its_last_event(logs: Tampering) -> None:
    place = [p for p in logs.every("engine-journal", has("usage")) if p.key[1] == 0][-1]
    logs.edit(place, lambda body: body["segments"][segment_of(body, "usage")].update(last=10**6))


def has(stream: str) -> Callable[[Body], bool]:
    return lambda body: any(segment["stream"] == stream for segment in body["segments"])


def segment_of(body: Body, stream: str) -> int:
    return next(n for n, segment in enumerate(body["segments"]) if segment["stream"] == stream)


@flagged(Kind.SEEN, Kind.STATE)
def a_duplicate_was_counted(logs: Tampering) -> None:
    """The oracle is told that two copies were one event, and the engine counted both."""
    first = logs.first("usage", is_counting)
    other = logs.first("usage", lambda body: is_counting(body) and body["id"] != first.body["id"])
    logs.edit(other, lambda body: body.update(id=first.body["id"], time=first.body["time"]))


def is_counting(body: Body) -> bool:
    return body.get("type") == "project.created"


@flagged(Kind.SEEN, Kind.STATE)
def an_event_was_taken_for_a_duplicate(logs: Tampering) -> None:
    seen: set[str] = set()
    for place in logs.every("usage", is_counting):
        if place.body["id"] in seen:
            logs.edit(place, lambda body: body.update(id="of its own"))
            return
        seen.add(place.body["id"])
    raise AssertionError("the run has no duplicate that counts")


@flagged(Kind.MISSING, Kind.SEEN)
def a_late_event_was_counted(logs: Tampering) -> None:
    place = next(p for p in logs.every("usage", is_counting) if p.number > 50)
    logs.edit(place, lambda body: body.update(time="2020-01-01T00:00:00Z"))


@flagged(Kind.UNEXPECTED, Kind.SEEN)
def an_event_in_time_was_refused_as_late(logs: Tampering) -> None:
    letter = next(p for p in logs.raw("dead-letters") if dict(p.record.headers)["rung_reason"] == b"late")
    place = next(p for p in logs.raw("usage") if p.record.value == letter.record.value)
    good = logs.first("usage", is_counting)
    logs.edit(place, lambda body: body.update(time=good.body["time"]))


# --- what was told ----------------------------------------------------------------------------------


@flagged(Kind.UNEXPECTED)
def an_offer_was_doubled(logs: Tampering) -> None:
    place = logs.first("offers", is_type("offer_made"))
    logs.insert(place, place.record)


@flagged(Kind.UNEXPECTED)
def the_last_offer_was_doubled(logs: Tampering) -> None:
    place = list(logs.raw("offers"))[-1]
    logs.insert(place, place.record)


@flagged(Kind.ORDER)
def two_offers_were_swapped(logs: Tampering) -> None:
    made = [p for p in logs.every("offers", is_type("offer_made")) if p.key[1] == 0]
    logs.swap(made[0], made[1])


@flagged(Kind.MISSING)
def a_transaction_was_torn_and_its_offer_is_missing(logs: Tampering) -> None:
    logs.drop(logs.first("offers", is_type("offer_made")))


@flagged(Kind.MISSING)
def an_outcome_is_missing(logs: Tampering) -> None:
    logs.drop(logs.first("outcomes", is_type("offer_judged")))


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


# --- rules ------------------------------------------------------------------------------------------


def other_rules(logs: Tampering, before: str, after: str) -> None:
    """As if the engine had worked by a rule other than the one written."""
    found = False
    for place in list(logs.every("playbooks", is_type("set_published"))):
        text = (place.record.value or b"").decode()
        found = found or before in text
        logs.put(place, text.replace(before, after).encode())
    assert found


@flagged(Kind.DIFFERENT, Kind.MISSING)
def the_cap_is_one_too_low(logs: Tampering) -> None:
    other_rules(logs, "at_most: 1, per: 1h, each: offer", "at_most: 2, per: 1h, each: offer")


@flagged(Kind.DIFFERENT)
def a_step_is_another(logs: Tampering) -> None:
    other_rules(logs, "at: [80%, 90%, 100%]", "at: [79%, 90%, 100%]")


@flagged(Kind.MISSING, Kind.STATE)
def a_limit_is_reached_one_too_late(logs: Tampering) -> None:
    other_rules(logs, "storage_gb: 2, projects: 3", "storage_gb: 2, projects: 2")


@flagged(Kind.DIFFERENT)
def an_offer_stays_open_too_long(logs: Tampering) -> None:
    other_rules(logs, "open_for: 3d", "open_for: 2d")


@flagged(Kind.STATE)
def a_no_lasts_too_long(logs: Tampering) -> None:
    other_rules(logs, "after_a_no: never", "after_a_no: 3d")


# --- journal ----------------------------------------------------------------------------------------


@flagged(Kind.JOURNAL)
def a_transaction_is_not_in_the_journal(logs: Tampering) -> None:
    logs.drop([p for p in logs.raw("engine-journal") if p.key[1] == 0][2])


@flagged(Kind.JOURNAL)
def a_transaction_is_in_the_journal_twice(logs: Tampering) -> None:
    place = [p for p in logs.raw("engine-journal") if p.key[1] == 0][2]
    logs.insert(place, place.record)


@flagged(Kind.COUNT)
def the_journal_counts_one_offer_too_many(logs: Tampering) -> None:
    logs.edit(logs.first("engine-journal"), lambda body: body.update(offers=body["offers"] + 1))


@flagged(Kind.COUNT)
def the_journal_counts_one_slice_too_few(logs: Tampering) -> None:
    logs.edit(logs.first("engine-journal"), lambda body: body.update(slices=body["slices"] - 1))


@flagged(Kind.DIGEST)
def the_digest_is_another(logs: Tampering) -> None:
    logs.edit(logs.first("engine-journal"), lambda body: body.update(digest="0" * 32))


@flagged(Kind.DIGEST)
def a_record_says_the_same_in_other_bytes(logs: Tampering) -> None:
    place = logs.first("offers")
    logs.put(place, (place.record.value or b"").replace(b'"specversion":', b'"specversion" :'))


@flagged(Kind.DIFFERENT)
def now_was_another(logs: Tampering) -> None:
    place = logs.first("engine-journal", lambda body: body["offers"] > 0 and "usage" in body["segments"][0]["stream"])
    logs.edit(place, lambda body: body["segments"][0].update(now=body["segments"][0]["now"] - 1))


@flagged(Kind.JOURNAL)
def now_went_backwards(logs: Tampering) -> None:
    place = [p for p in logs.raw("engine-journal") if p.key[1] == 0][-1]
    logs.edit(place, lambda body: body["segments"][-1].update(now=0))


@flagged(Kind.SET)
def a_set_that_was_refused_decided(logs: Tampering) -> None:
    place = logs.first("engine-journal", lambda body: body["version"] == 2)
    logs.edit(place, lambda body: body.update(version=1))


@flagged(Kind.SET)
def an_older_set_came_back_by_itself(logs: Tampering) -> None:
    place = [p for p in logs.raw("engine-journal") if p.key[1] == 0][-1]
    logs.edit(place, lambda body: body.update(version=0))


@flagged(Kind.MISSING)
def a_pause_was_not_heeded(logs: Tampering) -> None:
    """The oracle is told of a pause of another offer, and the engine neither withheld nor revoked that one."""
    place = logs.first("playbooks", is_type("offer_paused"))
    logs.edit(place, lambda body: body["data"].update(offer="report_insights"))


# --- timers -----------------------------------------------------------------------------------------


@flagged(Kind.DIFFERENT)
def a_timer_fired_too_early(logs: Tampering) -> None:
    other_rules(logs, "open_for: 1s", "open_for: 2s")


@flagged(Kind.DIFFERENT)
def a_timer_fired_too_late(logs: Tampering) -> None:
    expired = list(logs.every("offers", is_type("offer_expired")))

    def fired(segment: Body) -> bool:
        return segment["stream"] == "tick" and any(instant(p.body["time"]) == segment["now"] for p in expired)

    place = logs.first("engine-journal", lambda body: any(map(fired, body["segments"])))
    number = next(n for n, segment in enumerate(place.body["segments"]) if fired(segment))
    logs.edit(place, lambda body: body["segments"][number].update(now=body["segments"][number]["now"] + 1))


@flagged(Kind.STATE)
def a_timer_never_fired(logs: Tampering) -> None:
    place, number = logs.entry_with("tick")
    logs.edit(place, lambda body: body["segments"].pop(number))


# --- state ------------------------------------------------------------------------------------------


@flagged(Kind.STATE)
def a_meter_is_off_by_one(logs: Tampering) -> None:
    def change(fields: list[Any]) -> None:
        meter = next(iter(fields[1].values()))
        meter[0] = str(float(meter[0]) + 1)

    logs.edit_slice(next(p for p in logs.slices() if msgpack_field(p, 1)), change)


def msgpack_field(place: Place, number: int) -> Any:
    import msgspec  # noqa: PLC0415 - here alone

    return msgspec.msgpack.decode((place.record.value or b"")[9:])[number]


@flagged(Kind.STATE)
def a_fact_in_the_state_is_another(logs: Tampering) -> None:
    logs.edit_slice(next(p for p in logs.slices() if msgpack_field(p, 0)), lambda fields: fields[0].clear())


@flagged(Kind.STATE)
def an_offer_in_the_state_is_open_again(logs: Tampering) -> None:
    over = next(p for p in logs.slices() if any(offer[22] for offer in msgpack_field(p, 3)))
    logs.edit_slice(over, lambda fields: [offer.__setitem__(22, None) for offer in fields[3]])


@flagged(Kind.STATE)
def a_slice_was_not_stored(logs: Tampering) -> None:
    logs.drop(logs.slices()[0])


@flagged(Kind.STATE)
def a_slice_was_stored_for_nobody(logs: Tampering) -> None:
    place = logs.slices()[0]
    logs.insert(place, place.record._replace(key=b"A\x00\x06nobody"))


@flagged(Kind.STATE)
def a_slice_is_due_at_another_time(logs: Tampering) -> None:
    place = next(p for p in logs.slices() if (p.record.value or b"")[0] == 0)
    logs.put(place, b"\x00" * 8 + (place.record.value or b"")[8:])


@flagged(Kind.STATE)
def what_an_erased_account_had_is_left(logs: Tampering) -> None:
    logs.drop(next(p for p in logs.raw("engine-state") if p.record.value is None))


@flagged(Kind.STATE)
def nothing_marks_that_an_account_was_erased(logs: Tampering) -> None:
    logs.drop(next(p for p in logs.raw("engine-state") if (p.record.key or b"")[:1] == b"E"))


@flagged(Kind.MISSING)
def an_erasure_was_not_told(logs: Tampering) -> None:
    logs.drop(logs.first("offers", is_type("offers_erased")))


@flagged(Kind.POSITION)
def the_position_is_one_too_far(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[0], 2, 1)


@flagged(Kind.POSITION)
def the_position_is_one_behind(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[0], 2, -1)


@flagged(Kind.POSITION)
def the_position_of_responses_is_one_behind(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[-1], 3, -1)


@flagged(Kind.POSITION)
def stream_time_is_another(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[1], 4, 1)


@flagged(Kind.POSITION)
def the_floor_fell(logs: Tampering) -> None:
    logs.edit_position(logs.positions()[1], 5, -1)


@flagged(Kind.POSITION)
def the_last_position_is_missing(logs: Tampering) -> None:
    logs.drop(logs.positions()[-1])


@flagged(Kind.SEEN)
def an_id_is_not_remembered(logs: Tampering) -> None:
    place = next(logs.raw("engine-seen"))
    logs.put(place, (place.record.value or b"")[16:])


@flagged(Kind.SEEN)
def an_id_is_remembered_that_was_not_counted(logs: Tampering) -> None:
    place = list(logs.raw("engine-seen"))[-1]
    logs.put(place, (place.record.value or b"") + b"x" * 16)


@flagged(Kind.SEEN)
def ids_are_remembered_twice(logs: Tampering) -> None:
    place = list(logs.raw("engine-seen"))[-1]
    logs.insert(place, place.record)
