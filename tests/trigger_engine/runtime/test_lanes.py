"""A lane says how events are counted without asking; it is drawn anew whenever that has become another."""

from __future__ import annotations

import pytest

from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.watching.scene import MAX_FORMER
from services.trigger_engine.runtime.counting import Counting
from tests.trigger_engine.domain.building import PRODUCT, rules
from tests.trigger_engine.runtime.test_counting import STEADY, Crowded, Scattered, pair
from tests.trigger_engine.runtime.test_crowds import ACCOUNTS, RULES, play, values
from tests.trigger_engine.runtime.test_intake import NOON

ACME, OTHER = ACCOUNTS[:2]
STORED, REPORT = "file.stored", "report.exported"

by_any_way = pytest.mark.parametrize("by", [Counting, Crowded, Scattered])


def story(*kinds: str, account: str = ACME, quantity: int = 1) -> list[tuple[str, str, float, int]]:
    return [(account, kind, 0.125, quantity) for kind in kinds]


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
