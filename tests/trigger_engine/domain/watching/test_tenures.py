"""Tenure through the core: by timer, by the calendar of the account's zone, also for an account that is silent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from schemas.decisions import Decided
from schemas.facts import AccountCreated, PlanChanged
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.playbook.moments import TenureMoment
from tests.trigger_engine.domain.building import ACME, T0, Bench, D
from tests.trigger_engine.domain.watching.kinds import since_start, watching

if TYPE_CHECKING:
    from schemas.envelope import Envelope
    from schemas.offers import Evidence

LONG = "long: {tenure: account.plan_since, reaches: 1 month}"
SIGNAL = "reported: {milestone: exports, reaches: 1}"


def us(month: int, day: int, hour: int = 9) -> int:
    return to_us(datetime(2026, month, day, hour, tzinfo=UTC))


def bench(moment: str = LONG) -> Bench:
    return Bench(watching(SIGNAL, moment))


def passes(made: Bench, to: int) -> list[int]:
    """Time passes; what fires meanwhile: when."""
    return [T0 + later for later in since_start(made.wait(to - made.now))]


def test_it_fires_by_the_calendar_for_an_account_that_is_silent() -> None:
    """S30, S44: a year on a plan is a moment, though nothing happens on that day."""
    made = bench()
    made.tell(PlanChanged, plan="plus", term="month")
    assert made.due() == us(4, 1)
    assert passes(made, us(3, 31)) == []
    assert passes(made, us(9, 1)) == [us(4, 1)]


def test_a_plan_that_is_told_again_goes_on_and_another_begins_anew() -> None:
    """Re-arms when the fact changes."""
    made = bench()
    made.tell(PlanChanged, plan="plus")
    made.tell(PlanChanged, plan="plus", at=us(3, 20))
    assert passes(made, us(4, 10)) == [us(4, 1)]
    made.tell(PlanChanged, plan="team", at=us(4, 10))
    assert passes(made, us(7, 1)) == [us(5, 10)]
    (state,) = (state for name, state in made.account(ACME).moments.items() if name == "long")
    assert state.arm == 1  # type: ignore[union-attr]  # a tenure


@pytest.mark.parametrize(
    ("since", "told", "full"),
    [
        pytest.param("account.created", {}, us(4, 1), id="since it was created"),
        pytest.param("account.plan_since", {}, us(4, 1), id="on the default plan, since it was created"),
        pytest.param("account.term_since", {"term": "month"}, us(4, 1), id="since its term began"),
        pytest.param("account.term_since", {}, None, id="no term that is known"),
        pytest.param("account.created", {"zone": "Pacific/Auckland"}, us(4, 1), id="in the account's zone"),
    ],
)
def test_since_when(since: str, told: dict[str, Any], full: int | None) -> None:
    made = bench(f"long: {{tenure: {since}, reaches: 1 month}}")
    made.tell(AccountCreated, **told)
    assert made.due() == full
    assert passes(made, us(9, 1)) == ([] if full is None else [full])


def test_where_accounts_start_empty_one_that_nobody_told_of_began_at_its_first_sight() -> None:
    made = bench("long: {tenure: account.created, reaches: 1 month}")
    made.use("file.shared")
    assert made.core.sets_timers("file.shared")
    assert passes(made, us(9, 1)) == [us(4, 1)]


def test_a_timer_that_was_due_before_its_version_was_published_counts_as_passed_and_does_not_fire() -> None:
    made = bench()
    made.tell(PlanChanged, plan="plus", at=T0 - 40 * D)
    made.core.rules = made.core.rules.after(None, T0 - 1)
    assert passes(made, us(9, 1)) == []
    assert made.due() is None
    later = bench()
    later.tell(PlanChanged, plan="plus", at=T0 - 20 * D)
    later.core.rules = later.core.rules.after(None, T0 - 1)
    assert len(passes(later, us(9, 1))) == 1


def test_several_that_are_full_at_one_time_make_one_decision() -> None:
    """One input makes one decision, in which all offers of all moments that it fired compete."""
    both = ("a: {tenure: account.plan_since, reaches: 1 month}", "b: {tenure: account.created, reaches: 1 month}")
    made = Bench(watching(SIGNAL, *both))
    made.tell(AccountCreated, plan="plus")
    told = made.wait(60 * D)
    assert [len(moments) for moments in _decided(told)] == [2]
    assert [moment.name for moment in made.core.rules.every(TenureMoment)] == ["a", "b"]


def _decided(events: list[Envelope]) -> list[tuple[Evidence, ...]]:
    return [event.data.moments for event in events if isinstance(event, Decided)]
