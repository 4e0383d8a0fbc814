"""To another plan: the next rung, one that has a feature, and no other."""

import pytest

from schemas.facts import LimitSet, PlanChanged
from tests.trigger_engine.domain.building import decision, offer, reason
from tests.trigger_engine.domain.deciding.selling import SHOP, bench, option, why

FULL = "full: {limit: storage_gb, at: [80%]}"


@pytest.mark.parametrize(
    ("product", "plan", "target"),
    [
        pytest.param(SHOP, "plus", None, id="the top of all its ladders"),
        pytest.param(
            SHOP.replace("personal: [free, plus]", "personal: [free, plus]\n  small: [relic, team]"),
            "team",
            "enterprise",
            id="the top of one, with a rung above on the other",
        ),
        pytest.param(
            SHOP.replace("personal: [free, plus]", "personal: [free, plus]\n  small: [team, enterprise]"),
            "team",
            "enterprise",
            id="two that agree",
        ),
    ],
)
def test_next_alone_needs_one_next_rung(product: str, plan: str, target: str | None) -> None:
    reason_told = why("upgrade_to: next", plan=plan, product=product)[0]
    assert reason_told == ("top_rung" if target is None else None)
    if target is not None:
        assert option("upgrade_to: next", plan=plan, product=product).id == target


@pytest.mark.parametrize(
    ("feature", "plan", "target"),
    [
        pytest.param("history", "free", "plus", id="the cheapest of all above, on any ladder"),
        pytest.param("roles", "free", "team", id="the cheapest that has it"),
        pytest.param("audit", "free", "enterprise", id="not only the next rung; one without a price comes last"),
        pytest.param("on_site", "team", "talks", id="the only one that has it, though it has no price"),
    ],
)
def test_a_feature_is_unlocked_by_the_cheapest_plan_above(feature: str, plan: str, target: str) -> None:
    """S13: gated features lead to the tier that unlocks them."""
    found = option(f"upgrade_to: {{unlocks: {feature}}}", plan=plan, seats=2)
    assert (found.id, found.kind) == (target, "plan")
    assert feature in [gain.what for gain in found.gains]


def test_the_cheapest_is_that_at_present_seats() -> None:
    product = SHOP.replace("{year: 6000, three_years", "{month: 50, year: 600, three_years")
    assert option("upgrade_to: {unlocks: roles}", plan="free", seats=2, product=product).id == "team"
    assert option("upgrade_to: {unlocks: roles}", plan="free", seats=3, product=product).id == "enterprise"


def test_a_feature_of_one_term_is_offered_for_that_term() -> None:
    """S45: the multi-year price comes with dedicated support."""
    found = option("upgrade_to: {unlocks: dedicated_support}", plan="team", seats=2, term="month")
    assert found.price is not None
    assert (found.id, found.price.term) == ("enterprise", "three_years")
    assert "dedicated_support" in [gain.what for gain in found.gains]


@pytest.mark.parametrize(
    ("feature", "plan", "expected"),
    [
        pytest.param("history", "plus", ("owned", "history"), id="what the plan has"),
        pytest.param("roles", "plus", ("nothing_fits", "no plan above plus has roles"), id="what none above has"),
        pytest.param("roles", "relic", ("nothing_fits", "no plan above relic has roles"), id="from no ladder"),
    ],
)
def test_a_feature_that_can_not_be_unlocked_is_not(feature: str, plan: str, expected: tuple[str, str]) -> None:
    assert why(f"upgrade_to: {{unlocks: {feature}}}", plan=plan) == expected


def test_a_feature_of_their_own_term_is_theirs() -> None:
    does = "upgrade_to: {unlocks: dedicated_support}"
    assert why(does, plan="enterprise", term="three_years") == ("owned", "dedicated_support")
    assert why(does, plan="enterprise", term="year")[0] == "nothing_fits"


@pytest.mark.parametrize("does", ["upgrade_to: next on work", "upgrade_to: fitting", "upgrade_to: {unlocks: roles}"])
def test_without_a_plan_nobody_knows_what_is_above(does: str) -> None:
    assert why(does, product=SHOP.replace("default_plan: free\n", "")) == ("unknown", "account.plan")


def test_at_a_limit_the_cheapest_that_raises_it_unlocks() -> None:
    product = SHOP.replace("storage_gb: 2000}, features: [history]", "storage_gb: 2}, features: [history]")
    made = bench("upgrade_to: {unlocks: history}", moment=FULL, product=product)
    made.tell(PlanChanged, plan="free", seats=5)
    assert offer(made.store(2)).options[0].id == "team"


def test_at_a_limit_nothing_is_unlocked_that_raises_it_not() -> None:
    made = bench("upgrade_to: {unlocks: history}", moment=FULL)
    made.tell(PlanChanged, plan="free", seats=1)
    made.tell(LimitSet, meter="storage_gb", value="unlimited")
    assert made.store(5) == []
    made = bench("upgrade_to: next on personal", moment=FULL)
    made.tell(LimitSet, meter="storage_gb", value=9000)
    told = decision(made.store(8000))
    assert (told.reason, told.candidates[0].detail, told.candidates[0].target) == (
        "lifts_nothing",
        "storage_gb",
        "plus",
    )


BLOCKED = "blocked: {attempt: report.exported, of: members}"


@pytest.mark.parametrize(
    ("does", "target"),
    [
        pytest.param("upgrade_to: next on work", "team", id="the next rung"),
        pytest.param("upgrade_to: {unlocks: roles}", "team", id="a feature"),
        pytest.param("upgrade_to: fitting", "team", id="what fits"),
    ],
)
def test_when_somebody_is_blocked_the_upgrade_raises_that_limit(does: str, target: str) -> None:
    """S02: the fourth project, the next invite: a tier that lets it through."""
    made = bench(does, moment=BLOCKED)
    made.tell(PlanChanged, plan="free", seats=5)
    made.use("member.invited", quantity=3)
    assert offer(made.use("report.exported")).options[0].id == target


@pytest.mark.parametrize("does", ["upgrade_to: next on personal", "upgrade_to: {unlocks: history}"])
def test_when_somebody_is_blocked_nothing_else_is_offered(does: str) -> None:
    product = SHOP.replace("members: seats}\n    features: [history, roles]", "members: seats}\n    features: [roles]")
    made = bench(does, moment=BLOCKED, product=product.replace("features: [history, roles, audit", "features: [roles"))
    made.tell(PlanChanged, plan="free", seats=2)
    made.use("member.invited", quantity=3)
    (found,) = decision(made.use("report.exported")).candidates
    assert (found.reason, found.detail, found.target) == ("lifts_nothing", "members", "plus")


def test_what_is_above_is_never_offered_from_the_top() -> None:
    made = bench("upgrade_to: next on work")
    made.tell(PlanChanged, plan="talks")
    assert reason(made.use("report.exported")) == "top_rung"
