"""Of each fact the newest by event time holds, in whatever order they arrive."""

from decimal import Decimal
from itertools import permutations
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letters import DeadLetterReason
from schemas.facts import (
    AccountClosed,
    AccountCreated,
    AccountErased,
    AttributeSet,
    CancelRequested,
    CancelWithdrawn,
    Fact,
    LimitSet,
    MeterSet,
    OnboardingAbandoned,
    OnboardingCompleted,
    OnboardingStarted,
    PaymentFailed,
    PaymentRecovered,
    PeriodStarted,
    PlanChanged,
    ProductBought,
    ProductEnded,
    SeatsChanged,
    TicketClosed,
    TicketOpened,
)
from schemas.outcomes import FactAccepted
from services.trigger_engine.domain.account import AccountSlice, Known
from services.trigger_engine.domain.facts import (
    MAX_FACTS,
    MAX_FACTS_BYTES,
    MAX_SEATS,
    MAX_TICKETS,
    MAX_TICKETS_BYTES,
    fold,
)
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.meters.meter import Period
from services.trigger_engine.domain.packing import ENCODER
from tests.trigger_engine.domain.building import FULL, MORE, T0, Bench, compiled, fact, only, rules
from tests.trigger_engine.domain.deciding.selling import SHOP


def folded(*facts: Fact) -> AccountSlice:
    account = AccountSlice()
    for one in facts:
        fold(account, one)
    return account


@pytest.mark.parametrize(
    ("told", "slots"),
    [
        pytest.param(
            fact(AccountCreated, plan="free", term="month", seats=3, locale="de", zone="UTC", attributes={"a": "x"}),
            {"created": True, "plan": "free", "term": "month", "seats": 3, "locale": "de", "zone": "UTC",
             "attribute:a": "x"},
            id="created",
        ),
        pytest.param(fact(AccountCreated), {"created": True}, id="created, and nothing known"),
        pytest.param(fact(PlanChanged, plan="team", seats=2), {"plan": "team", "seats": 2}, id="plan"),
        pytest.param(fact(SeatsChanged, seats=0), {"seats": 0}, id="seats"),
        pytest.param(fact(ProductBought, product="photos"), {"product:photos": True}, id="bought"),
        pytest.param(fact(ProductEnded, product="photos"), {"product:photos": False}, id="ended"),
        pytest.param(fact(AttributeSet, name="vip", value=True), {"attribute:vip": True}, id="a truth"),
        pytest.param(fact(AttributeSet, name="vip", value=None), {"attribute:vip": None}, id="no longer known"),
        pytest.param(fact(LimitSet, meter="tasks", value="unlimited"), {"limit:tasks": "unlimited"}, id="limit"),
        pytest.param(
            fact(PeriodStarted, starts=to_datetime(5), ends=to_datetime(9)), {"period": Period(5, 9)}, id="period"
        ),
        pytest.param(fact(TicketOpened, ticket="4411"), {"ticket:4411": True}, id="ticket"),
        pytest.param(fact(TicketClosed, ticket="4411"), {"ticket:4411": False}, id="ticket closed"),
        pytest.param(fact(PaymentFailed), {"payment_failed": True}, id="payment"),
        pytest.param(fact(PaymentRecovered), {"payment_failed": False}, id="payment recovered"),
        pytest.param(fact(CancelRequested), {"cancelling": True}, id="cancelling"),
        pytest.param(fact(CancelWithdrawn), {"cancelling": False}, id="stays"),
        pytest.param(fact(AccountClosed), {"cancelling": True}, id="has left"),
        pytest.param(fact(AccountErased), {"erased": True}, id="to be forgotten"),
        pytest.param(fact(OnboardingAbandoned), {"onboarding": "abandoned"}, id="given up"),
        pytest.param(fact(OnboardingStarted), {"onboarding": "started"}, id="onboarding"),
        pytest.param(fact(OnboardingCompleted, product="p"), {"onboarding:product:p": "completed"}, id="of a product"),
    ],
)  # fmt: skip
def test_a_fact_is_kept_slot_by_slot(told: Fact, slots: dict[str, object]) -> None:
    assert {slot: known.value for slot, known in folded(told).facts.items()} == slots


@pytest.mark.parametrize(
    ("told", "slot"),
    [
        pytest.param(fact(PlanChanged, plan="team", price=Decimal("96.10")), "price", id="price"),
        pytest.param(fact(LimitSet, meter="x", value=Decimal("96.10")), "limit:x", id="limit"),
        pytest.param(
            fact(MeterSet, meter="x", value=Decimal("96.10"), as_of=to_datetime(0)), "baseline:x", id="baseline"
        ),
        pytest.param(fact(AttributeSet, name="x", value=Decimal("96.10")), "attribute:x", id="attribute"),
    ],
)
def test_a_decimal_stays_one_in_the_bytes_of_a_slice(told: Fact, slot: str) -> None:
    account = folded(told)
    again = msgspec.msgpack.decode(ENCODER.encode(account), type=AccountSlice)
    assert again.facts[slot] == Known(T0, "f-1", None, Decimal("96.10"))
    assert isinstance(again.facts[slot].number, Decimal)


@pytest.mark.parametrize("text", ["96.10", "unlimited", "true", "1"])
def test_a_text_that_looks_like_a_number_stays_text(text: str) -> None:
    account = folded(fact(AttributeSet, name="x", value=text))
    again = msgspec.msgpack.decode(ENCODER.encode(account), type=AccountSlice)
    assert again.facts["attribute:x"] == Known(T0, "f-1", text)


def test_the_newest_holds_in_any_order() -> None:
    told = [fact(PlanChanged, plan=plan, at=T0 + at, fact_id=plan) for at, plan in enumerate(("free", "plus", "team"))]
    for order in permutations(told):
        assert folded(*order).facts["plan"] == Known(T0 + 2, "team", "team")


def test_among_equals_the_greater_id_holds_in_any_order() -> None:
    told = [fact(SeatsChanged, seats=n, fact_id=f"f-{n}") for n in (1, 3, 2)]
    for order in permutations(told):
        assert folded(*order).facts["seats"] == Known(T0, "f-3", 3)


def test_slots_of_one_fact_are_judged_apart() -> None:
    account = folded(
        fact(SeatsChanged, seats=9, at=T0 + 5), fact(PlanChanged, plan="team", seats=2, at=T0 + 1, fact_id="f-2")
    )
    assert (account.facts["plan"].value, account.facts["seats"].value) == ("team", 9)


def test_a_fact_that_says_nothing_new_changes_and_tells_nothing() -> None:
    bench = Bench(rules([FULL], [MORE]))
    assert len(bench.tell(PlanChanged, plan="plus", fact_id="f-1")) == 1
    before = bench.state()
    assert bench.tell(PlanChanged, plan="plus", fact_id="f-1") == []
    assert bench.tell(PlanChanged, plan="free", at=T0 - 1) == []
    assert bench.state() == before


def test_an_accepted_fact_is_told_as_it_was_sent() -> None:
    bench = Bench(rules([FULL], [MORE]))
    told = only(FactAccepted, bench.tell(AttributeSet, name="x", value=None, fact_id="f-9")).data
    assert (told.fact, told.fact_id, told.fact_source, told.at) == (
        "rung.attribute_set",
        "f-9",
        "billing",
        to_datetime(T0),
    )
    assert told.value.get("name") == "x"


def test_an_accepted_fact_tells_what_the_account_pays_a_month_since() -> None:
    bench = Bench(rules([FULL], [MORE]))
    story: list[tuple[type[Any], dict[str, Any]]] = [
        (PlanChanged, {"plan": "team", "term": "year", "seats": 5}),
        (ProductBought, {"product": "photos"}),
        (SeatsChanged, {"seats": 6}),
        (ProductBought, {"product": "unheard_of"}),
    ]
    told = [
        only(FactAccepted, bench.tell(kind, fact_id=f"f-{n}", at=T0 + n, **said)).data
        for n, (kind, said) in enumerate(story)
    ]
    assert [(one.monthly, one.currency) for one in told] == [
        (Decimal(75), "USD"),
        (Decimal(79), "USD"),
        (Decimal(94), "USD"),
        (None, "USD"),
    ]


def test_an_accepted_fact_tells_what_was_paid_once_by_it() -> None:
    bench = Bench(compiled(SHOP))
    story: list[tuple[type[Any], dict[str, Any]]] = [
        (PlanChanged, {"plan": "plus"}),
        (ProductBought, {"product": "cable"}),
        (ProductBought, {"product": "cable", "price": Decimal(9)}),
        (SeatsChanged, {"seats": 6}),
    ]
    told = [
        only(FactAccepted, bench.tell(kind, fact_id=f"f-{n}", at=T0 + n, **said)).data
        for n, (kind, said) in enumerate(story)
    ]
    assert [(one.monthly, one.once) for one in told] == [
        (Decimal(10), None),
        (Decimal(10), Decimal(12)),
        (Decimal(10), Decimal(9)),
        (Decimal(10), None),
    ]


simple: st.SearchStrategy[tuple[type[Any], dict[str, Any]]] = st.one_of(
    st.builds(lambda p: (PlanChanged, {"plan": p}), st.sampled_from(["free", "plus", "team"])),
    st.builds(lambda s: (SeatsChanged, {"seats": s}), st.integers(0, 5)),
    st.builds(lambda p, b: (b, {"product": p}), st.sampled_from("pq"), st.sampled_from([ProductBought, ProductEnded])),
    st.builds(lambda t, b: (b, {"ticket": t}), st.sampled_from("tu"), st.sampled_from([TicketOpened, TicketClosed])),
    st.sampled_from([(PaymentFailed, {}), (PaymentRecovered, {}), (CancelRequested, {}), (CancelWithdrawn, {})]),
)
stories = st.lists(st.tuples(simple, st.integers(0, 4)), max_size=12).map(
    lambda story: [fact(kind, at=T0 + at, fact_id=f"f-{n}", **data) for n, ((kind, data), at) in enumerate(story)]
)


@given(stories, st.randoms(use_true_random=False))
def test_any_order_of_facts_ends_the_same_and_again_changes_nothing(story: list[Fact], chance: Random) -> None:
    """Against a reference written apart: of each slot the greatest (time, id)."""
    shuffled = list(story)
    chance.shuffle(shuffled)
    account = folded(*shuffled)
    expected: dict[str, tuple[int, str]] = {}
    for one in story:
        for slot, known in folded(one).facts.items():
            expected[slot] = max(expected.get(slot, (0, "")), (known.at, one.id))
    assert {slot: (known.at, known.id) for slot, known in account.facts.items()} == expected
    before = ENCODER.encode(account)
    for one in story:
        assert fold(account, one) == ()
    assert ENCODER.encode(account) == before


# --- bounds -------------------------------------------------------------------------------------


def full() -> AccountSlice:
    return folded(*(fact(AttributeSet, name=f"n{n}", value="x") for n in range(MAX_FACTS)))


def test_more_facts_than_are_kept_are_refused_and_change_nothing() -> None:
    account = full()
    before = ENCODER.encode(account)
    with pytest.raises(Impossible, match="256 facts") as caught:
        fold(account, fact(ProductBought, product="one too many"))
    assert caught.value.reason is DeadLetterReason.INVALID
    assert ENCODER.encode(account) == before


def test_a_full_account_still_learns_what_is_new_of_what_it_knows() -> None:
    account = full()
    assert fold(account, fact(AttributeSet, name="n7", value="y", at=T0 + 1)) == ("attribute:n7",)


def test_a_full_account_still_changes_its_plan_and_opens_tickets() -> None:
    account = full()
    assert fold(account, fact(PlanChanged, plan="team", seats=2)) == ("plan", "seats")
    assert fold(account, fact(TicketOpened, ticket="t")) == ("ticket:t",)
    assert fold(account, fact(PaymentFailed)) == ("payment_failed",)


def test_facts_that_are_large_are_bounded_by_their_bytes() -> None:
    account = folded(fact(AttributeSet, name="a", value="x" * (MAX_FACTS_BYTES // 2)))
    with pytest.raises(Impossible):
        fold(account, fact(AttributeSet, name="b", value="ä" * (MAX_FACTS_BYTES // 4)))
    assert list(account.facts) == ["attribute:a"]


def test_beyond_the_bound_the_ticket_closed_longest_ago_is_forgotten() -> None:
    opened = [fact(TicketOpened, ticket=f"o{n}", at=T0 + n) for n in range(MAX_TICKETS - 2)]
    closed = [fact(TicketClosed, ticket=f"c{n}", at=T0 + 1000 - n) for n in range(2)]
    account = folded(*opened, *closed, fact(TicketOpened, ticket="new", at=T0 + 2000))
    assert len(account.facts) == MAX_TICKETS
    assert "ticket:c1" not in account.facts
    assert {"ticket:c0", "ticket:o0", "ticket:new"} <= set(account.facts)


def test_beyond_the_bound_with_none_closed_the_one_opened_first_is_forgotten() -> None:
    account = folded(*(fact(TicketOpened, ticket=f"o{n}", at=T0 + n) for n in range(MAX_TICKETS + 1)))
    assert len(account.facts) == MAX_TICKETS
    assert "ticket:o0" not in account.facts


def test_tickets_with_long_names_are_bounded_by_their_bytes() -> None:
    account = folded(*(fact(TicketOpened, ticket=f"{n:03}" + "x" * 250, at=T0 + n) for n in range(MAX_TICKETS)))
    assert len(ENCODER.encode(account)) < MAX_TICKETS_BYTES
    assert f"ticket:{MAX_TICKETS - 1:03}{'x' * 250}" in account.facts


def test_more_seats_than_a_slice_can_hold_are_impossible() -> None:
    assert folded(fact(SeatsChanged, seats=MAX_SEATS)).seats() == MAX_SEATS
    for told in (
        fact(SeatsChanged, seats=2**64),
        fact(PlanChanged, plan="team", seats=MAX_SEATS + 1),
        fact(AccountCreated, seats=10**30),
    ):
        with pytest.raises(Impossible, match=r"data\.seats"):
            folded(told)
