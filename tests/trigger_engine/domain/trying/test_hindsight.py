from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from schemas.decisions import Reason
from schemas.facts import TicketOpened
from services.trigger_engine.domain.trying.hindsight import ANY_MOMENT, ANY_OFFER, MOST, Hindsight, Row, Sought, When
from services.trigger_engine.domain.trying.tally import Accounts
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, REPORT, T0, Bench, D, rules

WITHIN = 7 * D


def looked_back(*outcomes: int, at: int = 8) -> Hindsight:
    """Accounts a-0, a-1 ... that had the moment and the offer now, and the outcome so long after it."""
    bench, hindsight = Bench(rules([FULL, REPORT], [MORE, PHOTOS])), Hindsight(Accounts(), WITHIN)
    for number, _ in enumerate(outcomes):
        for event in bench.store(at, account=f"a-{number}"):
            hindsight.event(event)
    for number, after in enumerate(outcomes):
        hindsight.happened(f"a-{number}", T0 + after)
    return hindsight


def row(hindsight: Hindsight, name: str) -> Row:
    (found,) = [row for row in hindsight.rows() if row.name == name]
    return found


@pytest.mark.parametrize(
    ("after", "when"),
    [
        pytest.param(1, When.IN_TIME, id="just after"),
        pytest.param(WITHIN, When.IN_TIME, id="as long after as still counts"),
        pytest.param(WITHIN + 1, When.TOO_EARLY, id="longer after"),
        pytest.param(0, When.TOO_LATE, id="at the same time it is no reason"),
        pytest.param(-D, When.TOO_LATE, id="before"),
    ],
)
def test_an_offer_is_in_time_when_the_outcome_follows_soon(after: int, when: When) -> None:
    hindsight = looked_back(after)
    for name in (ANY_MOMENT, ANY_OFFER, "moment storage_full", "offer more"):
        assert row(hindsight, name).classes == dict.fromkeys(When, 0) | {when: 1}


def test_an_account_with_the_outcome_and_nothing_before_or_after_never_had_it() -> None:
    hindsight = looked_back(D)
    hindsight.happened("b-1", T0)
    assert row(hindsight, ANY_OFFER).classes[When.NEVER] == 1
    assert hindsight.outcomes == 2


def test_every_account_with_the_outcome_is_of_one_class() -> None:
    hindsight = looked_back(D, 2 * D, 30 * D, -D)
    assert row(hindsight, ANY_OFFER).classes == {
        When.IN_TIME: 2,
        When.TOO_EARLY: 1,
        When.TOO_LATE: 1,
        When.NEVER: 0,
    }
    assert row(hindsight, ANY_OFFER).accounts == 4


def test_how_long_before_is_told_of_the_newest_one() -> None:
    bench, hindsight = Bench(rules([FULL], [MORE])), Hindsight(Accounts(), WITHIN)
    for size in (8, 1):
        for event in bench.store(size):
            hindsight.event(event)
        bench.now += D
    hindsight.happened("acme", T0 + 3 * D)
    assert row(hindsight, "moment storage_full").median == 2 * D


def test_the_first_outcome_counts_whenever_it_is_told() -> None:
    hindsight = looked_back(9 * D)
    hindsight.happened("a-0", T0 + D)
    assert row(hindsight, ANY_OFFER).median == D


def test_the_share_that_it_was_followed_by_is_of_those_it_was_not_too_late_for() -> None:
    found = row(looked_back(D, 30 * D, -D), ANY_OFFER)
    assert (found.accounts, found.before, found.followed) == (3, 2, Fraction(1, 2))
    assert row(looked_back(-D), ANY_OFFER).followed is None


def test_who_had_no_offer_before_it_is_told_with_the_reason() -> None:
    bench, hindsight = (
        Bench(rules([FULL, REPORT], [MORE, PHOTOS], "{quiet_when: [open_ticket]}")),
        Hindsight(Accounts(), WITHIN),
    )
    bench.tell(TicketOpened, account="beta", ticket="t-1")
    for account in ("acme", "beta"):
        bench.store(8, account=account)
    for event in bench.told:
        hindsight.event(event)
    for account in ("acme", "beta", "gamma"):
        hindsight.happened(account, T0 + D)
    bench.now = T0 + 2 * D
    for event in bench.use("report.exported", account="gamma"):
        hindsight.event(event)
    assert hindsight.without_offer() == {Reason.OPEN_TICKET: 1, None: 1}


def test_the_mean_is_of_all_that_had_it_in_time() -> None:
    found = row(looked_back(D, 2 * D, 6 * D, 30 * D), ANY_OFFER)
    assert (found.median, found.mean) == (2 * D, 3 * D)


def test_accounts_of_a_class_can_be_named() -> None:
    hindsight = looked_back(D, 30 * D)
    assert list(hindsight.accounts(ANY_OFFER, When.TOO_EARLY)) == [1]


def test_what_most_accounts_had_in_time_stands_first_behind_any() -> None:
    bench, hindsight = Bench(rules([FULL, REPORT], [MORE, PHOTOS])), Hindsight(Accounts(), WITHIN)
    for account in ("acme", "beta"):
        for event in bench.use("report.exported", account=account):
            hindsight.event(event)
        hindsight.happened(account, T0 + D)
    for event in bench.store(8):
        hindsight.event(event)
    names = [found.name for found in hindsight.rows()]
    assert names[:2] == [ANY_MOMENT, ANY_OFFER]
    assert names.index("moment first_report") < names.index("moment storage_full")


def test_of_very_many_times_the_first_and_the_newest_are_kept() -> None:
    hindsight = Hindsight(Accounts(), WITHIN)
    for day in range(MOST * 3):
        hindsight._had("acme", "moment x", T0 + day * D)
    hindsight.happened("acme", T0 + 1)
    assert row(hindsight, "moment x").median == 1
    hindsight.happened("acme", T0 + MOST * 3 * D)
    assert len(hindsight._of("acme").had["moment x"]) == MOST


@pytest.mark.parametrize(
    ("says", "met"),
    [
        pytest.param((), True, id="any of the type"),
        pytest.param((("plan", "plus"),), True, id="what it says"),
        pytest.param((("plan", "team"),), False, id="something else"),
        pytest.param((("seats", "5"), ("trial", "true")), True, id="numbers and flags as they are written"),
        pytest.param((("zone", "UTC"),), False, id="what it does not say"),
    ],
)
def test_an_outcome_is_an_event_of_a_type_that_says_all_that_is_asked(
    says: tuple[tuple[str, str], ...], *, met: bool
) -> None:
    said = {"plan": "plus", "seats": Decimal("5.0"), "trial": True}
    assert Sought("rung.plan_changed", says).is_met("rung.plan_changed", said) is met
    assert not Sought("rung.plan_changed", says).is_met("plan.changed", said)
