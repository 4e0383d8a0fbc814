from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus
from services.trigger_engine.runtime.slices import SliceStore
from services.trigger_engine.runtime.switching import SWEEP, Switching
from tests.trigger_engine.domain.building import rules
from tests.trigger_engine.runtime.sets import sample_core
from tests.trigger_engine.runtime.test_intake import Desk

STARTED = OnboardingState({"workspace.created": 1_000}, OnboardingStatus.STARTED)


def slices_with(count: int) -> SliceStore:
    store = SliceStore()
    for number in range(count):
        store.account(f"a{number:04}").moments["onboarded"] = STARTED
        store.reschedule(sample_core(), f"a{number:04}")
    store.account("silent").meters["m"] = MeterState(Decimal(1))
    return store


def switching(store: SliceStore, version: int, swept: int) -> tuple[Any, Switching]:
    sets: Any = SimpleNamespace(current=sample_core(version))
    return sets, Switching(sets, store, swept)


def sweep(made: Switching) -> list[str]:
    swept: list[str] = []
    while some := made.some():
        assert len(some) <= SWEEP
        swept.extend(some)
        made.done()
    made.done()
    return swept


def test_a_new_version_sweeps_every_account_that_may_have_an_offer_once() -> None:
    count = 2 * SWEEP + 5
    sets, made = switching(slices_with(count), version=0, swept=0)
    assert sweep(made) == []
    sets.current = sample_core(1)
    core = made.newest(sample_core(0))
    assert core.rules.version == 1
    assert made.swept == 0
    assert sweep(made) == [f"a{number:04}" for number in range(count)]
    assert made.swept == 1
    made.newest(core)
    assert made.some() == []


def test_a_version_with_moments_that_time_alone_brings_about_sweeps_all_accounts() -> None:
    store = slices_with(3)
    store.adopt(store.changes())
    sets, made = switching(store, version=0, swept=0)
    sets.current = Core(
        rules(["long: {tenure: account.created, reaches: 1 year}"], ["o: {on: [long], add: photos}"]).pausing(
            frozenset(), 1
        )
    )
    made.newest(sample_core(0))
    assert sweep(made) == ["a0000", "a0001", "a0002", "silent"]


def test_a_sweep_that_a_restart_cut_short_begins_again() -> None:
    sets, made = switching(slices_with(SWEEP + 1), version=3, swept=2)
    made.newest(sets.current)
    made.some()
    made.done()
    assert made.swept == 2
    _, again = switching(slices_with(SWEEP + 1), version=3, swept=made.swept)
    again.newest(sets.current)
    assert len(sweep(again)) == SWEEP + 1
    assert again.swept == 3


def test_a_version_that_arrives_during_a_sweep_begins_a_new_one() -> None:
    sets, made = switching(slices_with(SWEEP + 1), version=1, swept=0)
    core = made.newest(sets.current)
    made.some()
    made.done()
    sets.current = sample_core(2)
    made.newest(core)
    assert len(sweep(made)) == SWEEP + 1
    assert made.swept == 2


def test_a_sweep_takes_back_what_the_set_does_not_make_any_more_and_is_journaled() -> None:
    desk = Desk()
    desk.event("report.exported")
    paused = Core(desk.core.rules.pausing(frozenset({"report_insights"}), 1))
    desk.intake.timing.sweep(paused, ["acme", "nobody"])
    assert desk.types()[-2:] == ["rung.offer_revoked", "rung.offer_judged"]
    assert json.loads(desk.written("offers")[-1].value or b"")["data"]["reason"] == "paused"
    assert (desk.outbox.segments[-1].stream, desk.outbox.segments[-1].accounts) == ("sweep", ("acme",))
    desk.intake.timing.sweep(paused, ["acme"])
    assert len(desk.written("offers")) == 2


def test_a_sweep_sees_what_keeps_an_offer_from_one_user_of_the_account() -> None:
    signed, offer = "signed: {milestone: signatures, reaches: 1}", "hello: {on: [signed], add: photos}"
    desk = Desk(core=Core(rules([signed], [offer], "{quiet_when: []}")))
    for user in ("ann", "bob"):
        desk.event("document.signed", data={"user": user})
    desk.event("rung.onboarding_started", data={"user": "ann"})
    desk.memory.slices.adopt(desk.memory.slices.changes())
    desk.slices.most_hot = 0
    desk.memory.slices.adopt({})
    desk.intake.timing.sweep(Core(rules([signed], [offer], "{quiet_when: [onboarding]}")), ["acme"])
    of_ann, revoked, of_bob = (json.loads(record.value or b"")["data"] for record in desk.written("offers"))
    assert (revoked["offer_id"], revoked["reason"]) == (of_ann["offer"]["offer_id"], "onboarding")
    assert of_bob["offer"]["user"] == "bob", "whose moment had to wait for the place"


HELD = ("first: {milestone: exports, reaches: 1}", "hello: {on: [first], add: photos}")


def holding(guardrails: str) -> Desk:
    """A moment of an account that cancels is held."""
    desk = Desk(core=Core(rules([HELD[0]], [HELD[1]], guardrails)))
    desk.event("rung.cancel_requested")
    desk.event("report.exported")
    desk.memory.slices.adopt(desk.memory.slices.changes())
    assert [held.attempt for held in desk.slices.account("acme").held] == [1]
    return desk


def test_a_sweep_has_what_is_held_decided_again_where_its_reason_ends_with_the_set_before() -> None:
    desk = holding("{quiet_when: [cancelling]}")
    desk.intake.timing.sweep(Core(rules([HELD[0]], [HELD[1]], "{quiet_when: [open_ticket]}")), ["acme"])
    assert desk.types()[-3:] == ["rung.decided", "rung.offer_made", "rung.offer_judged"]
    decided = json.loads(desk.written("decisions")[-1].value or b"")["data"]
    assert (decided["attempt"], decided["verdict"]) == (2, "offered")
    assert desk.outbox.segments[-1].accounts == ("acme",)


def test_a_sweep_leaves_alone_what_is_held_for_the_same_reasons() -> None:
    desk = holding("{quiet_when: [cancelling]}")
    told = desk.types()
    desk.intake.timing.sweep(Core(rules([HELD[0]], [HELD[1]], "{quiet_when: [cancelling, open_ticket]}")), ["acme"])
    assert desk.types() == told
    assert desk.outbox.segments[-1].stream == "usage"
