"""Caps: calendar and rolling, of accounts, offers, families, placements and users, for some accounts, of some verbs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import AccountCreated, AttributeSet, TicketOpened
from schemas.offers import OfferMade
from services.trigger_engine.domain.account import Made
from services.trigger_engine.domain.deciding.caps import MAX_SHOWN_TO, presented
from services.trigger_engine.domain.instants import to_datetime, to_us
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import (
    ACME,
    PRODUCT,
    T0,
    Bench,
    D,
    H,
    compiled,
    decision,
    offer,
    playbook,
    reason,
)
from tests.trigger_engine.domain.deciding.judging import LEVELS, bound, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.decisions import Candidate
    from schemas.envelope import Envelope

MILESTONES = [f"m{n}: {{milestone: exports, reaches: {n}}}" for n in range(1, 9)]
OFFERS = [f"o{n}: {{on: [m{n}], add: room, family: f{n % 2}, open_for: 1h}}" for n in range(1, 9)]


def capped(caps: str, product: str = "", offers: list[str] | None = None) -> Bench:
    return Bench(bound(MILESTONES, offers or OFFERS, f"{{caps: [{caps}]}}", product))


def next_one(bench: Bench) -> str | None:
    """Why the next offer is not made; one that is made is seen, and soon over."""
    events = bench.use("report.exported")
    why = reason(events)
    if why is None:
        bench.respond(offer(events).offer_id, "presented")
        bench.wait(H)
    return why


def told(bench: Bench) -> Candidate:
    return decision(bench.use("report.exported")).candidates[0]


# --- when ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per", "ends"),
    [
        pytest.param("day", 15 * H, id="the day"),
        pytest.param("week", 15 * H, id="the week, which begins on Monday"),
        pytest.param("month", 30 * D + 15 * H, id="the month"),
        pytest.param("4h", 4 * H, id="four hours"),
        pytest.param("30d", 30 * D, id="thirty days"),
    ],
)
def test_a_cap_is_of_the_calendar_or_rolling(per: str, ends: int) -> None:
    """T0 is a Sunday, the 1st of March, at nine."""
    bench = capped(f"{{at_most: 1, per: {per}}}")
    assert next_one(bench) is None
    bench.now = T0 + ends - 1
    assert next_one(bench) == "capped"
    bench.now = T0 + ends
    assert next_one(bench) is None


@pytest.mark.parametrize(("zone", "ends"), [("Asia/Tokyo", 6 * H), ("America/New_York", 20 * H)])
def test_the_calendar_is_that_of_the_account(zone: str, ends: int) -> None:
    """At nine in Greenwich it is six in the evening in Tokyo, and four in the morning in New York."""
    bench = capped("{at_most: 1, per: day}")
    bench.tell(AccountCreated, zone=zone)
    next_one(bench)
    found = told(bench)
    assert (found.detail, found.until) == ("1 of 1 for each account", to_datetime(T0 + ends))


def test_the_end_of_a_rolling_cap_is_when_enough_have_left_it() -> None:
    bench = capped("{at_most: 2, per: 1d}")
    for _ in range(2):
        next_one(bench)
        bench.now += 3 * H
    assert told(bench).until == to_datetime(T0 + D)


def test_a_cap_of_none_never_ends() -> None:
    found = told(capped("{at_most: 0, per: 1d}"))
    assert (found.reason, found.detail, found.until) == ("capped", "0 of 0 for each account", None)


# --- what is counted ----------------------------------------------------------------------------


def test_what_expires_unseen_or_is_taken_back_is_not_counted() -> None:
    """A cap is reserved when it is decided, and given back when nobody saw the offer."""
    bench = Bench(bound(MILESTONES, OFFERS, "{caps: [{at_most: 1, per: 30d}], quiet_when: [open_ticket]}"))
    bench.use("report.exported")
    assert len(known(bench).made) == 1
    bench.wait(H)
    assert known(bench).made == []
    assert reason(bench.use("report.exported")) is None
    bench.tell(TicketOpened, ticket="1")
    assert known(bench).made == []


def test_what_was_seen_is_counted_also_when_it_expires() -> None:
    bench = capped("{at_most: 1, per: 30d}")
    next_one(bench)
    assert next_one(bench) == "capped"


@pytest.mark.parametrize(
    ("verbs", "why"),
    [
        (["highlight: roles", "highlight: audit"], [None, "capped"]),
        (["highlight: roles", "add: room"], [None, None]),
        (["add: room", "highlight: audit"], [None, None]),
    ],
)
def test_a_cap_of_a_verb_counts_and_binds_that_verb_alone(verbs: list[str], why: list[str | None]) -> None:
    """S23: not more than one new feature at once."""
    offers = [f"o{n}: {{on: [m{n}], {does}, open_for: 1h}}" for n, does in enumerate(verbs, 1)]
    bench = Bench(bound(MILESTONES[:2], offers, "{caps: [{at_most: 1, per: 14d, of: highlight}]}"))
    assert [next_one(bench) for _ in verbs] == why


def test_a_cap_can_bind_some_accounts_only() -> None:
    """S50: who uses it more may hear more."""
    caps = "{at_most: 3, per: week, for: engagement.high}, {at_most: 1, per: week, for: engagement.low}"
    low, high = capped(caps, LEVELS), capped(caps, LEVELS)
    low.use("file.shared")
    high.use("file.shared", quantity=5)
    for bench in (low, high):
        bench.now += D  # a Monday
    assert [next_one(low) for _ in range(2)] == [None, "capped"]
    assert [next_one(high) for _ in range(4)] == [None, None, None, "capped"]


def test_a_cap_binds_who_may_be_one_of_those_it_is_for() -> None:
    """What is unknown of an account is no way around a cap."""
    bench = capped("{at_most: 1, per: week, for: account.health < 50}")
    assert [next_one(bench), next_one(bench)] == [None, "capped"]
    assert offer(bench.tell(AttributeSet, name="health", value=Decimal(90))).offer == "o2"


def test_a_playbook_of_its_own_can_allow_less_and_counts_what_all_make() -> None:
    mine = "playbook: mine\nmoments:\n  m: {milestone: shares, reaches: 1}\noffers:\n  mine: {on: [m], add: photos}\n"
    mine += "guardrails:\n  caps: [{at_most: 1, per: 30d}]\n"
    bench = Bench(compiled(PRODUCT, playbook(MILESTONES, OFFERS), mine))
    assert bench.core.rules.bounds["story"].caps == ()
    assert [next_one(bench), next_one(bench)] == [None, None]
    assert reason(bench.use("file.shared")) == "capped"


# --- users --------------------------------------------------------------------------------------

OF_USERS = [f"s{n}: {{milestone: signatures, reaches: {n}}}" for n in range(1, 4)]
TO_USERS = [f"u{n}: {{on: [s{n}], add: room, open_for: 1h}}" for n in range(1, 4)]
BY_USER = "{caps: [{at_most: 1, per: 30d, each: user}]}"


def signed(bench: Bench, user: str) -> str | None:
    events = bench.use("document.signed", user=user)
    if reason(events) is None:
        bench.respond(offer(events).offer_id, "presented", user=user)
        bench.wait(H)
    return reason(events)


def test_a_cap_by_user_counts_each_users_own_offers() -> None:
    bench = Bench(bound(OF_USERS, TO_USERS, BY_USER))
    assert [signed(bench, user) for user in ("ann", "bob", "ann", "bob")] == [None, None, "capped", "capped"]


@pytest.mark.parametrize(("seen_by", "why"), [(("ann",), "capped"), (("bob",), None), ((), None)])
def test_an_offer_to_the_account_counts_for_those_it_was_presented_to(
    seen_by: tuple[str, ...], why: str | None
) -> None:
    bench = Bench(bound([*OF_USERS, MILESTONES[0]], [*TO_USERS, OFFERS[0]], BY_USER))
    made = offer(bench.use("report.exported")).offer_id
    for user in ("cid", *seen_by):
        bench.respond(made, "presented", user=user)
    bench.respond(made, "accepted")
    assert signed(bench, "ann") == why


def test_it_does_not_bind_offers_to_the_whole_account() -> None:
    bench = Bench(bound(MILESTONES, OFFERS, BY_USER))
    assert [next_one(bench), next_one(bench)] == [None, None]


def test_no_more_users_are_remembered_than_there_is_room_for() -> None:
    bench = Bench(bound(MILESTONES, OFFERS, BY_USER))
    account = bench.account(ACME)
    account.made = [Made(T0, "o", "o", "f", ("banner",))]
    situation = Situation(ACME, account, bench.core.rules, T0, parts=bench)
    for number in range(MAX_SHOWN_TO + 4):
        presented(situation, "o", f"user {number}")
        presented(situation, "o", "user 0")
    presented(situation, "o", None)
    assert len(set(account.made[0].shown_to)) == MAX_SHOWN_TO


# --- never more than the caps -------------------------------------------------------------------

CAPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["2h", "1d", "day", "week"]),
              st.sampled_from(["account", "offer", "family", "placement"])),
    min_size=1, max_size=3,
)  # fmt: skip


@given(CAPS, st.lists(st.integers(0, 30), max_size=12))
@settings(max_examples=60, deadline=None)
def test_however_it_comes_no_cap_is_ever_passed(caps: list[tuple[int, str, str]], waits: list[int]) -> None:
    """S58: counted anew from what was told, in every window that ends with an offer."""
    texts = ", ".join(f"{{at_most: {most}, per: {per}, each: {each}}}" for most, per, each in caps)
    bench = capped(texts)
    made: list[tuple[int, dict[str, str]]] = []
    for hours in waits:
        for events in go_on(bench, hours):
            for new in (event.data.offer for event in events if isinstance(event, OfferMade)):
                whose = {"account": "", "offer": new.offer, "family": new.family, "placement": ""}
                made.append((to_us(new.made_at), whose))
                bench.respond(new.offer_id, "presented")
    for most, per, each in caps:
        for at, whose in made:
            since = begin(per, at)
            assert sum(since <= then <= at and other[each] == whose[each] for then, other in made) <= most


def go_on(bench: Bench, hours: int) -> Iterator[list[Envelope]]:
    yield bench.use("report.exported")
    yield bench.wait(hours * H)


def begin(per: str, at: int) -> int:
    """Since when a cap counts at ``at``; T0 is a Sunday, at nine."""
    midnight = T0 - 9 * H
    day = midnight + (at - midnight) // D * D
    if per == "day":
        return day
    if per == "week":
        return midnight - 6 * D + (at - (midnight - 6 * D)) // (7 * D) * 7 * D
    return at - {"2h": 2 * H, "1d": D}[per] + 1
