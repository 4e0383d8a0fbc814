"""What an account tells by itself is not asked: back at work, its usage is counted the quick way at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from services.trigger_engine.domain.core import Core
from tests.trigger_engine.domain.building import PRODUCT, rules
from tests.trigger_engine.runtime.test_counting import MARCH, STEADY, Crowded, Scattered, event, pair, stored
from tests.trigger_engine.runtime.test_intake import NOON

if TYPE_CHECKING:
    from schemas.envelope import Envelope
    from services.trigger_engine.domain.inputs import Clocks, Origin, Usage
    from services.trigger_engine.domain.playbook.sets import CompiledSet
    from services.trigger_engine.domain.slices import Slices
    from services.trigger_engine.runtime.counting import Counting


class Watched(Core):
    """Counts how often it is asked about usage."""

    def __init__(self, made_of: CompiledSet) -> None:
        super().__init__(made_of)
        self.asked = 0

    @override
    def on_usage(self, slices: Slices, usage: Usage, origin: Origin, clocks: Clocks) -> list[Envelope]:
        self.asked += 1
        return super().on_usage(slices, usage, origin, clocks)


@pytest.mark.parametrize("by", [Crowded, Scattered])
def test_of_an_account_that_is_at_rest_no_moment_is_asked_again(by: type[Counting]) -> None:
    core = Watched(STEADY)
    both = pair(core, by=by)
    both.take(NOON, stored(0, 20))
    both.quick.slices.most_hot = 0  # as after a restart: there are bytes of it alone
    both.commit()
    assert "acme" not in both.quick.slices.opened
    both.long.core, core.asked = Core(STEADY), 0
    both.take(NOON, stored(20, 20))
    both.commit()
    assert core.asked == 0


@pytest.mark.parametrize("by", [Crowded, Scattered])
@pytest.mark.parametrize(
    ("said", "now"),
    [
        pytest.param("storage_gb: 10,", "storage_gb: 11,", id="a limit raised"),
        pytest.param("storage_gb: 10,", "storage_gb: unlimited,", id="a limit lifted"),
        pytest.param("default_plan: free", "default_plan: relic", id="another plan for those that were told none"),
    ],
)
def test_what_another_version_makes_of_a_limit_is_remembered(by: type[Counting], said: str, now: str) -> None:
    moments = ["full: {limit: storage_gb, at: [50%, 80%, 100%]}"]
    offers = ["a: {on: [full], upgrade_to: next on work}"]
    both = pair(Core(rules(moments, offers)), by=by)
    both.take(NOON, stored(0, 20, 0.3))
    both.commit()
    both.quick.core = both.long.core = Core(rules(moments, offers, product=PRODUCT.replace(said, now)))
    both.take(NOON, stored(20, 20))
    both.commit()
    both.same()


@pytest.mark.parametrize("by", [Crowded, Scattered])
def test_a_habit_that_another_version_reaches_sooner_fires_at_the_next_event(by: type[Counting]) -> None:
    offers = ["a: {on: [busy], add: photos}"]
    both = pair(Core(rules(["busy: {habit: tasks, reaches: 60}"], offers)), by=by)
    both.take(NOON, [event("rung.period_started", NOON, "period", data=MARCH)])
    ran = [event("task.ran", NOON + number, f"t-{number}") for number in range(40)]
    both.take(NOON, ran[:20])
    both.commit()
    both.quick.core = both.long.core = Core(rules(["busy: {habit: tasks, reaches: 10}"], offers))
    both.take(NOON, ran[20:])
    assert both.quick.outbox.rows
    both.commit()
