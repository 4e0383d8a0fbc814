"""What fits: the cheapest plan that holds what is used, and seats for all members."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import LimitSet, MeterSet, PlanChanged
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import T0, Bench, decision, offer, reason
from tests.trigger_engine.domain.deciding.selling import REPORT, SHOP, bench, costs, told, why

FULL = "full: {limit: storage_gb, at: [80%, 100%]}"
MEMBERS = "crowded: {limit: members, at: [80%, 100%]}"


def using(does: str, gb: int, **plan: Any) -> Bench:
    made = told(does, **plan)
    made.tell(MeterSet, meter="storage_gb", value=gb, as_of=to_datetime(T0))
    return made


@pytest.mark.parametrize(
    ("gb", "plan", "target"),
    [
        pytest.param(11, {"plan": "free"}, "plus", id="the cheapest above, when all of them hold it"),
        pytest.param(2000, {"plan": "free"}, "plus", id="up to the limit itself"),
        pytest.param(2001, {"plan": "free", "seats": 4}, "team", id="the next that holds it"),
        pytest.param(
            4001, {"plan": "free", "seats": 4}, "enterprise", id="rungs may be left out when they hold it not"
        ),
        pytest.param(11, {"plan": "free", "seats": 0}, "plus", id="no seats hold nothing"),
        pytest.param(1001, {"plan": "team", "seats": 1}, "enterprise", id="one without a price comes last"),
    ],
)
def test_the_cheapest_plan_that_holds_the_usage(gb: int, plan: dict[str, Any], target: str) -> None:
    """S09: a plan that fits the usage."""
    assert offer(using("upgrade_to: fitting", gb, **plan).use("report.exported")).options[0].id == target


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param("plus", ("top_rung", "plus"), id="nothing above"),
        pytest.param("relic", ("not_on_ladder", "relic"), id="on no ladder"),
    ],
)
def test_without_a_plan_above_nothing_fits(plan: str, expected: tuple[str, str]) -> None:
    assert why("upgrade_to: fitting", plan=plan) == expected


def test_what_fits_already_is_no_reason_for_another_plan() -> None:
    """As long as the moment is about no limit: at one, the next plan is what the account will need."""
    made = using("upgrade_to: fitting", 2, plan="free")
    (found,) = decision(made.use("report.exported")).candidates
    assert (found.reason, found.detail) == ("nothing_fits", "free holds it")
    full = bench("upgrade_to: fitting", moment=FULL)
    full.tell(PlanChanged, plan="free")
    assert offer(full.store("1.7")).options[0].id == "plus"


@pytest.mark.parametrize(
    ("limit", "target"),
    [
        pytest.param(9, None, id="more than the plan gives"),
        pytest.param("unlimited", None, id="all there is"),
        pytest.param(1, "plus", id="less than is used"),
    ],
)
def test_what_fits_already_is_measured_by_the_limits_of_the_account_itself(
    limit: int | str, target: str | None
) -> None:
    made = using("upgrade_to: fitting", 2, plan="free")
    made.tell(LimitSet, meter="storage_gb", value=limit)
    events = made.use("report.exported")
    assert decision(events).reason == (None if target else "nothing_fits")
    assert target is None or offer(events).options[0].id == target


def test_a_limit_that_nobody_knows_does_not_fit_already() -> None:
    product = SHOP.replace("limits: {storage_gb: 2, members: 3}", "limits: {storage_gb: 2}")
    made = using("upgrade_to: fitting", 1, plan="free", seats=5, product=product)
    made.use("member.invited")
    assert offer(made.use("report.exported")).options[0].id == "plus"


def test_when_no_plan_above_holds_it_none_is_offered() -> None:
    product = SHOP.replace("storage_gb: unlimited", "storage_gb: 9")
    made = using("upgrade_to: fitting", 5000, plan="free", product=product)
    (found,) = decision(made.use("report.exported")).candidates
    assert (found.reason, found.detail) == ("nothing_fits", "no plan above free holds it")


def test_nobody_knows_what_a_limit_by_seat_holds_without_the_seats() -> None:
    product = SHOP.replace("ladders:", "ladders:\n  teams: [relic, team, enterprise]")
    assert (
        offer(using("upgrade_to: fitting", 2, plan="relic", product=product).use("report.exported")).options[0].id
        == "enterprise"
    )
    known = using("upgrade_to: fitting", 2, plan="relic", seats=1, product=product)
    assert offer(known.use("report.exported")).options[0].id == "team"


def test_every_limit_of_the_plan_counts_and_not_the_one_of_the_moment_alone() -> None:
    made = using("upgrade_to: fitting", 1, plan="free", seats=2)
    made.use("member.invited", quantity=4)
    product = SHOP.replace("limits: {storage_gb: 2000}", "limits: {storage_gb: 2000, members: 2}")
    assert offer(made.use("report.exported")).options[0].id == "plus"
    made = using("upgrade_to: fitting", 1, plan="free", seats=4, product=product)
    made.use("member.invited", quantity=4)
    assert offer(made.use("report.exported")).options[0].id == "team"


def test_at_a_limit_what_fits_raises_it() -> None:
    made = bench("upgrade_to: fitting", moment=FULL, product=SHOP.replace("storage_gb: 2000}", "storage_gb: 2}"))
    made.tell(PlanChanged, plan="free", seats=3)
    assert offer(made.store(2)).options[0].id == "team"


@settings(max_examples=60)
@given(st.integers(11, 10_000), st.integers(0, 12))
def test_what_is_offered_as_fitting_holds_the_usage(gb: int, seats: int) -> None:
    made = using("upgrade_to: fitting", gb, plan="free", seats=seats)
    found = offer(made.use("report.exported")).options[0].id
    limit = made.account("acme").limit_on(found, "storage_gb", made.core.rules.product)
    assert limit is not None
    assert limit == "unlimited" or gb <= limit


# --- seats -----------------------------------------------------------------------------------------


def crowd(does: str, members: int, moment: str = REPORT, **plan: Any) -> Bench:
    made = bench(does, moment=moment)
    told_plan: dict[str, Any] = {"plan": "team", "seats": 5} | plan
    made.tell(PlanChanged, **told_plan)
    made.told = made.use("member.invited", quantity=members)
    return made


@pytest.mark.parametrize(("members", "more"), [(6, 1), (20, 15)])
def test_seats_that_fit_are_as_many_as_the_members_need(members: int, more: int) -> None:
    """S11: active members grow from 5 to 20: a seat pack."""
    (found,) = offer(crowd("seats: fitting", members).use("report.exported")).options
    assert (found.id, found.kind, f"{found.quantity}") == ("team", "seats", str(more))
    assert costs(found) == "18 a seat a month"
    assert [(gain.what, gain.before, gain.after) for gain in found.gains] == [
        ("seats", "5", str(5 + more)),
        ("storage_gb", "5000", str(5000 + 1000 * more)),
        ("members", "5", str(5 + more)),
    ]


def test_a_number_of_seats_is_that_many_more() -> None:
    (found,) = offer(crowd("seats: 3", 1).use("report.exported")).options
    assert (f"{found.quantity}", found.gains[0].after) == ("3", "8")


@pytest.mark.parametrize(
    ("does", "plan", "expected"),
    [
        pytest.param("seats: fitting", {}, ("nothing_fits", "5 seats are enough"), id="all have one"),
        pytest.param("seats: 3", {"plan": "plus"}, ("nothing_fits", "plus is not sold by seat"), id="no seats"),
        pytest.param("seats: 3", {"plan": "gone"}, ("nothing_fits", "gone is not sold by seat"), id="no plan"),
    ],
)
def test_seats_that_nobody_needs_are_not_offered(does: str, plan: dict[str, Any], expected: tuple[str, str]) -> None:
    (found,) = decision(crowd(does, 5, **plan).use("report.exported")).candidates
    assert (found.reason, found.detail) == expected


def test_seats_that_nobody_told_of_are_not_added_to() -> None:
    assert why("seats: 3", plan="team") == ("unknown", "account.seats")
    assert why("seats: fitting", product=SHOP.replace("default_plan: free\n", "")) == ("unknown", "account.plan")


def test_members_that_are_not_known_need_nobody_knows_what() -> None:
    product = SHOP.replace("currency: EUR", "currency: EUR\nhistory: unknown")
    made = bench(
        "seats: fitting",
        moment="lately: {habit: weekly, reaches: 1}",
        product=product.replace("meters:", "meters:\n  weekly: {count: report.exported, over: 1d}"),
    )
    made.tell(PlanChanged, plan="team", seats=2)
    (found,) = decision(made.use("report.exported")).candidates
    assert (found.reason, found.detail) == ("unknown", "meters.members")


def test_a_part_of_a_member_needs_a_whole_seat() -> None:
    made = bench(
        "seats: fitting", product=SHOP.replace("{count: member.invited}", "{sum: quantity, of: member.invited}")
    )
    made.tell(PlanChanged, plan="team", seats=2)
    made.use("member.invited", quantity="2.25")
    assert offer(made.use("report.exported")).options[0].quantity == 1


def test_where_nothing_counts_members_nothing_fits_them() -> None:
    product = SHOP.replace("members: seats", "members: unlimited")
    expected = ("nothing_fits", "nothing counts the members of team")
    assert why("seats: fitting", plan="team", seats=2, product=product) == expected


def test_at_the_limit_of_members_one_more_is_needed_at_least() -> None:
    """S11: whoever stands at the limit of seats is offered more at once."""
    (found,) = offer(crowd("seats: fitting", 5, MEMBERS).told).options
    assert found.quantity == 1


@pytest.mark.parametrize(("seats", "why_not"), [("seats: 1", None), ("seats: fitting", "nothing_fits")])
def test_at_another_limit_seats_must_raise_that(seats: str, why_not: str | None) -> None:
    made = bench(seats, moment=FULL)
    made.tell(PlanChanged, plan="team", seats=5)
    assert reason(made.store(5000)) == why_not
    fixed = bench(seats, moment=FULL, product=SHOP.replace("{per_seat: 1000}", "100"))
    fixed.tell(PlanChanged, plan="team", seats=5)
    assert reason(fixed.store(100)) == ("lifts_nothing" if why_not is None else why_not)


def test_seats_cost_what_the_account_pays_for_those_it_has() -> None:
    (found,) = offer(crowd("seats: 2", 1, price=15).use("report.exported")).options
    assert costs(found) == "15 a seat a month"


def test_a_limit_of_their_own_is_not_raised_by_seats() -> None:
    made = bench("seats: 2", moment=MEMBERS)
    made.tell(PlanChanged, plan="team", seats=5)
    made.tell(LimitSet, meter="members", value=50)
    (found,) = decision(made.use("member.invited", quantity=40)).candidates
    assert (found.reason, found.detail, found.target) == ("lifts_nothing", "members", "team")
