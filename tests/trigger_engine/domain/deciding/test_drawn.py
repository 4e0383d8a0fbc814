"""Held out and variants: drawn once for each account, and then for ever."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Decided, Stage
from schemas.facts import ProductBought, TicketOpened
from schemas.offers import OfferEvent
from schemas.outcomes import OfferJudged
from services.trigger_engine.domain.deciding.drawn import is_held_out, variant_of
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.moments.draws import seed
from services.trigger_engine.domain.numbers import EXACT
from services.trigger_engine.domain.playbook.product import Holdout
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import ACME, T0, Bench, D, H, decision, dumped, offer
from tests.trigger_engine.domain.deciding.judging import MORE_REPORTS, REPORT, bound, changes, known

if TYPE_CHECKING:
    from schemas.envelope import Envelope
    from services.trigger_engine.domain.playbook.sets import CompiledSet

OFFERS = [
    "photos_offer: {on: [first_report], add: photos, open_for: 1d}",
    "room_offer: {on: [more_reports], add: room, placements: [modal], open_for: 1d}",
]
SET = bound([REPORT, MORE_REPORTS], OFFERS, "{caps: [{at_most: 1, per: 30d}], quiet_when: [open_ticket]}")
MANY = 4_000


def held_out(made_of: CompiledSet = SET) -> Bench:
    """A bench all of whose accounts are held out."""
    return Bench(replace(made_of, product=replace(made_of.product, holdout=Holdout(Decimal(1), "salt"))))


def on_offers(events: list[Envelope]) -> list[Envelope]:
    return [event for event in events if isinstance(event, OfferEvent)]


def situation(account: str, share: str = "0.05", salt: str = "files") -> Situation:
    product = replace(SET.product, holdout=Holdout(Decimal(share), salt))
    return Situation(account, Bench(SET).account(account), replace(SET, product=product), T0)


# --- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", ["0.05", "0.5", "0.95"])
def test_about_the_share_of_all_accounts_is_held_out(share: str) -> None:
    found = sum(is_held_out(situation(f"account {number}", share)) for number in range(MANY))
    assert abs(found - MANY * float(share)) < 4 * (MANY * float(share) * (1 - float(share))) ** 0.5


def test_who_is_held_out_hangs_on_the_salt_and_the_account_alone() -> None:
    drawn = seed("holdout", "files", ACME)
    at, above = (str(EXACT.divide(Decimal(number), Decimal(2**64))) for number in (drawn, drawn + 1))
    assert (is_held_out(situation(ACME, at)), is_held_out(situation(ACME, above))) == (False, True)
    of = [is_held_out(situation(f"a{number}", "0.5")) for number in range(200)]
    assert of != [is_held_out(situation(f"a{number}", "0.5", "other")) for number in range(200)]


def test_a_larger_share_holds_out_those_of_the_smaller_one_too() -> None:
    few = {number for number in range(500) if is_held_out(situation(f"a{number}", "0.1"))}
    many = {number for number in range(500) if is_held_out(situation(f"a{number}", "0.3"))}
    assert few < many


# --- what becomes of them -----------------------------------------------------------------------


def test_one_who_is_held_out_is_decided_like_any_other_and_shown_nothing() -> None:
    bench = held_out()
    events = bench.use("report.exported")
    told = decision(events)
    assert (told.verdict, told.reason, told.held) == ("held_out", "held_out", ())
    assert (told.candidates[0].stage, told.candidates[0].reason) == (Stage.HELD_OUT, "held_out")
    assert told.offer_id == known(bench).offers[0].offer_id
    assert on_offers(events) == []
    (judged,) = [event for event in events if isinstance(event, OfferJudged)]
    assert (judged.data.change, judged.data.held_out) == ("made", True)


def test_their_caps_are_reserved_and_nothing_is_given_back() -> None:
    """As if the offer had been shown: the next one is capped, also after it has expired."""
    bench = held_out()
    bench.use("report.exported")
    events = bench.wait(D)
    assert (changes(events), on_offers(events)) == (["expired"], [])
    assert decision(bench.use("report.exported")).reason == "capped"


def test_it_is_kept_until_its_time_is_out_whatever_the_facts_say() -> None:
    bench = held_out()
    bench.use("report.exported")
    for told in (bench.tell(TicketOpened, ticket="1"), bench.tell(ProductBought, product="photos")):
        assert changes(told) == []
    assert [one.over for one in known(bench).offers] == [None]
    assert bench.due() == T0 + D


def test_nobody_has_an_offer_that_is_held_out() -> None:
    bench = held_out()
    bench.use("report.exported")
    with pytest.raises(Impossible) as caught:
        bench.respond(known(bench).offers[0].offer_id, "accepted")
    assert caught.value.reason is DeadLetterReason.UNKNOWN_OFFER


def test_a_higher_step_takes_the_place_of_the_lower_without_a_word() -> None:
    bench = held_out(bound(["full: {limit: storage_gb, at: [80%, 90%]}"], ["more: {on: [full], add: room}"]))
    bench.store(8)
    events = bench.store(1)
    assert (changes(events), on_offers(events)) == (["changed"], [])
    assert [one.sequence for one in known(bench).open_offers()] == [2]


def test_those_held_out_are_treated_as_those_who_see_every_offer_and_never_answer() -> None:
    """In everything but ``rung.offers``: the same decisions at the same times, and the same outcomes."""
    made_of = bound(
        [REPORT, MORE_REPORTS, "third: {milestone: exports, reaches: 3}", "full: {limit: storage_gb}"],
        [
            *OFFERS,
            "c: {on: [third], add: cable, open_for: 2d}",
            "d: {on: [full], upgrade_to: next on personal, placements: [upgrade_page]}",
        ],
        "{caps: [{at_most: 2, per: 7d}], back_off: {after: 2, wait: 3d}}",
    )
    treated, kept_away = Bench(made_of), held_out(made_of)
    for event, size, wait in (
        ("report.exported", 0, 3 * H), ("file.stored", 8, 2 * D), ("report.exported", 0, D),
        ("file.stored", 1, 5 * D), ("report.exported", 0, 2 * H), ("file.stored", 1, 9 * D),
    ):  # fmt: skip
        told = {}
        for bench in (treated, kept_away):
            events = bench.store(size) if size else bench.use(event)
            if bench is treated:
                for made in known(bench).open_offers():
                    bench.respond(made.offer_id, "presented")
            events.extend(bench.wait(wait))
            told[bench is treated] = alike(events)
        assert told[True] == told[False]


def alike(events: list[Envelope]) -> list[object]:
    """Decisions and outcomes, but for what tells those held out apart, and who saw an offer."""
    found: list[object] = []
    for event in events:
        if isinstance(event, Decided):
            told = dumped(event.data)
            won = told["verdict"] != "withheld"
            found.append((told["at"], won, None if won else told["reason"], told["moments"], told["account"],
                          [(one["offer"], one["stage"] if one.get("reason") not in (None, "held_out") else "won",
                            one.get("score")) for one in told["candidates"]]))  # fmt: skip
        elif isinstance(event, OfferJudged) and event.data.change != "presented":
            found.append((event.data.change, event.data.offer, event.data.at))
    return found


# --- variants -----------------------------------------------------------------------------------

TRIED = ("photos_offer: {on: [first_report], add: photos, variants: {a: 20%, b: 30%, c: 50%}, "
         "content: {title: A, variant_b: {title: B}, variant_c: {title: C}}}")  # fmt: skip
TRIAL = bound([REPORT], [TRIED])


def test_each_variant_gets_its_share_of_accounts() -> None:
    made = TRIAL.by_name["photos_offer"]
    found = Counter(variant_of(made, situation(f"account {number}")) for number in range(MANY))
    for name, share in (("a", 0.2), ("b", 0.3), ("c", 0.5)):
        assert abs(found[name] - MANY * share) < 4 * (MANY * share * (1 - share)) ** 0.5
    assert sum(found.values()) == MANY


def test_an_account_sees_its_own_variant_and_that_is_told() -> None:
    seen = set()
    for number in range(12):
        bench = Bench(TRIAL)
        events = bench.use("report.exported", account=f"account {number}")
        made = offer(events)
        assert made.content.title == str(made.variant).upper()
        (judged,) = [event for event in events if isinstance(event, OfferJudged)]
        assert judged.data.variant == made.variant
        assert made.variant == variant_of(TRIAL.by_name["photos_offer"], situation(f"account {number}"))
        seen.add(made.variant)
    assert seen == {"a", "b", "c"}


def test_an_offer_without_variants_has_none() -> None:
    assert offer(Bench(SET).use("report.exported")).variant is None
