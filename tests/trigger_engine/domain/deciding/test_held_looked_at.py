"""When a held moment is looked at again, how many are held, and that it is the same however it comes."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import (
    MeterSet,
    PlanChanged,
    TicketClosed,
    TicketOpened,
)
from schemas.offers import OfferMade
from services.trigger_engine.domain.account import Held
from services.trigger_engine.domain.deciding.holding import MAX_HELD, MAX_WAITS, recalled, remembered, stands_otherwise
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.packing import ENCODER
from services.trigger_engine.domain.playbook.feeds import ALL_USAGE
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import (
    ACME,
    FULL,
    PRODUCT,
    T0,
    Bench,
    D,
    H,
    decision,
    rules,
)
from tests.trigger_engine.domain.deciding.held import SICK, capped_limit, decisions, healthy, waiting
from tests.trigger_engine.domain.deciding.judging import MORE_REPORTS, PHOTOS, REPORT, bound, known, one

# --- when it is looked at -----------------------------------------------------------------------


def test_usage_that_it_does_not_wait_for_is_counted_the_quick_way() -> None:
    bench = one("not_before: {meters.shares: 2}")
    bench.use("report.exported")
    (held,) = waiting(bench)
    assert held.waits_for == ("shares",)
    feeds = bench.core.rules.feeds
    assert [held.waits(feeds[event].counted) for event in ("file.shared", "file.stored")] == [True, False]


def test_of_too_many_meters_to_wait_for_it_waits_for_all_usage() -> None:
    names = [f"m{n}" for n in range(MAX_WAITS + 1)]
    offers = [f"o{n}: {{on: [first_report], add: photos, not_before: {{meters.{name}: 1}}}}"
              for n, name in enumerate(names)]  # fmt: skip
    text = "".join(f"  {name}: {{count: file.shared}}\n" for name in names)
    bench = Bench(rules([REPORT], offers, product=PRODUCT.replace("plans:\n", f"{text}plans:\n", 1)))
    bench.use("report.exported")
    assert [held.waits_for for held in waiting(bench)] == [(ALL_USAGE,)]


def test_asking_whether_a_new_set_means_something_for_what_is_held_changes_nothing() -> None:
    """The account has just left a quiet segment, and cools down from the next look on that counts."""
    more = "segments:\n  new_here: now - account.plan_since < 2h\n"
    bench = one("", "{quiet_when: [{new_here: 1d}]}", more=more)
    bench.tell(PlanChanged, plan="plus")
    bench.use("report.exported")
    account = bench.account(ACME)
    before = (dict(account.was_quiet), list(account.held))
    assert list(before[0].values()) == [None]
    assert stands_otherwise(Situation(ACME, account, bench.core.rules, bench.now + 3 * H))
    assert (account.was_quiet, account.held) == before


def test_what_time_alone_may_change_is_looked_at_again_on_the_next_day_of_the_account() -> None:
    more = "segments:\n  new_here: now - account.plan_since < 36h\n"
    bench = one("", "{quiet_when: [new_here]}", more=more)
    bench.tell(PlanChanged, plan="plus")
    assert decision(bench.use("report.exported")).reason == "quiet"
    assert bench.due() == T0 + 15 * H
    bench.wait(15 * H)
    assert [held.again for held in waiting(bench)] == [T0 + D + 1]  # by then it is not fresh any more


# --- bounds -------------------------------------------------------------------------------------


def test_no_more_are_held_than_there_is_room_for_and_the_one_held_longest_is_given_up() -> None:
    count = MAX_HELD + 2
    moments = [f"m{n}: {{milestone: exports, reaches: {n}, stale_after: 90d}}" for n in range(1, count + 1)]
    offers = [f"o{n}: {{on: [m{n}], add: room}}" for n in range(1, count + 1)]
    bench = Bench(bound(moments, offers, "{quiet_when: [open_ticket]}"))
    bench.tell(TicketOpened, ticket="1")
    told = [decision(bench.use("report.exported")) for _ in range(count)]
    assert [one_of.given_up for one_of in told[-3:]] == [(), ("m1",), ("m2",)]
    assert [held.happened.moment for held in waiting(bench)] == [f"m{n}" for n in range(3, count + 1)]
    assert known(bench).dropped == 2


def test_a_moment_survives_its_bytes() -> None:
    bench = capped_limit()
    (held,) = waiting(bench)
    passed = recalled(held.happened, bench.core.rules)
    assert passed is not None
    assert remembered(passed) == held.happened
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(held), type=Held) == held


# --- however it comes ---------------------------------------------------------------------------

STEPS = st.lists(
    st.sampled_from([
        lambda b: b.use("report.exported"), lambda b: b.use("file.shared"), lambda b: b.store(2),
        lambda b: b.tell(TicketOpened, ticket="1"), lambda b: b.tell(TicketClosed, ticket="1"),
        lambda b: b.tell(MeterSet, meter="storage_gb", value=3, as_of=to_datetime(b.now)),
        lambda b: b.tell(PlanChanged, plan="plus"), lambda b: b.tell(PlanChanged, plan="free"),
        lambda b: b.wait(H), lambda b: b.wait(D), lambda b: b.wait(5 * D),
        lambda b: healthy(b, 20), lambda b: healthy(b, 80),
        lambda b: [e for o in b.account(ACME).open_offers()[:1] for e in b.respond(o.offer_id, "dismissed")],
    ]), max_size=40,
)  # fmt: skip
MANY = bound(
    [REPORT, MORE_REPORTS, FULL, "third: {milestone: exports, reaches: 3}", "shared: {milestone: shares, reaches: 2}"],
    [PHOTOS, "b: {on: [more_reports, third], add: room, placements: [modal], family: f}",
     "c: {on: [storage_full], upgrade_to: next on personal, family: f}",
     "d: {on: [shared], add: cable, not_before: {meters.exports: 3}, placements: [modal, banner]}",
     "e: {on: [shared, storage_full], task: upgrade_page, note: Call}"],
    "{quiet_when: [{open_ticket: 1d}, {sick: 2d}], caps: [{at_most: 2, per: 7d}], back_off: {after: 2, wait: 3d}}",
    more=SICK,
)  # fmt: skip


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_a_held_moment_is_always_one_that_may_still_be_offered(steps: list[Any]) -> None:
    bench = Bench(MANY)
    healthy(bench)
    attempts: dict[str, int] = {}
    for step in steps:
        for told in decisions(step(bench)):
            assert told.decision_id not in attempts
            attempts[told.decision_id] = told.attempt
            assert {moment.moment for moment in told.moments} >= set(told.held)
            won = [candidate for candidate in told.candidates if candidate.reason is None]
            assert len(won) == (told.verdict == "offered")
        places = [p for o in bench.account(ACME).open_offers() if o.verb != "task" for p in o.placements]
        assert len(places) == len(set(places))
        names = [(held.happened.moment, held.happened.user) for held in waiting(bench)]
        assert len(names) == len(set(names))
        due = bench.due()
        assert (
            due is None or due > bench.now or any(o.expires_at <= bench.now for o in bench.account(ACME).open_offers())
        )


@given(STEPS)
@settings(max_examples=30, deadline=None)
def test_the_same_inputs_hold_and_release_the_same(steps: list[Any]) -> None:
    first, second = Bench(MANY), Bench(MANY)
    for step in (healthy, *steps):
        step(first)
        step(second)
        second.accounts = {
            name: msgspec.msgpack.decode(ENCODER.encode(state), type=type(state))
            for name, state in second.accounts.items()
        }
    assert [event.id for event in first.told] == [event.id for event in second.told]
    assert first.state() == second.state()


def test_a_moment_that_waited_is_offered_on_once() -> None:
    bench = one("", "{quiet_when: [open_ticket]}")
    bench.tell(TicketOpened, ticket="0")
    bench.use("report.exported")
    for number in range(4):  # there is always somebody who waits for help
        bench.tell(TicketOpened, ticket=str(number + 1))
        bench.tell(TicketClosed, ticket=str(number), at=T0 + 1)
    bench.tell(TicketClosed, ticket="4", at=T0 + 1)
    bench.tell(TicketOpened, ticket="5", at=T0 + 2)
    bench.tell(TicketClosed, ticket="5", at=T0 + 3)
    assert [event.data.offer.offer for event in bench.told if isinstance(event, OfferMade)] == ["photos_offer"]
    assert [told.attempt for told in decisions(bench.told)] == [1, 2]
