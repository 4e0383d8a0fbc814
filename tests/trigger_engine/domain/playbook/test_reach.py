"""Whom a condition can be true of: said only as far as it is certain, and never nobody where there may be somebody."""

from decimal import Decimal
from itertools import product as each_with_each

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.conditions.kinds import Kind, Value
from services.trigger_engine.domain.playbook.reach import Reach, Reaches
from tests.trigger_engine.domain.playbook.whole_playbook import product_of
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

PRODUCT = product_of(WHOLE)
ALL = {"free", "plus", "team", "enterprise"}


def reach(condition: str | None, **segments: str) -> Reach:
    """Whom the condition can be true of; each segment can name those before it."""
    names = PRODUCT.names.plus(dict.fromkeys(segments, Kind.FLAG))
    read = {name: compile_condition(text, names) for name, text in segments.items()}
    return Reaches(PRODUCT, read).of(compile_condition(condition, names) if condition is not None else None)


@pytest.mark.parametrize(
    "condition",
    [
        "account.team > 3 && account.team < 4",
        "account.team > 5 && account.team < 3",
        "account.health > 0.5 && account.health < 0.5",
        "account.industry == 'retail' && account.industry == 'health'",
        "account.plan == 'gold'",
        "account.plan == 'free' && account.plan != 'free'",
        "account.term == 'decade'",
        "account.onboarding == 'begun'",
        "account.vip && !account.vip",
        "engagement.high && engagement.low",
        "account.age > 3d && account.age < 2d",
        "'photos' in account.owned && !('photos' in account.owned)",
        "known(account.health) && !known(account.health)",
        "meters.exports > meters.tasks && meters.tasks > meters.exports",
    ],
)
def test_a_contradiction_is_true_of_nobody(condition: str) -> None:
    assert reach(condition).nobody


@pytest.mark.parametrize(
    "condition",
    [
        "account.team > 3 && account.team < 5",
        "account.health > 0.5 && account.health < 0.500000001",
        "account.industry != 'retail' && account.industry != 'health'",
        "account.industry != account.currency_paid",
        "account.plan in ['gold', 'free']",
        "account.plan != 'gold'",
        "account.seats > account.team && account.team > 5",
        "meters.exports > meters.tasks && meters.tasks > meters.storage_gb && meters.storage_gb > 3",
        "'photos' in account.owned && !('sign' in account.owned)",
        "!known(account.health)",
        "account.age > 3d && account.age < 4d",
        "!engagement.high && !engagement.low",
        "account.id == 'acme'",
        "account.created > timestamp('2026-01-01T00:00:00Z')",
        "size(account.owned) > 3",
        "account.id.startsWith('a') && account.id.endsWith('z')",
        "meters.exports + meters.tasks > 20 && meters.exports < 11 && meters.tasks < 11",
        "meters.exports > 2 * meters.tasks && meters.tasks > 3",
    ],
)
def test_what_can_be_true_of_somebody_is_never_said_to_be_true_of_nobody(condition: str) -> None:
    assert not reach(condition).nobody


@pytest.mark.parametrize(
    ("condition", "plans"),
    [
        (None, ALL),
        ("account.team > 3", ALL),
        ("account.plan == 'free'", {"free"}),
        ("account.plan != 'free' && account.plan != 'team'", {"plus", "enterprise"}),
        ("account.plan in ['plus', 'gold']", {"plus"}),
        ("account.plan == 'free' || account.team > 3", ALL),
        ("account.plan == 'free' || (account.team > 3 && account.plan == 'team')", {"free", "team"}),
    ],
)
def test_the_plans_that_a_condition_leaves_are_known(condition: str | None, plans: set[str]) -> None:
    assert reach(condition).plans == plans


def test_an_account_is_put_down_as_one_value_of_each_level() -> None:
    found = reach("(engagement.high || engagement.low) && size.large")
    assert found.levels == {"engagement": {"high", "low"}, "size": {"large"}}
    assert reach("account.team > 3").levels["engagement"] == {"high", "medium", "low"}


def test_segments_are_looked_into() -> None:
    assert reach("rich && poor", rich="account.plan == 'plus'", poor="account.plan == 'free'").nobody
    assert reach("not rich", rich="account.plan != 'free'").plans == {"free"}
    assert reach("both", rich="account.plan != 'free'", both="rich && account.team > 1").plans == ALL - {"free"}


def test_a_condition_with_too_much_to_ask_is_taken_to_be_true_of_anybody() -> None:
    many = " && ".join(
        f"meters.{meter} > {at}" for at, meter in enumerate(["exports", "tasks", "storage_gb", "members"])
    )
    assert reach(f"account.plan == 'free' && {many}").plans == ALL


NUMBERS = ["meters.exports", "meters.tasks"]
TERMS = [f"{name} {sign} {at}" for name, sign, at in each_with_each(NUMBERS, ["<", "<=", "==", "!=", ">"], [1, 2])]
TERMS += ["meters.exports > meters.tasks", "meters.exports != meters.tasks", "account.vip", "account.plan == 'free'"]
ASKED = {term: compile_condition(term, PRODUCT.names) for term in TERMS}
ACCOUNTS = st.fixed_dictionaries(
    {
        **dict.fromkeys(NUMBERS, st.sampled_from([Decimal(tenths) / 10 for tenths in range(-10, 40, 3)])),
        "account.vip": st.booleans(),
        "account.plan": st.sampled_from(sorted(ALL)),
    }
)


@given(ACCOUNTS, st.data())
def test_an_account_of_which_a_condition_is_true_is_always_within_its_reach(
    account: dict[str, Value | None], data: st.DataObject
) -> None:
    true = [term for term, asked in ASKED.items() if asked.judge(account).holds]
    terms = data.draw(st.lists(st.sampled_from(true), min_size=1, max_size=4, unique=True))
    condition = compile_condition(" && ".join(terms), PRODUCT.names)
    assert account["account.plan"] in Reaches(PRODUCT, {}).of(condition).plans
