"""The product document is read in full into typed values, also what only a later version carries out."""

from decimal import Decimal

import pytest

from schemas.offers import Verb
from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.playbook.product import (
    Aggregate,
    BackOff,
    BundleSold,
    Each,
    FactDefinition,
    History,
    Holdout,
    LadderOf,
    LimitRule,
    PriceStep,
    Product,
    Quiet,
    Span,
    Weights,
)
from tests.trigger_engine.domain.building import PRODUCT, D, H
from tests.trigger_engine.domain.playbook.whole_product import SEGMENTS, WHOLE, faults, reading


@pytest.fixture(scope="module")
def product() -> Product:
    return reading(WHOLE)[0]


def test_the_whole_language_is_read_without_a_fault() -> None:
    _, problems = reading(WHOLE)
    assert [str(problem) for problem in (*problems.found, *problems.later_found)] == []


def test_what_the_core_carries_out_has_nothing_that_is_refused() -> None:
    _, problems = reading(PRODUCT)
    assert (problems.found, problems.later_found, problems.warnings) == ([], [], [])


# --- events and facts -------------------------------------------------------------------------------


def test_events_have_typed_properties(product: Product) -> None:
    assert product.events["file.stored"] == {"size_gb": "number", "format": "text?"}
    assert product.events["task.ran"] == {"urgent": "flag"}


def test_facts_have_a_type_and_perhaps_a_default(product: Product) -> None:
    assert list(product.facts.values()) == [
        FactDefinition("industry", Kind.TEXT),
        FactDefinition("team", Kind.WHOLE, 1),
        FactDefinition("health", Kind.NUMBER),
        FactDefinition("vip", Kind.FLAG, default=False),
        FactDefinition("currency_paid", Kind.TEXT, "USD"),
        FactDefinition("goal", Kind.NUMBER, Decimal("12.5")),
    ]


# --- the catalogue ----------------------------------------------------------------------------------


def test_plans_have_prices_by_term_limits_and_features(product: Product) -> None:
    """Money: decimal, with its term. An absent limit is unknown; `unlimited` is a limit."""
    assert dict(product.terms) == {"month": 1, "year": 12, "three_years": 36}
    assert product.plans["enterprise"].prices == {"year": Decimal(6000), "three_years": Decimal(15000)}
    assert product.plans["team"].limits == {
        "storage_gb": LimitRule(per_seat=Decimal(1000)),
        "sharing": LimitRule(per_seat=Decimal(1)),
    }
    assert product.plans["enterprise"].limits == {"storage_gb": LimitRule(fixed=None)}
    assert product.plans["free"].limits["projects"] == LimitRule(fixed=Decimal(3))
    assert [plan.id for plan in product.plans.values() if plan.per_seat] == ["team"]
    assert product.features == ("history", "docs", "support")


def test_a_term_can_give_features_of_its_own(product: Product) -> None:
    enterprise = product.plans["enterprise"]
    assert enterprise.features_on("three_years") == ("docs", "support")
    assert enterprise.features_on("year") == ("docs",)
    assert enterprise.features_on(None) == ("docs",)


def test_ladders_are_of_plans_or_of_products_and_features(product: Product) -> None:
    """Ladders: the next of products and features needs the one before in use, so it is said when that is."""
    assert product.ladders["adoption"] == ("docs", "photos", "sign")
    assert {name: product.kind_of(name) for name in product.ladders} == {
        "personal": LadderOf.PLANS,
        "work": LadderOf.PLANS,
        "adoption": LadderOf.PRODUCTS,
    }


def test_a_rung_on_two_ladders_is_told_as_ambiguous(product: Product) -> None:
    """Ladders: `next` alone needs one unambiguous ladder."""
    assert product.ladders_of("free") == ("personal", "work")
    assert product.ladders_of("plus") == ("personal",)
    assert product.ladders_of("room") == ()


def test_products_tell_what_they_go_with_and_whether_they_can_be_bought_again(product: Product) -> None:
    photos, room = product.products["photos"], product.products["room"]
    assert (photos.goes_with, photos.sort, photos.repeat) == (
        {"plus": Decimal("1.4"), "sign": Decimal(2)},
        "tool",
        False,
    )
    assert (room.adds, room.goes_with, room.sort, room.repeat) == ({"storage_gb": Decimal(1000)}, {}, None, True)
    assert product.products["cable"].prices == {"once": Decimal(12)}


def test_a_bundle_has_items_and_a_price(product: Product) -> None:
    """Bundles: the saving stands nowhere."""
    prices = {"month": Decimal(9), "year": Decimal(100)}
    assert product.bundles == {"creative": BundleSold("creative", ("photos", "sign"), prices)}


# --- meters -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "aggregate", "span", "prop", "of"),
    [
        ("storage_gb", Aggregate.SUM, Span.EVER, "size_gb", "file.stored"),
        ("sharing", Aggregate.DISTINCT, Span.ROLLING, "recipient", "file.shared"),
        ("members", Aggregate.DISTINCT, Span.EVER, "user", "member.invited"),
        ("tasks", Aggregate.COUNT, Span.BILLING_PERIOD, None, "task.ran"),
        ("tasks_today", Aggregate.COUNT, Span.DAY, None, "task.ran"),
        ("largest", Aggregate.MAX, Span.MONTH, "size_gb", "file.stored"),
        ("newest", Aggregate.LAST, Span.WEEK, "size_gb", "file.stored"),
        ("active_days", Aggregate.DAYS_WITH, Span.ROLLING, None, "any"),
        ("invite_days", Aggregate.DAYS_WITH, Span.EVER, None, "member.invited"),
    ],
)
def test_a_meter_is_one_aggregate_over_one_span(
    product: Product, name: str, aggregate: Aggregate, span: Span, prop: str | None, of: str
) -> None:
    """Meters: one aggregate, one span."""
    meter = product.meters[name]
    assert (meter.aggregate, meter.span, meter.prop, meter.of) == (aggregate, span, prop, of)


def test_a_rolling_span_has_its_length(product: Product) -> None:
    """Meters: rolling = event times in (t - span, t]."""
    assert (product.meters["sharing"].rolling_us, product.meters["active_days"].rolling_us) == (7 * D, 30 * D)
    assert product.meters["tasks"].rolling_us is None


def test_a_meter_counts_for_the_account_or_by_user_or_by_a_property(product: Product) -> None:
    """Meters: one key."""
    assert product.meters["projects"].of_account
    assert (product.meters["invites"].by_user, product.meters["invites"].by) == (True, None)
    assert (product.meters["team_projects"].by_user, product.meters["team_projects"].by) == (False, "team")
    assert not product.meters["team_projects"].of_account


def test_days_can_be_counted_with_one_of_some_or_any_event(product: Product) -> None:
    some = product.meters["file_days"]
    assert {event for event in product.events if some.counts(event)} == {"file.stored", "file.shared"}
    assert all(product.meters["active_days"].counts(event) for event in product.events)
    assert not product.meters["invite_days"].counts("file.stored")


def test_a_meter_counts_only_where_its_condition_is_true(product: Product) -> None:
    where = product.meters["exports"].where
    assert where is not None
    assert where.judge({"event.format": "pdf", "event.pages": 2}).holds
    assert not where.judge({"event.format": "pdf", "event.pages": 1}).holds
    assert where.judge({"event.pages": 2}).why == "unknown: event.format"


@pytest.mark.parametrize(
    ("name", "written", "instead"),
    [
        ("exports", "event.pages >= 2", "event.pages >= 3"),
        ("sharing", "over: 7d", "over: 8d"),
        ("tasks_today", "over: day", "over: week"),
        ("team_projects", "by: team", "by: user"),
        ("file_days", "[file.stored, file.shared]", "[file.stored, report.exported]"),
    ],
)
def test_a_meter_that_is_defined_otherwise_is_another_meter(
    product: Product, name: str, written: str, instead: str
) -> None:
    other, _ = reading(WHOLE.replace(written, instead, 1))
    assert other.meters[name].key != product.meters[name].key


def test_a_meter_of_days_is_the_same_whatever_the_order_of_its_events(product: Product) -> None:
    other, _ = reading(WHOLE.replace("[file.stored, file.shared]", "[file.shared, file.stored]"))
    assert other.meters["file_days"].key == product.meters["file_days"].key


def test_meters_that_need_a_baseline_are_listed(product: Product) -> None:
    """Known from: with `history: unknown` all but rolling meters wait for what stood before."""
    assert product.history is History.UNKNOWN
    assert set(product.meters) - set(product.needing_baseline) == {"sharing", "active_days"}
    assert reading(WHOLE.replace("history: unknown", "history: starts_empty"))[0].needing_baseline == ()


# --- levels and use ---------------------------------------------------------------------------------


def test_levels_are_read_from_the_first_that_holds_to_the_last(product: Product) -> None:
    engagement = product.levels["engagement"]
    assert engagement.values == ("high", "medium", "low")
    assert {name: condition.text for name, condition in engagement.rungs.items()} == {
        "high": "meters.active_days >= 12",
        "medium": "meters.active_days >= 4",
    }
    assert engagement.otherwise == "low"


def test_it_is_said_when_a_product_or_a_feature_counts_as_used(product: Product) -> None:
    assert {thing: condition.reads for thing, condition in product.in_use.items()} == {
        "photos": ("meters.file_days",),
        "docs": ("account.industry",),
    }


# --- guardrails -------------------------------------------------------------------------------------


def test_quiet_states_are_built_in_or_segments_each_with_its_cool_down(product: Product) -> None:
    assert dict(product.quiet) == {Quiet.ONBOARDING: 0, Quiet.OPEN_TICKET: 24 * H, Quiet.RENEWAL_WEEK: 0}
    assert [(quiet.condition.text, quiet.cool_down_us) for quiet in product.quiet_segments] == [
        ("at_risk", 0),
        ("not engagement.high", 2 * D),
    ]


def test_what_must_have_come_before_any_offer_is_a_number_or_an_age(product: Product) -> None:
    assert [(some.name, some.least) for some in product.not_before] == [
        ("account.age", 3 * D),
        ("meters.exports", Decimal(1)),
        ("account.team", 2),
    ]
    age = product.not_before[0].condition
    assert age.judge({"account.age": 3 * D}).holds
    assert not age.judge({"account.age": 3 * D - 1}).holds


@pytest.mark.parametrize(
    ("written", "name", "just"),
    [
        ("{account.team: 2.0}", "account.team", 2),
        ("{meters.exports: 0.000000001}", "meters.exports", Decimal("0.000000001")),
        ("{meters.exports: 999999999999999999}", "meters.exports", Decimal(999999999999999999)),
        ("{total(meters.invites): 3}", "total(meters.invites)", Decimal(3)),
        ("{account.age: 2w}", "account.age", 14 * D),
    ],
)
def test_a_threshold_asks_for_exactly_what_is_written(written: str, name: str, just: Decimal | int) -> None:
    product, problems = reading(WHOLE.replace("{account.age: 3d, meters.exports: 1, account.team: 2}", written))
    assert problems.found == []
    (threshold,) = product.not_before
    assert (threshold.name, threshold.least) == (name, just)
    assert threshold.condition.judge({name: just}).holds
    assert not threshold.condition.judge({name: 0}).holds


def test_caps_count_over_a_length_of_time_or_by_the_calendar(product: Product) -> None:
    """Caps: day, week and month are those of the calendar, 4h and 30d roll."""
    rolling, weekly, by_user, of_verb = product.caps
    assert (rolling.at_most, rolling.per_us, rolling.calendar, rolling.each) == (1, 4 * H, None, Each.ACCOUNT)
    assert (weekly.calendar, weekly.per_us >= 7 * D) == (Unit.WEEK, True)
    assert weekly.who is not None
    assert weekly.who.text == "engagement.high && size.large"
    assert by_user.each is Each.USER
    assert of_verb.of is Verb.HIGHLIGHT
    assert of_verb.who is not None
    assert of_verb.who.reads == ("new_premium",)


def test_back_off_and_the_steps_of_prices_are_read(product: Product) -> None:
    assert product.back_off == BackOff(3, 14 * D)
    assert product.price_step == PriceStep(Decimal(3), Decimal(20))


# --- competing --------------------------------------------------------------------------------------


def test_weights_and_holdout_are_read(product: Product) -> None:
    assert product.weights == Weights(*map(Decimal, ("1.6", "1.4", "0.9", "2.5", "0.25", "4")))
    assert product.holdout == Holdout(Decimal("0.05"), "autumn")


def test_what_is_left_out_counts_as_usual() -> None:
    plain, _ = reading(PRODUCT)
    partly, _ = reading(PRODUCT + "weights: {match: 3}\nholdout: {share: 1%}\n")
    assert (plain.weights, plain.holdout, plain.history) == (Weights(), None, History.STARTS_EMPTY)
    assert partly.weights == Weights(match=Decimal(3))
    assert partly.holdout == Holdout(Decimal("0.01"), "files")
    assert (plain.price_step, plain.back_off, plain.not_before) == (PriceStep(), None, ())


# --- names in conditions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("now", Kind.TIME),
        ("account.plan", Kind.TEXT),
        ("account.industry", Kind.TEXT),
        ("account.team", Kind.WHOLE),
        ("account.health", Kind.NUMBER),
        ("account.vip", Kind.FLAG),
        ("meters.storage_gb", Kind.NUMBER),
        ("limit.storage_gb", Kind.NUMBER),
        ("total(meters.invites)", Kind.NUMBER),
        ("total(meters.team_projects)", Kind.NUMBER),
        ("engagement.high", Kind.FLAG),
        ("engagement.low", Kind.FLAG),
    ],
)
def test_names_are_declared_typed_and_qualified(product: Product, name: str, kind: Kind) -> None:
    """Names in conditions."""
    assert product.names.kinds[name] is kind


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("meters.invites", "meter 'invites' counts by user: say total(meters.invites) for the whole account"),
        ("total(meters.projects)", "meters.projects counts for the whole account already: leave total out"),
        ("total(meters.storage_gb)", "meters.storage_gb counts for the whole account already: leave total out"),
        ("limit.invites", "limits apply to meters of accounts; 'invites' is by user"),
        ("event.format", "an event is read by the 'where' of a meter only"),
        ("event.user", "an event is read by the 'where' of a meter only"),
        ("engagement", "'engagement' is a level: say engagement.high or engagement.medium or engagement.low"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_somewhere_says_what_to_do(product: Product, name: str, told: str) -> None:
    """By user: a condition reads the account's total, and anything else about users is refused."""
    assert name not in product.names.kinds
    assert product.names.refused[name] == told


def test_a_name_may_be_a_word_that_cel_keeps_for_itself() -> None:
    words = """
facts: {package: whole, in: flag, loop: text}
levels: {for: [{if: account.package > 1 && account.in}, {else: otherwise}]}
guardrails: {quiet_when: [for.if, loop]}
"""
    found = reading(PRODUCT + words, (*SEGMENTS, "loop"))[1].found
    assert [str(problem) for problem in found] == []


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        pytest.param("{at_most: 1, per: 4h}", "{at_most: 128, per: 4h}", id="the largest cap"),
        pytest.param("{at_most: 1, per: 4h}", "{at_most: 0, per: 4h}", id="none at all"),
        pytest.param("three_years: 36}", "three_years: 36, longest: 1200}", id="the longest term"),
        pytest.param("match: 2.5", "match: 0.000001", id="the smallest weight"),
        pytest.param("value: {from: 0.25, to: 4}", "value: {from: 4, to: 4}", id="a value that is always the same"),
        pytest.param("{share: 5%, salt: autumn}", "{share: 0.001%}", id="the smallest share"),
        pytest.param("{share: 5%, salt: autumn}", "{share: 99.999%}", id="the largest share"),
        pytest.param("price_step: 3x", "price_step: 1.001x", id="the smallest step"),
        pytest.param("{after: 3, wait: 14d}", "{after: 1, wait: 1s}", id="the shortest wait"),
        pytest.param("price: {month: 9, year: 100}", "price: {month: 12, year: 120}", id="a bundle that saves nothing"),
        pytest.param("price: {month: 9, year: 100}", "price: 0", id="a bundle that is free"),
        pytest.param("{type: whole, default: 1}", "{type: whole, default: -3}", id="a default below nothing"),
        pytest.param("per_seat: 1000", "per_seat: 0", id="a limit of nothing for each seat"),
    ],
)
def test_what_lies_just_within_its_bound_is_read(written: str, instead: str) -> None:
    assert written in WHOLE
    assert faults(WHOLE.replace(written, instead, 1)) == []


def test_faults_are_told_without_those_of_a_later_version() -> None:
    assert [problem.rule for problem in faults(WHOLE.replace("price_step: 3x", "price_step: 3"))] == ["shape"]
