"""Stage 1: the next rung and no other, nothing that is owned, nothing that lifts nothing."""

import pytest

from schemas.decisions import Stage
from schemas.facts import LimitSet, PlanChanged, ProductBought, ProductEnded, SeatsChanged
from tests.trigger_engine.domain.building import FULL, PRODUCT, REPORT, T0, Bench, D, H, decision, offer, reason, rules


def upgrading(to: str, plan: str | None = None, product: str = PRODUCT) -> Bench:
    """A bench whose account, on ``plan``, is about to export its first report, which earns this upgrade."""
    bench = Bench(rules([REPORT], [f"up: {{on: [first_report], upgrade_to: {to}}}"], product=product))
    if plan is not None:
        bench.tell(PlanChanged, plan=plan)
    return bench


@pytest.mark.parametrize(
    ("to", "plan", "target"),
    [
        pytest.param("next on personal", None, "plus", id="from the default plan"),
        pytest.param("next on work", "free", "team", id="on the ladder that is named"),
        pytest.param("next on work", "team", "enterprise", id="one rung at a time"),
        pytest.param("next", "team", "enterprise", id="the only ladder there is"),
        pytest.param("team", "free", "team", id="a plan that is the next one"),
    ],
)
def test_the_next_rung_is_offered(to: str, plan: str | None, target: str) -> None:
    """S27: the value ladder; only the adjacent rung, no random jump."""
    (option,) = offer(upgrading(to, plan).use("report.exported")).options
    assert (option.id, option.kind) == (target, "plan")


@pytest.mark.parametrize(
    ("to", "plan", "why", "detail"),
    [
        pytest.param("enterprise", "free", "not_adjacent", "free to enterprise", id="a jump"),
        pytest.param("next", "free", "not_on_ladder", "free stands on more than one ladder: name one", id="ambiguous"),
        pytest.param("next on personal", "plus", "top_rung", "plus", id="nothing above"),
        pytest.param("next", "plus", "top_rung", "plus", id="nothing above on the only ladder"),
        pytest.param("next on personal", "team", "not_on_ladder", "team", id="not on that ladder"),
        pytest.param("next", "relic", "not_on_ladder", "relic", id="on no ladder"),
        pytest.param("next", "gone", "not_on_ladder", "gone", id="on a plan that is no longer sold"),
        pytest.param("plus", "team", "not_on_ladder", "team to plus", id="on no ladder with both"),
        pytest.param("plus", "plus", "owned", "plus", id="has it already"),
        pytest.param("team", "enterprise", "owned", "team", id="has more already"),
    ],
)
def test_no_other_rung_is(to: str, plan: str, why: str, detail: str) -> None:
    """S27: and when there is no adjacent rung, nothing is offered."""
    told = decision(upgrading(to, plan).use("report.exported"))
    assert (told.verdict.value, told.reason) == ("withheld", why)
    assert (told.candidates[0].stage, told.candidates[0].detail) == (Stage.ELIGIBLE, detail)


def test_without_a_plan_nobody_knows_the_next() -> None:
    bench = upgrading("next on work", product=PRODUCT.replace("default_plan: free\n", ""))
    assert reason(bench.use("report.exported")) == "unknown"


def test_what_is_owned_is_not_offered_and_what_was_given_up_is() -> None:
    def bench() -> Bench:
        made = Bench(rules([REPORT], ["photos_offer: {on: [first_report], add: photos}"]))
        made.tell(ProductBought, product="photos")
        return made

    assert reason(bench().use("report.exported")) == "owned"
    ended = bench()
    ended.tell(ProductEnded, product="photos", at=T0 + 1)
    assert reason(ended.use("report.exported")) is None


@pytest.mark.parametrize(
    ("to", "why"),
    [
        pytest.param("next on personal", "lifts_nothing", id="the same limit"),
        pytest.param("next on work", "lifts_nothing", id="an unknown limit"),
    ],
)
def test_an_upgrade_at_a_limit_must_lift_that_limit(to: str, why: str) -> None:
    moments = ["projects_full: {limit: projects, at: [100%]}"]
    bench = Bench(rules(moments, [f"up: {{on: [projects_full], upgrade_to: {to}}}"]))
    assert reason(bench.use("project.created", quantity=3)) == why


def test_a_limit_of_their_own_may_be_more_than_the_next_plan_gives() -> None:
    bench = Bench(rules([FULL], ["up: {on: [storage_full], upgrade_to: next on personal}"]))
    bench.tell(LimitSet, meter="storage_gb", value=2000)
    assert reason(bench.store(1900)) == "lifts_nothing"


def test_a_limit_by_seat_lifts_when_the_seats_make_it_more() -> None:
    for seats, why in ((3, None), (None, "lifts_nothing")):
        bench = Bench(rules([FULL], ["up: {on: [storage_full], upgrade_to: next on work}"]))
        if seats is not None:
            bench.tell(SeatsChanged, seats=seats)
        assert reason(bench.store(9)) == why


def test_no_limit_at_all_lifts_every_limit() -> None:
    bench = Bench(rules([FULL], ["up: {on: [storage_full], upgrade_to: next on work}"]))
    bench.tell(PlanChanged, plan="team", seats=1)
    assert offer(bench.store(1000)).options[0].id == "enterprise"


@pytest.mark.parametrize(("age", "why"), [(H // 2, None), (H // 2 + 1, "stale")])
def test_a_moment_that_is_too_old_is_told_and_not_used(age: int, why: str | None) -> None:
    bench = Bench(
        rules([REPORT.replace("}", ", stale_after: 30m}")], ["photos_offer: {on: [first_report], add: photos}"])
    )
    assert reason(bench.use("report.exported", at=T0 - age)) == why


def test_a_moment_is_fresh_for_a_day_when_nothing_else_is_said() -> None:
    bench = Bench(rules([FULL], ["up: {on: [storage_full], upgrade_to: next on personal}"]))
    assert reason(bench.store(8, at=T0 - D)) is None
    assert reason(bench.store(8, account="late", at=T0 - D - 1)) == "stale"
