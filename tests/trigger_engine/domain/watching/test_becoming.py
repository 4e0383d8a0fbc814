"""Conditions that become true of the account, through the core."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest

from schemas.facts import AccountCreated, AttributeSet, PlanChanged, TicketOpened
from tests.trigger_engine.domain.building import ACME, PRODUCT, T0, Bench, D, H, compiled
from tests.trigger_engine.domain.watching.kinds import fired, since_start, wait_until

FACTS: Final = PRODUCT.replace("events:", "facts: {household: {type: whole, default: 1}, health: number}\nevents:", 1)
FAMILY: Final = "account.household >= 3"
MIDNIGHT: Final = 15 * H
"""The first after the begin of a story."""


def bench(condition: str, product: str = FACTS, segments: str = "{none: account.seats == 77}") -> Bench:
    """A set with a moment that becomes this."""
    offers = "offers:\n  photos_: {on: [family], add: photos}"
    return Bench(
        compiled(
            product,
            f'playbook: story\nsegments: {segments}\nmoments:\n  family: {{becomes: "{condition}"}}\n{offers}',
        )
    )


def household(made: Bench, number: int, at: int | None = None) -> bool:
    return bool(fired(made.tell(AttributeSet, name="household", value=Decimal(number), at=at)))


def test_it_fires_from_false_to_true_and_again_once_it_was_false() -> None:
    """S31: a household that grew."""
    made = bench(FAMILY)
    made.use("project.created")
    found = [household(made, number, T0 + place) for place, number in enumerate((2, 3, 4, 2, 5))]
    assert found == [False, True, False, False, True]
    (state,) = (state for name, state in made.account(ACME).moments.items() if name == "family")
    assert state.arm == 1  # type: ignore[union-attr]  # it becomes


def test_what_is_so_when_an_account_is_first_heard_of_has_not_become_so() -> None:
    made = bench(FAMILY)
    assert fired(made.tell(AccountCreated, attributes={"household": 4})) == []
    assert household(made, 9, T0 + 1) is False


def test_what_it_was_before_anybody_asked_is_looked_at_before_it_changes() -> None:
    """A new version on accounts with history: the default held until now."""
    made = bench("account.seats >= 9")
    made.use("project.created")
    made.core.rules = bench(FAMILY).core.rules
    assert household(made, 3)
    old = bench("account.seats >= 9")
    household(old, 5)
    old.core.rules = bench(FAMILY).core.rules
    assert household(old, 6, T0 + 1) is False


def test_unknown_is_neither_and_changes_nothing() -> None:
    made = bench("account.health > 5")
    made.use("project.created")
    told = []
    for place, value in enumerate((Decimal(9), Decimal(1), None, Decimal(8))):
        told += made.tell(AttributeSet, name="health", value=value, at=T0 + place)
    assert since_start(told) == [3]


def test_a_meter_that_it_asks_about_makes_it_become_true_at_once() -> None:
    made = bench("meters.exports >= 2 && account.plan == 'plus'")
    made.tell(PlanChanged, plan="plus")
    assert [bool(fired(made.use("report.exported", at=T0 + n))) for n in range(3)] == [False, True, False]


def test_a_total_and_what_is_behind_segments_and_levels_is_asked_about_too() -> None:
    levels = 'levels: {use: [{high: "total(meters.signatures) >= 2"}, {low: otherwise}]}\n'
    product = FACTS.replace("placements:", f"{levels}placements:")
    made = bench("busy", product, "{busy: use.high && account.household > 1}")
    household(made, 2)
    told = [event for user in ("ann", "bob") for event in made.use("document.signed", user=user)]
    assert len(fired(told)) == 1
    (moment,) = made.core.rules.feeds["document.signed"].becomes
    assert (moment.asks, moment.by_time) == (("account.household", "total(meters.signatures)"), False)


def test_any_fact_of_the_account_is_looked_at() -> None:
    made = bench("account.open_tickets >= 1")
    made.use("project.created")
    assert len(fired(made.tell(TicketOpened, ticket="t-1"))) == 1


# --- what changes by itself ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "over", "when"),
    [
        pytest.param("meters.shares < 1", "1d", MIDNIGHT + D, id="a window that rolls"),
        pytest.param("meters.shares == 0", "day", MIDNIGHT, id="a day that begins"),
        pytest.param("account.age >= 3d", "ever", MIDNIGHT + 3 * D, id="an age"),
    ],
)
def test_what_changes_by_itself_is_looked_at_at_the_begin_of_each_day(condition: str, over: str, when: int) -> None:
    """Also for an account that is silent."""
    product = FACTS.replace("shares: {count: file.shared}", f"shares: {{count: file.shared, over: {over}}}")
    made = bench(condition, product)
    assert fired(made.use("file.shared")) == []
    assert made.core.times_all
    assert since_start(wait_until(made, 9 * D)) == [when]


def test_what_does_not_sets_no_timer() -> None:
    made = bench(FAMILY)
    made.use("report.exported")
    assert (made.due(), made.core.times_all) == (None, False)


def test_days_are_looked_at_from_when_there_was_somebody_to_look_at() -> None:
    made = bench(FAMILY)
    made.tell(AccountCreated)
    made.core.rules = bench("account.age >= 3d").core.rules.after(None, T0 + 5 * D)
    assert made.due() == T0 + MIDNIGHT + 5 * D
    assert since_start(wait_until(made, 9 * D)) == [], "it had been so before the moment was published"


# --- how many users there are -------------------------------------------------------------------


def test_users_are_counted_where_a_set_asks_how_many_they_are() -> None:
    """S11: members grow from a few to many."""
    made = bench("account.user_count >= 3")
    seen = [("file.shared", "ann"), ("report.exported", "bob"), ("file.shared", "ann"), ("file.shared", None)]
    assert fired([event for kind, user in seen for event in made.use(kind, user=user)]) == []
    assert len(fired(made.use("project.deleted", user="eve"))) == 1
    assert [key.partition("#")[0] for key in made.account(ACME).counted] == ["account.user_count"]


def test_and_nowhere_else() -> None:
    made = bench(FAMILY)
    made.use("file.shared", user="ann")
    assert made.account(ACME).counted == {}
