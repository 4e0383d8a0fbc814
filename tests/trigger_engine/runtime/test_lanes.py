"""A lane says how events are counted without asking; it is drawn anew whenever that has become another."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.watching.scene import MAX_FORMER
from services.trigger_engine.runtime.counting import Counting
from tests.trigger_engine.domain.building import PRODUCT, compiled, playbook, rules
from tests.trigger_engine.runtime.test_counting import STEADY, Crowded, Pair, Scattered, event, pair
from tests.trigger_engine.runtime.test_crowds import ACCOUNTS, RULES, play, values
from tests.trigger_engine.runtime.test_intake import NOON

ACME, OTHER = ACCOUNTS[:2]
STORED, REPORT = "file.stored", "report.exported"

by_any_way = pytest.mark.parametrize("by", [Counting, Crowded, Scattered])


def story(*kinds: str, account: str = ACME, quantity: Any = 1) -> list[tuple[str, str, Any, Any]]:
    return [(account, kind, 0.125, quantity) for kind in kinds]


def set_to(by: type[Counting], meter: str, number: int) -> Pair:
    """Two desks where the account's meter was set, and has not been moved since."""
    both = pair(Core(STEADY), by=by)
    for desk in (both.quick, both.long):
        account = desk.slices.account(ACME)
        account.meters[STEADY.product.meters[meter].key] = MeterState(Decimal(number))
        account.first_seen = NOON
    both.commit()
    return both


def users_tell(both: Pair, told: list[tuple[str, str]], together: int) -> None:
    """Documents that users of the account have signed: by whom, and how many, as it is written."""
    for first in range(0, len(told), together):
        some = [
            event("document.signed", NOON + number, f"s-{number}", data={"user": user, "quantity": 8008}).replace(
                b"8008", quantity.encode()
            )
            for number, (user, quantity) in enumerate(told[first : first + together], first)
        ]
        both.take(NOON, some)
        both.same()
        both.commit()


@by_any_way
@pytest.mark.parametrize("together", [1, 4])
def test_a_step_that_one_type_of_event_re_arms_is_passed_again_by_another(by: type[Counting], together: int) -> None:
    full = "full: {limit: projects, at: [50%, 80%], again_after: [below 30%]}"
    roomy = PRODUCT.replace("projects: 3", "projects: 10")
    both = pair(Core(rules([full], ["a: {on: [full], add: photos}"], product=roomy)), by=by)
    created, deleted = ["project.created"], ["project.deleted"]
    play(both, [*story(*created * 6, *deleted * 3), *story(*created, quantity=2)], together)


@by_any_way
def test_an_event_that_passes_a_step_is_counted_once_by_every_meter_it_moves(by: type[Counting]) -> None:
    play(pair(Core(RULES), by=by), story(*[REPORT] * 14, quantity=2), 5)


@by_any_way
def test_a_meter_stays_itself_when_those_of_former_sets_before_it_are_forgotten(by: type[Counting]) -> None:
    both = pair(Core(STEADY), by=by)
    for desk in (both.quick, both.long):
        account = desk.slices.account(ACME)
        for number in range(MAX_FORMER + 3):
            account.meters[f"former-{number}"] = MeterState()
        account.meters[STEADY.product.meters["exports"].key] = MeterState()
        account.first_seen = NOON
    both.commit()
    play(both, story(REPORT, REPORT, REPORT, STORED, REPORT, REPORT, STORED), 3)


@by_any_way
@pytest.mark.parametrize("together", [1, 4])
def test_a_number_that_was_set_is_moved_as_one_that_was_counted(by: type[Counting], together: int) -> None:
    both = set_to(by, "storage_gb", 0)
    play(both, [(ACME, STORED, size, 1) for size in (0, 1, 1, 0.5, 1, 0.0625, 1, 1)], together)


@by_any_way
@pytest.mark.parametrize("together", [1, 4])
def test_a_number_that_would_be_too_large_to_be_told_is_refused(by: type[Counting], together: int) -> None:
    both = set_to(by, "exports", 10**20 - 4)
    play(both, story(*[REPORT] * 8), together)
    assert both.quick.slices.account(ACME).meters[STEADY.product.meters["exports"].key].value == 10**20 - 1


@by_any_way
def test_every_account_is_asked_anew_by_another_version(by: type[Counting]) -> None:
    both, told = pair(Core(STEADY), by=by), [*story(STORED), *story(STORED, account=OTHER)] * 5
    accounts = [account for account, *_ in told]
    both.take(NOON, values(told, 0), accounts)
    both.commit()
    some = rules(["some: {milestone: storage_gb, reaches: 1}"], ["a: {on: [some], add: photos}"])
    both.quick.core = both.long.core = Core(some)
    both.take(NOON, values(told, len(told)), accounts)
    assert len(both.quick.written("decisions")) == len({ACME, OTHER})
    both.commit()


@by_any_way
@pytest.mark.parametrize("together", [1, 3])
def test_a_step_is_re_armed_where_what_it_needs_is_no_number_that_the_meter_can_stand_at(
    by: type[Counting], together: int
) -> None:
    full = "full: {limit: projects, at: [35%, 80%]}"  # re-armed ten below the first: at less than 2.5 of 10
    roomy = PRODUCT.replace("projects: 3", "projects: 10")
    both = pair(Core(rules([full], ["a: {on: [full], add: photos}"], product=roomy)), by=by)
    play(both, story(*["project.created"] * 8, *["project.deleted"] * 6, *["project.created"] * 4), together)


@by_any_way
@pytest.mark.parametrize("together", [1, 2])
def test_a_meter_that_comes_to_have_more_digits_is_moved_by_all_of_them(by: type[Counting], together: int) -> None:
    quarter = story("project.created", quantity="=0.25")
    told = [
        *story("project.created", "project.deleted") * 4,
        *quarter,
        *story("project.deleted", "project.created") * 4,
    ]
    play(pair(Core(STEADY), by=by), told, together)


@by_any_way
@pytest.mark.parametrize("together", [1, 4])
@pytest.mark.parametrize(
    ("large", "less"),
    [
        pytest.param("2147483646", "-2147483646", id="more than 32 bits"),
        pytest.param("900000000000000000", "-2147483646", id="64 bits"),
        pytest.param("8.000000000000000001", "-8.5", id="more than 64 bits, by its digits"),
    ],
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_number_grows_beyond_what_it_is_kept_in_and_falls_below_it_again(
    by: type[Counting], together: int, large: str, less: str, sign: str
) -> None:
    told = ["1"] * 3 + [large] + ["1"] * 4 + [less] + ["1"] * 3
    written = [f"={sign}{amount}".replace("--", "") for amount in told]
    play(pair(Core(STEADY), by=by), [one for amount in written for one in story(REPORT, quantity=amount)], together)


@by_any_way
@pytest.mark.parametrize("together", [1, 3])
def test_what_one_user_does_tells_the_total_more_digits_that_another_user_adds_to(
    by: type[Counting], together: int
) -> None:
    signed = ["signed: {milestone: signatures, reaches: 1000}"]
    both = pair(Core(rules(signed, ["a: {on: [signed], add: photos, placements: [modal]}"])), by=by)
    users_tell(
        both, [*[("ann", "1"), ("bob", "1")] * 4, ("ann", "0.5"), *[("bob", "1"), ("ann", "0.25")] * 4], together
    )


@by_any_way
@pytest.mark.parametrize("together", [1, 3])
def test_what_passes_a_step_of_one_user_is_counted_once_for_all_of_them(by: type[Counting], together: int) -> None:
    signed, more = "signed: {milestone: signatures, reaches: 7}", "ones: {milestone: ones, reaches: 1000}"
    product = PRODUCT.replace("  signatures:", "  ones: {count: document.signed}\n  signatures:")
    offers = ["a: {on: [signed], add: photos, placements: [modal]}", "b: {on: [ones], add: cable}"]
    both = pair(Core(rules([signed, more], offers, product=product)), by=by)
    users_tell(both, [("ann", "1"), ("bob", "1")] * 12, together)


@by_any_way
@pytest.mark.parametrize("together", [1, 4])
def test_usage_that_a_moment_has_begun_to_wait_for_is_looked_at(by: type[Counting], together: int) -> None:
    fired = ["first: {milestone: exports, reaches: 1}"]
    both = pair(Core(rules(fired, ["a: {on: [first], add: photos, not_before: {meters.storage_gb: 2}}"])), by=by)
    play(both, story(*[STORED] * 6, REPORT, *[STORED] * 20, REPORT), together)


@by_any_way
@pytest.mark.parametrize("together", [1, 4])
def test_usage_that_an_offer_may_be_withdrawn_for_is_looked_at(by: type[Counting], together: int) -> None:
    made = playbook(["first: {milestone: exports, reaches: 1}"], ["a: {on: [first], add: photos}"])
    busy = f"{made}\nsegments: {{busy: meters.storage_gb > 1}}\n"
    both = pair(Core(compiled(f"{PRODUCT}guardrails: {{quiet_when: [busy]}}\n", busy)), by=by)
    play(both, story(*[STORED] * 6, REPORT, *[STORED] * 6, REPORT), together)
    (offer,) = both.quick.slices.account(ACME).offers
    assert offer.over is not None
