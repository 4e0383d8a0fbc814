from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from schemas.decisions import Reason, Verdict
from schemas.facts import TicketOpened
from schemas.offers import MomentKind
from schemas.outcomes import Change
from services.trigger_engine.domain.trying.tally import Accounts, Tally
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, REPORT, Bench, D, decision, rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemas.envelope import Envelope

ROOM = "room_offer: {on: [storage_full], add: room, boost: 0.5, placements: [modal]}"


@pytest.fixture
def bench() -> Bench:
    return Bench(rules([FULL, REPORT], [MORE, ROOM, PHOTOS], "{quiet_when: [open_ticket]}"))


def tally_of(events: Iterable[Envelope]) -> Tally:
    tally = Tally(Accounts())
    for event in events:
        tally.event(event)
    return tally


def test_moments_are_counted_by_times_and_by_accounts(bench: Bench) -> None:
    for size in (8, 1):
        bench.store(size)
    bench.store(8, account="beta")
    (moment,) = tally_of(bench.told).moments.values()
    assert (moment.kind, moment.times, len(moment.last)) == (MomentKind.LIMIT, 3, 2)


def test_a_moment_that_is_decided_again_fired_once(bench: Bench) -> None:
    told = decision(bench.store(8))
    tally = tally_of(bench.told)
    tally.decided("acme", told.model_copy(update={"attempt": 2}))
    assert tally.moments["storage_full"].times == 1
    assert tally.decisions == 2


def test_offers_are_counted_by_account_and_by_the_first_gate_that_failed(bench: Bench) -> None:
    bench.store(8)
    bench.tell(TicketOpened, account="beta", ticket="t-1")
    bench.store(8, account="beta")
    tally = tally_of(bench.told)
    more = tally.offers["more", "storage_full"]
    assert (len(more.made), len(more.last), more.never()) == (1, 2, {Reason.OPEN_TICKET: 1})
    room = tally.offers["room_offer", "storage_full"]
    assert (len(room.made), room.reasons) == (0, {Reason.OUTSCORED: 1, Reason.OPEN_TICKET: 1})
    assert tally.verdicts == {Verdict.OFFERED: 1, Verdict.WITHHELD: 1}


def test_who_got_it_in_the_end_is_none_of_those_who_never_did(bench: Bench) -> None:
    bench.tell(TicketOpened, ticket="t-1")
    bench.store(8)
    events = list(bench.told)
    other = Bench(bench.core.rules)
    other.store(8)
    tally = tally_of([*events, *other.told])
    more = tally.offers["more", "storage_full"]
    assert (more.reasons, more.never()) == ({Reason.OPEN_TICKET: 1}, {})
    assert tally.why_not("more", tally.accounts.number("acme")) is None


def test_the_held_out_are_told_apart(bench: Bench) -> None:
    told = decision(bench.store(8))
    tally = Tally(Accounts())
    tally.decided("acme", told.model_copy(update={"verdict": Verdict.HELD_OUT, "reason": Reason.HELD_OUT}))
    more = tally.offers["more", "storage_full"]
    assert (more.made, len(more.held_out), more.never()) == (set(), 1, {})


def test_ends_of_offers_are_counted(bench: Bench) -> None:
    bench.store(8)
    bench.wait(30 * D)
    assert tally_of(bench.told).ends == {"more": {Change.MADE: 1, Change.EXPIRED: 1}}


def test_each_offer_and_reason_has_its_example(bench: Bench) -> None:
    for account in ("acme", "beta"):
        bench.store(8, account=account)
    ((_, (made,)), (_, (outscored,))) = list(tally_of(bench.told).shown())
    assert (made.account, made.offer, made.because) == ("acme", "more", None)
    assert made.title is not None
    assert made.moment.value == Decimal(8)
    assert (outscored.offer, outscored.because, outscored.detail) == ("room_offer", Reason.OUTSCORED, "more")


def test_accounts_are_named_in_the_order_in_which_they_came() -> None:
    accounts = Accounts()
    numbers = [accounts.number(name) for name in ("b", "a", "c", "a")]
    assert numbers == [0, 1, 2, 1]
    assert accounts.names({2, 1, 0}, 2) == ["b", "a"]
    assert len(accounts) == 3
