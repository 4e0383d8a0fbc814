"""A good set is read to the right values."""

from decimal import Decimal

import pytest

from schemas.offers import MomentKind, Verb
from services.trigger_engine.domain.playbook.offers import (
    Add,
    AfterNo,
    LimitMoment,
    MilestoneMoment,
    NoRule,
    OnboardingMoment,
    OnboardingOf,
    UpgradeTo,
    Words,
)
from services.trigger_engine.domain.playbook.product import (
    UNLIMITED,
    Aggregate,
    Cap,
    Each,
    LimitRule,
    MeterDefinition,
    Quiet,
    Span,
)
from services.trigger_engine.domain.playbook.sets import CompiledSet, compile_set
from tests.trigger_engine.domain.building import PRODUCT, D, H, compiled

GUARDED = (
    PRODUCT
    + """
guardrails:
  quiet_when: [onboarding, {open_ticket: 24h}, payment_failed, {cancelling: 1w}]
  caps: [{at_most: 1, per: 4h}, {at_most: 2, per: 30d, each: family}]
"""
)
PLAYBOOK = """
playbook: storage
about: Upgrade moments
moments:
  full:      {limit: storage_gb}
  tasks_up:  {limit: tasks, at: [50%, 120.5%], stale_after: 90s}
  reported:  {milestone: exports, reaches: 1.5, stale_after: 30m}
  onboarded: {onboarding: [member.invited, file.stored], of: user, order: any, within: 2w}
offers:
  more:
    on: [full, tasks_up]
    upgrade_to: next
    content:
      title: "You have used {meters.storage_gb}"
      at_100%: {title: Full, body: "{target}"}
  on: {on: [reported], upgrade_to: next on work, after_a_no: never, family: yes}
  named: {on: [reported], upgrade_to: team, after_a_no: next_period, open_for: 3d, boost: 1.25}
  stepped: {on: [full], add: room, after_a_no: wait for higher step, placements: [modal, banner]}
  hello: {on: [onboarded], add: photos, after_a_no: 14d}
"""


@pytest.fixture(scope="module")
def made() -> CompiledSet:
    return compile_set([("product.yaml", GUARDED), ("storage.yaml", PLAYBOOK)], 41)


def test_what_is_sold_is_read(made: CompiledSet) -> None:
    product = made.product
    assert (made.version, product.name, product.currency, product.default_plan) == (41, "files", "USD", "free")
    assert dict(product.terms) == {"month": 1, "year": 12}
    assert product.plans["team"].per_seat
    assert product.plans["team"].limits["storage_gb"] == LimitRule(per_seat=Decimal(1000))
    assert product.plans["enterprise"].limits["storage_gb"].value(None) == UNLIMITED
    assert product.plans["enterprise"].features == ("roles", "audit")
    assert product.ladders == {"personal": ("free", "plus"), "work": ("free", "team", "enterprise")}
    assert product.products["room"].adds == {"storage_gb": Decimal(1000)}
    assert product.placements == ("banner", "modal", "upgrade_page")


def test_a_price_keeps_every_digit_that_was_written(made: CompiledSet) -> None:
    assert str(made.product.plans["plus"].prices["year"]) == "96.10"


def test_meters_are_read(made: CompiledSet) -> None:
    meters = made.product.meters
    assert meters["storage_gb"] == MeterDefinition("storage_gb", Aggregate.SUM, "file.stored", prop="size_gb")
    assert meters["projects"] == MeterDefinition("projects", Aggregate.COUNT, "project.created", "project.deleted")
    assert meters["tasks"].span is Span.BILLING_PERIOD
    assert meters["signatures"].by_user


def test_guardrails_are_read(made: CompiledSet) -> None:
    assert list(made.product.quiet.items()) == [
        (Quiet.ONBOARDING, 0),
        (Quiet.OPEN_TICKET, 24 * H),
        (Quiet.PAYMENT_FAILED, 0),
        (Quiet.CANCELLING, 7 * D),
    ]
    assert made.product.caps == (Cap(1, 4 * H, Each.ACCOUNT), Cap(2, 30 * D, Each.FAMILY))


def test_moments_are_read_with_their_defaults(made: CompiledSet) -> None:
    assert made.moments["full"] == LimitMoment(
        "full", "storage_gb", (Decimal("0.8"), Decimal("0.9"), Decimal(1)), 24 * H
    )
    assert made.moments["tasks_up"] == LimitMoment("tasks_up", "tasks", (Decimal("0.5"), Decimal("1.205")), 90_000_000)
    assert made.moments["reported"] == MilestoneMoment("reported", "exports", Decimal("1.5"), H // 2)
    assert made.moments["onboarded"] == OnboardingMoment(
        "onboarded", ("member.invited", "file.stored"), OnboardingOf.USER, 14 * D, 24 * H
    )
    assert [moment.kind for moment in made.moments.values()] == [
        MomentKind.LIMIT,
        MomentKind.LIMIT,
        MomentKind.MILESTONE,
        MomentKind.ONBOARDING,
    ]


def test_offers_are_read_with_their_defaults(made: CompiledSet) -> None:
    offers = {offer.name: offer for some in made.offers.values() for offer in some}
    more = offers["more"]
    assert (more.does, more.verb, more.family, more.placements) == (UpgradeTo(), Verb.UPGRADE_TO, "more", ("banner",))
    assert (more.after_a_no, more.open_for_us, more.boost) == (AfterNo(NoRule.FOR, "30d", 30 * D), 7 * D, Decimal(1))
    assert more.words == Words("You have used {meters.storage_gb}")
    assert more.words_at == {Decimal(1): Words("Full", "{target}")}
    assert offers["named"].does == UpgradeTo(plan="team")
    assert offers["named"].after_a_no == AfterNo(NoRule.NEXT_PERIOD, "next_period")
    assert (offers["named"].open_for_us, offers["named"].boost) == (3 * D, Decimal("1.25"))
    assert (offers["stepped"].does, offers["stepped"].verb) == (Add("room"), Verb.ADD)
    assert offers["stepped"].placements == ("modal", "banner")
    assert offers["stepped"].after_a_no == AfterNo(NoRule.HIGHER_STEP, "wait for higher step")
    assert offers["hello"].after_a_no == AfterNo(NoRule.FOR, "14d", 14 * D)


def test_words_that_yaml_1_1_took_for_truth_stay_words(made: CompiledSet) -> None:
    offer = next(offer for offer in made.offers["reported"] if offer.name == "on")
    assert (offer.name, offer.family, offer.does) == ("on", "yes", UpgradeTo(ladder="work"))


def test_a_set_knows_what_each_event_leads_to(made: CompiledSet) -> None:
    stored = made.feeds["file.stored"]
    assert [(watched.meter.name, [moment.name for moment in watched.moments]) for watched in stored.meters] == [
        ("storage_gb", ["full"])
    ]
    assert [moment.name for moment in stored.onboardings] == ["onboarded"]
    assert stored.by_user
    assert made.feeds["project.created"].meters[0].meter == made.feeds["project.deleted"].meters[0].meter
    assert not made.feeds["project.created"].by_user
    assert made.feeds["document.signed"].by_user
    assert [moment.name for moment in made.every(LimitMoment)] == ["full", "tasks_up"]
    assert {name: [offer.name for offer in offers] for name, offers in made.offers.items()} == {
        "full": ["more", "stepped"],
        "tasks_up": ["more"],
        "reported": ["on", "named"],
        "onboarded": ["hello"],
    }


def test_a_meter_that_is_defined_otherwise_is_another_meter() -> None:
    before = compiled(PRODUCT).product.meters["exports"].key
    after = compiled(PRODUCT.replace("{count: report.exported}", "{count: file.shared}")).product.meters["exports"].key
    assert before != after
    assert {key.partition("#")[0] for key in (before, after)} == {"exports"}


def test_a_product_document_alone_is_a_set() -> None:
    assert dict(compiled(PRODUCT).moments) == {}


def test_an_alias_that_is_not_circular_is_read() -> None:
    shared = PRODUCT.replace(
        "{storage_gb: 10, projects: 3, tasks: 100}", "&l {storage_gb: 10, projects: 3, tasks: 100}"
    )
    shared = shared.replace("{storage_gb: 2000, projects: 3, tasks: 100}", "*l")
    plans = compiled(shared).product.plans
    assert plans["free"].limits == plans["plus"].limits
