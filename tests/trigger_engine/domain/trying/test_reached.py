from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemas.decisions import Decided, Reason
from schemas.facts import PlanChanged, TicketOpened
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.sets import compiled, read_set
from services.trigger_engine.domain.trying.moved import Moved
from services.trigger_engine.domain.trying.reached import Reach, Reached
from services.trigger_engine.domain.trying.tally import Accounts
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, PRODUCT, REPORT, Bench, playbook, rules

if TYPE_CHECKING:
    from services.trigger_engine.domain.playbook.sets import CompiledSet

QUIET = "{quiet_when: [open_ticket]}"
ROOM = "room_offer: {on: [storage_full], add: room, boost: 0.5, placements: [modal]}"
BEFORE = rules([FULL, REPORT], [MORE, PHOTOS], QUIET)


def written(moments: list[str], offers: list[str], product: str = PRODUCT) -> CompiledSet:
    """A set that decides nothing here, so that it may say whatever can be read."""
    problems = Problems()
    files = [("product.yaml", f"{product}guardrails: {QUIET}\n"), ("playbook.yaml", playbook(moments, offers))]
    found = compiled(read_set(files, problems), 8)
    assert problems.found == []
    return found


def reach(now: CompiledSet, *, before: CompiledSet = BEFORE, known: bool = True) -> Reach:
    """What decisions about three accounts mean: one got the offer, one waits for help, one is above it already."""
    bench = Bench(before)
    bench.store(8)
    bench.tell(TicketOpened, account="beta", ticket="t-1")
    bench.store(8, account="beta")
    bench.tell(PlanChanged, account="gamma", plan="plus")
    bench.store(1600, account="gamma")
    sets = {7: before} if known else {}
    found = Reach(now, sets.get, Accounts())
    for event in bench.told:
        if isinstance(event, Decided):
            found.decided(event.subject, event.data)
    return found


def row(found: Reach, offer: str = "more") -> Reached:
    (one,) = [row for row in found.rows() if row.offer == offer]
    return one


def test_of_an_offer_that_has_not_changed_it_is_known_what_became_of_it() -> None:
    more = row(reach(BEFORE))
    assert more.fired is not None
    assert len(more.fired.last) == 3
    assert (len(more.decided.made), more.decided.never()) == (1, {Reason.OPEN_TICKET: 1, Reason.TOP_RUNG: 1})
    assert (more.could, more.moved) == ({}, set())


def test_words_make_no_other_offer() -> None:
    worded = MORE.replace("on personal}", "on personal, content: {title: Room for more}}")
    assert len(row(reach(rules([FULL, REPORT], [worded, PHOTOS], QUIET))).decided.made) == 1


def test_of_a_new_offer_those_who_had_the_moment_and_were_not_left_alone_are_the_most() -> None:
    new = row(reach(rules([FULL, REPORT], [MORE, ROOM, PHOTOS], QUIET)), "room_offer")
    assert (new.is_new, new.at_most, new.stopped()) == (True, 2, {Reason.OPEN_TICKET: 1})
    assert new.decided.last == {}


def test_who_is_none_of_those_it_is_for_is_not_counted() -> None:
    free = ROOM.replace("add: room", "add: room, for: account.plan == 'free'")
    new = row(reach(written([FULL, REPORT], [MORE, free, PHOTOS])), "room_offer")
    assert (new.at_most, new.stopped()) == (1, {Reason.OPEN_TICKET: 1, Reason.NOT_FOR: 1})


@pytest.mark.parametrize(
    ("verb", "at_most"),
    [("add: room", 2), ("highlight: roles", 2), ("nurture: room", 2), ("task: modal", 3)],
)
def test_what_stops_a_sale_does_not_stop_a_task(verb: str, at_most: int) -> None:
    other = f"room_offer: {{on: [storage_full], {verb}}}"
    assert row(reach(written([FULL, REPORT], [MORE, other, PHOTOS])), "room_offer").at_most == at_most


def test_what_stopped_offers_then_and_would_not_now_stops_none() -> None:
    more = row(reach(rules([FULL, REPORT], [MORE, PHOTOS])))
    assert (more.moved, more.is_new) == ({Moved.GUARDRAILS}, False)
    assert (more.at_most, more.stopped()) == (3, {})


@pytest.mark.parametrize(
    ("moments", "offers", "product", "moved"),
    [
        pytest.param([FULL], [MORE.replace("}", ", boost: 2}")], PRODUCT, Moved.OFFER, id="its own text"),
        pytest.param([FULL], [MORE], PRODUCT.replace("96.10", "97"), Moved.CATALOGUE, id="a price"),
        pytest.param([FULL], [MORE], PRODUCT + "weights: {match: 3}\n", Moved.WEIGHTS, id="weights"),
        pytest.param([FULL], [MORE], PRODUCT + "holdout: {share: 5%}\n", Moved.HOLDOUT, id="who is held out"),
        pytest.param([FULL], [MORE], PRODUCT + "facts: {team: whole}\n", Moved.LEVELS, id="what is known"),
    ],
)
def test_what_has_changed_is_told(moments: list[str], offers: list[str], product: str, moved: Moved) -> None:
    before = rules([FULL], [MORE], QUIET)
    more = row(reach(written(moments, offers, product), before=before))
    assert more.moved == {moved}
    assert more.at_most == 2


def test_a_moment_that_means_something_else_is_not_counted() -> None:
    earlier = FULL.replace("80%", "70%")
    for now in (
        rules([earlier, REPORT], [MORE, PHOTOS], QUIET),
        rules([FULL, REPORT], [MORE, PHOTOS], QUIET, PRODUCT.replace("storage_gb: 10,", "storage_gb: 9,")),
    ):
        found = reach(now)
        more = row(found)
        assert (more.fired, len(more.otherwise), found.knows("storage_full")) == (None, 3, False)


def test_a_moment_that_nobody_had_is_told_apart_from_one_that_nobody_watched_for() -> None:
    third = "third_report: {milestone: exports, reaches: 3}"
    found = reach(rules([FULL, REPORT, third], [MORE, PHOTOS, "cable_offer: {on: [third_report], add: cable}"], QUIET))
    assert row(found, "photos_offer").fired is None
    assert found.knows("first_report")
    assert not found.knows("third_report")


def test_other_offers_that_changed_are_told_of() -> None:
    assert reach(rules([FULL, REPORT], [MORE, ROOM, PHOTOS], QUIET)).company_moved
    assert not reach(BEFORE).company_moved


def test_decisions_of_a_set_that_nobody_knows_are_left_out() -> None:
    found = reach(BEFORE, known=False)
    assert (found.unknown, row(found).fired) == ({7}, None)
