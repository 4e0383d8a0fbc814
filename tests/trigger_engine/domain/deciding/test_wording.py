"""What an offer says: the account's own numbers, other words when one is unknown, and what it gives."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.facts import LimitSet, PeriodStarted, PlanChanged, ProductBought
from schemas.offers import Content, Gain
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import FULL, PRODUCT, REPORT, T0, Bench, D, offer, rules

TITLE = "You have used {meters.storage_gb} of {limit.storage_gb} GB"


def said(content: str, size: str, *, does: str = "upgrade_to: next on personal") -> Content:
    bench = Bench(rules([FULL], [f"more: {{on: [storage_full], {does}, content: {content}}}"]))
    return offer(bench.store(size)).content


def test_the_words_quote_the_accounts_own_numbers() -> None:
    """S47: "9.4 of 10", never a template with holes."""
    assert said(f'{{title: "{TITLE}"}}', "9.40") == Content(title="You have used 9.4 of 10 GB")


def test_a_step_has_words_of_its_own() -> None:
    content = (
        f'{{title: "{TITLE}", at_100%: {{title: "Your {{limit.storage_gb}} GB are full", body: "Take {{target}}."}}}}'
    )
    assert said(content, "8").title == "You have used 8 of 10 GB"
    assert said(content, "10.5") == Content(title="Your 10 GB are full", body="Take plus.")


def test_a_full_meter_is_told_stronger_and_under_the_same_id() -> None:
    """S03: the 100 % variant is a stronger one, in place of the weaker."""
    content = f'content: {{title: "{TITLE}", at_100%: {{title: Full}}}}'
    bench = Bench(rules([FULL], [f"more: {{on: [storage_full], upgrade_to: next on personal, {content}}}"]))
    weaker, stronger = offer(bench.store(8)), offer(bench.store(2))
    assert (weaker.content.title, stronger.content.title) == ("You have used 8 of 10 GB", "Full")
    assert weaker.offer_id == stronger.offer_id


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param('{title: "{meters.tasks} tasks", otherwise: Busy}', Content(title="Busy"), id="no period"),
        pytest.param('{title: "{meters.signatures} signed", otherwise: Busy}', Content(title="Busy"), id="no user"),
        pytest.param('{title: "{limit.exports} at most", otherwise: Busy}', Content(title="Busy"), id="no limit"),
        pytest.param('{title: Hello, body: "{limit.exports}", otherwise: Busy}', Content(title="Hello"), id="no body"),
        pytest.param('{title: "{meters.shares} shared"}', Content(title="0 shared"), id="nothing used is known"),
    ],
)
def test_a_variable_that_is_unknown_never_leaves_a_blank(content: str, told: Content) -> None:
    """S47: a missing variable gets the fallback copy."""
    assert said(content, "8") == told


@pytest.mark.parametrize(
    ("does", "plan", "told"),
    [
        pytest.param("upgrade_to: next on personal", "free", "10 USD a month", id="a month"),
        pytest.param("upgrade_to: next on work", "free", "18 USD a seat a month", id="a seat"),
        pytest.param("add: cable", "free", "12 USD once", id="once"),
        pytest.param("add: photos", "relic", "4 USD a month", id="a product"),
    ],
)
def test_a_price_is_told_in_words(does: str, plan: str, told: str) -> None:
    content = "{title: '{price}', otherwise: unknown}"
    bench = Bench(rules([REPORT], [f"p: {{on: [first_report], {does}, content: {content}}}"]))
    bench.tell(PlanChanged, plan=plan)
    assert offer(bench.use("report.exported")).content.title == told


def test_a_price_is_told_as_it_was_written() -> None:
    bench = Bench(
        rules([REPORT], ["p: {on: [first_report], upgrade_to: plus, content: {title: '{price}', otherwise: x}}"])
    )
    bench.tell(PlanChanged, plan="free", term="year")
    assert offer(bench.use("report.exported")).content.title == "96.10 USD a year"


def test_a_meter_by_user_is_that_of_the_user_whose_moment_it_is() -> None:
    moment = "s: {milestone: signatures, reaches: 2}"
    bench = Bench(rules([moment], ["p: {on: [s], add: photos, content: {title: '{meters.signatures} signed'}}"]))
    bench.use("document.signed", user="bob", quantity=1)
    assert offer(bench.use("document.signed", user="ann", quantity=3)).content.title == "3 signed"


def test_a_meter_by_user_says_nothing_in_an_offer_for_the_account() -> None:
    product = PRODUCT.replace("exports: {count: report.exported}", "exports: {count: document.signed}")
    words = "content: {title: '{meters.signatures} signed', otherwise: Well done}"
    bench = Bench(rules([REPORT], [f"p: {{on: [first_report], add: photos, {words}}}"], product=product))
    assert offer(bench.use("document.signed", user="ann")).content.title == "Well done"


def test_a_meter_of_a_period_is_known_once_the_period_is() -> None:
    words = "content: {title: '{meters.tasks} tasks', otherwise: Busy}"
    bench = Bench(rules([REPORT], [f"p: {{on: [first_report], add: photos, {words}}}"]))
    bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + D))
    bench.use("task.ran", quantity=4)
    assert offer(bench.use("report.exported")).content.title == "4 tasks"


def gains(does: str, plan: str = "free", **data: Any) -> list[Gain]:
    bench = Bench(rules([REPORT], [f"p: {{on: [first_report], {does}}}"]))
    bench.tell(PlanChanged, plan=plan, **data)
    (option,) = offer(bench.use("report.exported")).options
    return list(option.gains)


def test_an_offer_lists_what_it_gives_beyond_what_they_have() -> None:
    """S28: the concrete difference to the current tier, limits and features."""
    assert gains("upgrade_to: plus") == [
        Gain(what="storage_gb", before="10", after="2000"),
        Gain(what="roles", after="included"),
    ]
    assert gains("upgrade_to: team", seats=5) == [
        Gain(what="storage_gb", before="10", after="5000"),
        Gain(what="tasks", before="100", after="1000"),
    ]
    assert gains("upgrade_to: enterprise", "team") == [
        Gain(what="storage_gb", after="unlimited"),
        Gain(what="tasks", before="1000", after="unlimited"),
        Gain(what="roles", after="included"),
        Gain(what="audit", after="included"),
    ]


def test_less_than_they_have_is_no_gain() -> None:
    bench = Bench(rules([REPORT], ["p: {on: [first_report], upgrade_to: plus}"]))
    bench.tell(LimitSet, meter="storage_gb", value=Decimal(5000))
    (option,) = offer(bench.use("report.exported")).options
    assert [gain.what for gain in option.gains] == ["roles"]


def test_capacity_that_is_added_is_a_gain() -> None:
    assert gains("add: room") == [Gain(what="storage_gb", after="+1000")]


def test_what_was_bought_counts_on_both_sides() -> None:
    bench = Bench(rules([REPORT], ["p: {on: [first_report], upgrade_to: plus}"]))
    bench.tell(ProductBought, product="room")
    (option,) = offer(bench.use("report.exported")).options
    assert option.gains[0] == Gain(what="storage_gb", before="1010", after="3000")


def test_every_offer_shows_what_earned_it_and_how_to_decline() -> None:
    """S59, S60: evidence in the account's own numbers, nothing preselected, and what a no means."""
    bench = Bench(rules([FULL], ["more: {on: [storage_full], upgrade_to: next on personal, after_a_no: 14d}"]))
    made = offer(bench.store("9.4"))
    (evidence,) = made.evidence
    assert (evidence.moment, evidence.meter, evidence.value, evidence.limit, evidence.step) == (
        "storage_full",
        "storage_gb",
        Decimal("9.4"),
        Decimal(10),
        Decimal("0.9"),
    )
    assert [option.recommended for option in made.options] == [False]
    assert (made.after_a_no.rule, made.after_a_no.seconds) == ("14d", 14 * 24 * 3600)
