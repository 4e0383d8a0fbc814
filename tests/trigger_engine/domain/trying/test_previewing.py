from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.decisions import Reason
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.sets import CompiledSet, compiled, read_set
from services.trigger_engine.domain.trying.example import Example
from services.trigger_engine.domain.trying.previewing import Asked, Preview, preview
from services.trigger_engine.domain.trying.suited import suited
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, PRODUCT, REPORT, T0, playbook, rules

SAID = (
    "more: {on: [storage_full], upgrade_to: next on personal, content: {title: '{meters.storage_gb} of "
    "{limit.storage_gb} GB', otherwise: Nearly full, at_100%: {title: 'Your {limit.storage_gb} GB are full'}}}"
)
SIGN = "sign: {on: [signed], add: photos, content: {title: '{meters.signatures} signed', otherwise: Signed}}"
SIGNED = "signed: {milestone: signatures, reaches: 3}"


def written(moments: list[str], offers: list[str], product: str = PRODUCT, guardrails: str = "{}") -> CompiledSet:
    """A set that may say whatever can be read."""
    problems = Problems()
    text = f"{product}guardrails: {guardrails}\n"
    found = compiled(read_set([("product.yaml", text), ("playbook.yaml", playbook(moments, offers))], problems), 8)
    assert problems.found == []
    return found


def seen(
    made: CompiledSet,
    example: Example | None = None,
    offer: str = "more",
    moment: str = "storage_full",
    step: str | None = None,
) -> Preview:
    at = None if step is None else Decimal(step)
    asked = Asked(made.by_name[offer], made.moments[moment], at)
    return suited(asked, example or Example(), made, T0)


def title(found: Preview) -> str:
    assert found.offer is not None
    return found.offer.content.title


def test_an_account_is_made_up_on_which_the_moment_just_fires() -> None:
    found = seen(rules([FULL, REPORT], [SAID, PHOTOS]))
    assert title(found) == "8 of 10 GB"
    assert (found.example.plan, found.example.meters, found.stopped) == ("free", {"storage_gb": Decimal(8)}, None)


@pytest.mark.parametrize(
    ("size", "step", "told", "fires"),
    [
        pytest.param("9.4", None, "9.4 of 10 GB", True, id="the highest step that is passed"),
        pytest.param("12", None, "Your 10 GB are full", True, id="other words at another step"),
        pytest.param("5", None, "5 of 10 GB", False, id="below the lowest step it would not fire"),
        pytest.param("8", "1", "Your 10 GB are full", False, id="a step that was asked for"),
    ],
)
def test_numbers_that_are_said_decide_the_step(size: str, step: str | None, told: str, *, fires: bool) -> None:
    found = seen(rules([FULL, REPORT], [SAID, PHOTOS]), Example(meters={"storage_gb": Decimal(size)}), step=step)
    assert (title(found), found.fires) == (told, fires)


def test_a_plan_that_gets_the_offer_is_found_when_none_is_said() -> None:
    top = "top: {on: [storage_full], upgrade_to: enterprise}"
    found = seen(rules([FULL, REPORT], [top, PHOTOS]), offer="top")
    assert (found.example.plan, found.example.seats, found.stopped) == ("team", 5, None)
    assert found.example.meters == {"storage_gb": Decimal(4000)}


def test_who_would_not_get_it_is_told_why_and_sees_nothing_that_makes_no_sense() -> None:
    found = seen(rules([FULL, REPORT], [MORE, PHOTOS]), Example(plan="plus"))
    assert found.offer is None
    assert found.stopped is not None
    assert found.stopped.reason is Reason.TOP_RUNG


def test_who_is_to_be_left_alone_is_told_why_and_what_it_would_look_like() -> None:
    paid = rules([FULL, REPORT], [SAID, PHOTOS], "{price_step: 1.1x, first_price: 5}")
    found = seen(paid)
    assert title(found) == "8 of 10 GB"
    assert found.stopped is not None
    assert found.stopped.reason is Reason.TOO_STEEP


def test_other_offers_and_pauses_do_not_get_in_the_way() -> None:
    better = "better: {on: [storage_full], add: room, boost: 9}"
    made = rules([FULL, REPORT], [SAID, better, PHOTOS]).pausing(frozenset({"more"}), 8)
    assert seen(made).stopped is None


def test_what_is_owned_is_not_offered() -> None:
    made = rules([FULL, REPORT], [MORE, PHOTOS])
    found = seen(made, Example(owned=("photos",)), "photos_offer", "first_report")
    assert found.stopped is not None
    assert (found.stopped.reason, found.offer) == (Reason.OWNED, None)


def test_a_limit_of_its_own_goes_before_that_of_the_plan() -> None:
    made = rules([FULL, REPORT], [SAID, PHOTOS])
    found = seen(made, Example(limits={"storage_gb": Decimal(100)}))
    assert title(found) == "80 of 100 GB"


def test_a_moment_of_one_user_makes_an_offer_to_that_user() -> None:
    made = rules([FULL, REPORT, SIGNED], [MORE, PHOTOS, SIGN])
    found = seen(made, Example(user="maria"), "sign", "signed")
    assert found.offer is not None
    assert (found.offer.user, title(found)) == ("maria", "3 signed")


def test_a_moment_of_those_alike_is_of_them() -> None:
    product = PRODUCT.replace("meters:\n", "meters:\n  alike: {count: file.stored, by: kind}\n")
    formats = "formats: {on: [much], add: photos, content: {title: '{meters.alike}', otherwise: unknown}}"
    product = product.replace("file.stored: {", "file.stored: {kind: text, ")
    made = written(["much: {milestone: alike, reaches: 3}", FULL, REPORT], [formats, MORE, PHOTOS], product)
    found = seen(made, Example(group="pdf"), "formats", "much")
    assert found.offer is not None
    assert (found.offer.evidence[0].group, title(found)) == ("pdf", "3")


def test_nobody_who_is_made_up_is_held_out() -> None:
    made = written([FULL, REPORT], [SAID, PHOTOS], PRODUCT + "holdout: {share: 99%}\n")
    assert seen(made).stopped is None


def test_a_variant_is_shown_in_its_own_words() -> None:
    two = (
        "more: {on: [storage_full], add: room, content: {title: A, variant_b: {title: B}}, variants: {a: 50%, b: 50%}}"
    )
    made = written([FULL, REPORT], [two, PHOTOS])
    asked = Asked(made.by_name["more"], made.moments["storage_full"], variant="b")
    assert title(preview(asked, Example(plan="free"), made, T0)) == "B"


@pytest.mark.parametrize(
    "meter",
    [
        pytest.param("m: {sum: size_gb, of: file.stored, over: 7d}", id="a rolling sum"),
        pytest.param("m: {count: file.shared, over: day}", id="a count of the day"),
        pytest.param("m: {max: size_gb, of: file.stored, over: 30d}", id="a rolling maximum"),
        pytest.param("m: {last: size_gb, of: file.stored}", id="the last one"),
        pytest.param("m: {days_with: any, over: 30d}", id="days"),
        pytest.param("m: {distinct: user, of: member.invited, over: 7d}", id="different users"),
        pytest.param("m: {count: task.ran, over: billing_period}", id="a billing period"),
    ],
)
def test_every_kind_of_meter_can_stand_where_it_is_said(meter: str) -> None:
    product = PRODUCT.replace("meters:\n", f"meters:\n  {meter}\n")
    more = "more: {on: [storage_full], add: room, content: {title: '{meters.m}', otherwise: unknown}}"
    made = written(
        [FULL.replace("storage_gb", "m"), REPORT], [more, PHOTOS], product.replace("limits: {", "limits: {m: 5, ")
    )
    assert title(seen(made)) == "4"


def test_what_can_not_be_is_refused_as_the_engine_would() -> None:
    made = rules([FULL, REPORT], [MORE, PHOTOS])
    with pytest.raises(Impossible, match="seats"):
        seen(made, Example(seats=2_000_000_000))
