"""The life of an offer: each kind of response counts once, final words hold, what nobody saw costs nothing."""

from decimal import Decimal
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letters import DeadLetterReason
from schemas.envelope import Envelope
from schemas.facts import PeriodStarted
from schemas.offers import OfferDismissed, OfferExpired, OfferSnoozed
from schemas.outcomes import OfferJudged
from schemas.responses import Responded, ResponseKind
from services.trigger_engine.domain.account import MAX_OVER, Closed
from services.trigger_engine.domain.deciding.within_bounds import MAX_TASKS
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.life import MAX_CLOSED, SNOOZE_US
from services.trigger_engine.domain.packing import ENCODER
from services.trigger_engine.domain.playbook.sets import CompiledSet
from tests.trigger_engine.domain.building import (
    ACME,
    FULL,
    MORE,
    PHOTOS,
    PRODUCT,
    REPORT,
    T0,
    Bench,
    D,
    H,
    S,
    decision,
    offer,
    only,
    reason,
    rules,
)

SET = rules([FULL, REPORT], [MORE.replace("}", ", family: room}", 1), PHOTOS.replace("}", ", placements: [modal]}", 1)])


def opened(made_of: CompiledSet = SET) -> tuple[Bench, str]:
    """A bench with one open offer."""
    bench = Bench(made_of)
    return bench, offer(bench.use("report.exported")).offer_id


def changes(events: list[Envelope]) -> list[str]:
    return [event.data.change.value for event in events if isinstance(event, OfferJudged)]


def after_a_no(contract: str) -> CompiledSet:
    return rules([REPORT], [f"photos_offer: {{on: [first_report], add: photos, after_a_no: {contract}}}"])


@pytest.mark.parametrize(
    ("responses", "judged"),
    [
        pytest.param(["presented"], ["presented"], id="seen"),
        pytest.param(["presented", "presented"], ["presented"], id="seen twice"),
        pytest.param(["clicked", "presented"], ["clicked", "presented"], id="in the wrong order"),
        pytest.param(["presented", "clicked", "accepted"], ["presented", "clicked", "accepted"], id="taken"),
        pytest.param(["accepted", "dismissed"], ["accepted"], id="yes holds"),
        pytest.param(["dismissed", "accepted"], ["dismissed"], id="no holds"),
        pytest.param(["dismissed", "dismissed"], ["dismissed"], id="no is said once"),
        pytest.param(["dismissed", "presented"], ["dismissed", "presented"], id="it was seen, though that came later"),
        pytest.param(["dismissed", "snoozed"], ["dismissed"], id="what is over can not be snoozed"),
        pytest.param(["snoozed", "snoozed"], ["snoozed"], id="not now, said twice"),
        pytest.param(["snoozed", "dismissed"], ["snoozed", "dismissed"], id="and then no"),
    ],
)
def test_each_kind_of_response_counts_once(responses: list[str], judged: list[str]) -> None:
    bench, made = opened()
    for response in responses:
        bench.respond(made, response)
    assert changes(bench.told) == ["made", *judged]


@pytest.mark.parametrize("order", list(permutations(["presented", "clicked", "dismissed"])), ids="-".join)
def test_every_order_of_responses_ends_the_same(order: tuple[str, ...]) -> None:
    bench, made = opened()
    for response in order:
        bench.respond(made, response)
    (known,) = bench.account(ACME).offers
    assert (known.over, sorted(known.seen)) == ("dismissed", ["clicked", "dismissed", "presented"])
    assert bench.account(ACME).closed == {"photos_offer": Closed(T0, T0 + 30 * D)}


@given(st.lists(st.sampled_from(ResponseKind), max_size=10), st.integers(0, 10))
def test_a_sequence_has_no_gap_and_a_replay_changes_nothing(kinds: list[ResponseKind], prefix: int) -> None:
    bench, made = opened()
    sent: list[Responded] = []
    for place, kind in enumerate(kinds):
        bench.now += 7 * H
        told = {"id": f"r-{place}", "source": "web", "subject": ACME, "time": to_datetime(bench.now)}
        sent.append(
            Responded.model_validate(
                {**told, "specversion": "1.0", "type": "rung.responded", "data": {"offer": made, "response": kind}}
            )
        )
        bench.judge(sent[-1])
    sequences = [event.data.sequence for event in bench.told if isinstance(event, OfferJudged)]
    assert sequences == list(range(1, len(sequences) + 1))
    before = bench.state()
    for again in sent[:prefix]:
        assert bench.judge(again) == []
    assert bench.state() == before


def test_a_response_is_told_with_who_where_and_when() -> None:
    bench, made = opened()
    bench.now = T0 + H
    event = only(OfferDismissed, bench.respond(made, "dismissed", at=T0 + 60 * S, user="ann"))
    assert (event.data.at, event.data.user, event.data.sequence) == (to_datetime(T0 + 60 * S), "ann", 2)
    assert event.time == to_datetime(T0 + H)


@pytest.mark.parametrize(("at", "judged"), [(T0 - 900 * D, T0), (T0 + 900 * D, T0 + H)])
def test_a_clock_that_is_wrong_neither_opens_a_no_early_nor_keeps_it_shut(at: int, judged: int) -> None:
    bench, made = opened()
    bench.now = T0 + H
    bench.respond(made, "dismissed", at=at)
    assert bench.account(ACME).closed["photos_offer"].at == judged


@pytest.mark.parametrize("account", [ACME, "somebody"])
def test_a_response_to_an_offer_that_the_account_never_had_is_impossible(account: str) -> None:
    bench, made = opened()
    with pytest.raises(Impossible) as caught:
        bench.respond("nothing" if account == ACME else made, "dismissed", account=account)
    assert caught.value.reason is DeadLetterReason.UNKNOWN_OFFER


# --- what a no means ----------------------------------------------------------------------------


def test_one_no_is_enough_and_it_stays() -> None:
    """S59: dismissing is one action, and persists: the whole family stays away."""
    family = "more2: {on: [first_report], add: room, family: room, placements: [upgrade_page]}"
    bench = Bench(rules([FULL, REPORT], [MORE.replace("}", ", family: room}", 1), family]))
    bench.respond(offer(bench.store(8)).offer_id, "dismissed")
    assert reason(bench.use("report.exported")) == "dismissed"


@pytest.mark.parametrize(
    ("contract", "closed"),
    [
        pytest.param("14d", Closed(T0 + H, T0 + H + 14 * D), id="for a time"),
        pytest.param("never", Closed(T0 + H), id="for good"),
        pytest.param("next_period", Closed(T0 + H, T0 + H + 30 * D), id="until the next period, which is unknown"),
    ],
)
def test_a_no_closes_the_family_as_the_offer_said(contract: str, closed: Closed) -> None:
    bench, made = opened(after_a_no(contract))
    bench.now += H
    bench.respond(made, "dismissed")
    assert bench.account(ACME).closed == {"photos_offer": closed}


def test_a_no_until_the_next_period_lasts_as_long_as_it_still_had() -> None:
    bench = Bench(after_a_no("next_period"))
    bench.tell(PeriodStarted, starts=to_datetime(T0 - 10 * D), ends=to_datetime(T0 + 20 * D))
    bench.respond(offer(bench.use("report.exported")).offer_id, "dismissed")
    assert bench.account(ACME).closed["photos_offer"].until == T0 + 20 * D


def test_a_no_to_a_step_waits_for_a_higher_one() -> None:
    bench = Bench(
        rules([FULL], ["more: {on: [storage_full], upgrade_to: next on personal, after_a_no: wait for higher step}"])
    )
    bench.respond(offer(bench.store(8)).offer_id, "dismissed")
    assert bench.account(ACME).closed["more"] == Closed(T0, None, Decimal("0.8"))


def test_of_two_noes_the_stricter_holds_in_any_order() -> None:
    made_of = rules(
        [REPORT, "shared: {milestone: shares, reaches: 1}"],
        [
            "a: {on: [first_report], add: photos, family: f, placements: [banner], after_a_no: never}",
            "b: {on: [shared], add: room, family: f, placements: [modal], after_a_no: 1d}",
        ],
    )
    for turned in (False, True):
        bench = Bench(made_of)
        made = [offer(bench.use(event)).offer_id for event in ("report.exported", "file.shared")]
        for one in reversed(made) if turned else made:
            bench.respond(one, "dismissed")
        assert bench.account(ACME).closed["f"] == Closed(T0)


def test_families_that_were_closed_are_bounded() -> None:
    bench, made = opened()
    bench.account(ACME).closed = {f"f{n}": Closed(T0 - 1000 + n) for n in range(MAX_CLOSED)}
    bench.respond(made, "dismissed")
    closed = bench.account(ACME).closed
    assert len(closed) == MAX_CLOSED
    assert "f0" not in closed
    assert "photos_offer" in closed


# --- time ---------------------------------------------------------------------------------------


def test_an_offer_ends_when_its_time_has_run_out_and_not_before() -> None:
    bench, made = opened()
    assert bench.wait(7 * D - 1) == []
    event = only(OfferExpired, bench.wait(1))
    assert (event.data.offer_id, event.data.sequence, event.data.at) == (made, 2, to_datetime(T0 + 7 * D))
    assert bench.wait(D) == []


def test_offers_end_in_the_order_in_which_their_time_runs_out() -> None:
    bench = Bench(
        rules(
            [FULL, REPORT],
            [MORE.replace("}", ", open_for: 2d}", 1), PHOTOS.replace("}", ", placements: [modal], open_for: 1d}", 1)],
        )
    )
    bench.store(8)
    bench.use("report.exported")
    assert [event.data.offer for event in bench.wait(9 * D) if isinstance(event, OfferJudged)] == [
        "photos_offer",
        "more",
    ]


def test_a_no_after_the_end_still_closes_the_family() -> None:
    bench, made = opened()
    bench.wait(7 * D)
    assert changes(bench.respond(made, "dismissed")) == ["dismissed"]
    assert "photos_offer" in bench.account(ACME).closed
    assert bench.respond(made, "accepted") == []


def test_what_nobody_saw_uses_up_no_cap() -> None:
    bench, _ = opened(rules([REPORT], [PHOTOS], "{caps: [{at_most: 1, per: 30d}]}"))
    assert len(bench.account(ACME).made) == 1
    bench.wait(7 * D)
    assert bench.account(ACME).made == []


@pytest.mark.parametrize("response", ["presented", "clicked", "snoozed"])
def test_what_somebody_saw_counts_though_it_expired(response: str) -> None:
    bench, made = opened(rules([REPORT], [PHOTOS], "{caps: [{at_most: 1, per: 30d}]}"))
    bench.respond(made, response)
    bench.wait(7 * D)
    assert len(bench.account(ACME).made) == 1


def test_not_now_lasts_a_day_and_can_be_said_again() -> None:
    bench, made = opened()
    event = only(OfferSnoozed, bench.respond(made, "snoozed"))
    assert event.data.until == to_datetime(T0 + SNOOZE_US)
    bench.now += SNOOZE_US - 1
    assert bench.respond(made, "snoozed") == []
    bench.now += 1
    assert changes(bench.respond(made, "snoozed")) == ["snoozed"]


def test_offers_that_are_over_are_remembered_and_bounded() -> None:
    moments = [f"m{n}: {{milestone: exports, reaches: {n + 1}}}" for n in range(MAX_OVER + 4)]
    offers = [f"o{n}: {{on: [m{n}], add: photos}}" for n in range(MAX_OVER + 4)]
    bench = Bench(rules(moments, offers))
    made = []
    for _ in moments:
        made.append(offer(bench.use("report.exported")).offer_id)
        bench.wait(7 * D)
    assert len(bench.account(ACME).offers) == MAX_OVER + 1
    assert changes(bench.respond(made[-MAX_OVER], "dismissed")) == ["dismissed"]
    with pytest.raises(Impossible):
        bench.respond(made[0], "dismissed")


def test_a_higher_step_keeps_what_was_seen_and_said() -> None:
    bench = Bench(rules([FULL], [MORE], "{caps: [{at_most: 1, per: 30d}]}"))
    made = offer(bench.store(8)).offer_id
    bench.respond(made, "presented")
    bench.respond(made, "snoozed")
    assert offer(bench.store(1)).offer_id == made
    assert bench.respond(made, "presented") == []
    assert bench.respond(made, "snoozed") == []
    bench.wait(7 * D)
    assert len(bench.account(ACME).made) == 1


def test_an_offer_survives_its_bytes() -> None:
    bench, made = opened()
    bench.respond(made, "snoozed")
    account = bench.account(ACME)
    assert msgspec.msgpack.decode(ENCODER.encode(account), type=type(account)) == account


# --- what a no closes, beyond its time ----------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "said", "until"),
    [
        pytest.param(None, 3 * D, 33 * D, id="no period is known: 30 days from the no"),
        pytest.param((-D, 9 * D), 3 * D, 9 * D, id="to the end of the period that was known"),
        pytest.param((-D, 2 * D), 3 * D, 33 * D, id="a no after that period: 30 days"),
        pytest.param((-9 * D, -D), 3 * D, 33 * D, id="a period that was over"),
    ],
)
def test_until_the_next_period_is_until_this_one_ends(period: tuple[int, int] | None, said: int, until: int) -> None:
    bench = Bench(after_a_no("next_period"))
    if period is not None:
        bench.tell(PeriodStarted, starts=to_datetime(T0 + period[0]), ends=to_datetime(T0 + period[1]))
    made = offer(bench.use("report.exported")).offer_id
    bench.now += said
    bench.respond(made, "dismissed")
    assert bench.account(ACME).closed["photos_offer"].until == T0 + until


def test_a_no_of_one_user_closes_the_family_for_all() -> None:
    moments = ["signed: {milestone: signatures, reaches: 1}"]
    bench = Bench(rules(moments, ["o: {on: [signed], add: photos}"]))
    bench.respond(offer(bench.use("document.signed", user="ann")).offer_id, "dismissed", user="ann")
    assert reason(bench.use("document.signed", user="bob")) == "dismissed"


# --- tasks --------------------------------------------------------------------------------------

TASKS = rules(
    ["up: {limit: storage_gb, at: [80%, 90%]}", "shared: {milestone: shares, reaches: 1}"],
    ["call: {on: [up], task: csm, note: Call, due: 2d, family: f}", "mail: {on: [shared], task: csm, note: Mail}"],
    product=PRODUCT.replace("placements: [", "placements: [csm, "),
)


def test_a_task_says_what_it_is_about_and_until_when() -> None:
    """S26: to a person of ours instead of the customer."""
    made = offer(Bench(TASKS).store(8))
    assert (made.verb, made.placements, made.note) == ("task", ("csm",), "Call")
    assert made.due_at == to_datetime(T0 + 2 * D)


def test_one_task_of_a_moment_is_open_at_a_time_and_the_next_waits_until_it_is_done() -> None:
    for done in ("accepted", "dismissed"):
        bench = Bench(TASKS)
        first = offer(bench.store(8)).offer_id
        bench.store(-3)
        assert reason(bench.store(3)) == "task_open"
        assert reason(bench.use("file.shared")) is None
        events = bench.respond(first, done)
        assert changes(events) == [done, "made"]
        assert (bench.account(ACME).closed, bench.account(ACME).made) == ({}, [])


def test_a_higher_step_takes_the_place_of_the_task_of_the_lower() -> None:
    bench = Bench(TASKS)
    bench.store(8)
    assert changes(bench.store(1)) == ["changed"]
    assert [one.step for one in bench.account(ACME).open_offers()] == [Decimal("0.9")]


def test_no_more_tasks_are_open_than_somebody_could_look_through() -> None:
    moments = [f"m{n}: {{milestone: exports, reaches: {n}}}" for n in range(1, MAX_TASKS + 2)]
    offers = [f"o{n}: {{on: [m{n}], task: banner, note: Call}}" for n in range(1, MAX_TASKS + 2)]
    bench = Bench(rules(moments, offers))
    told = [decision(bench.use("report.exported")).candidates[0] for _ in moments]
    assert [one.reason for one in told[:-1]] == [None] * MAX_TASKS
    assert (told[-1].reason, told[-1].detail) == ("task_open", "16 tasks are open")
