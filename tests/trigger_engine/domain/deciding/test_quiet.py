"""States in which an account is left alone, beyond the plain ones: cool-downs, the renewal week, segments."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from schemas.facts import (
    AttributeSet,
    OnboardingAbandoned,
    OnboardingCompleted,
    OnboardingStarted,
    PlanChanged,
    TicketClosed,
    TicketOpened,
)
from services.trigger_engine.domain.deciding.cooling import MAX_COOLING
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import T0, Bench, D, H, decision, offer, reason
from tests.trigger_engine.domain.deciding.judging import LEVELS, PHOTOS, REPORT, bound, known, one

if TYPE_CHECKING:
    from schemas.decisions import Candidate

SICK = "segments:\n  sick: account.health < 50\n"
YEAR = 365 * D


def told(bench: Bench, event: str = "report.exported", **data: Any) -> Candidate:
    return decision(bench.use(event, **data)).candidates[0]


def health(bench: Bench, value: int, at: int | None = None) -> list[Any]:
    return bench.tell(AttributeSet, name="health", value=Decimal(value), at=at)


# --- onboarding ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", [OnboardingCompleted, OnboardingAbandoned])
@pytest.mark.parametrize(("after", "why"), [(D - 1, "onboarding"), (D, None)])
def test_after_an_onboarding_it_can_stay_quiet_for_a_while(ends: Any, after: int, why: str | None) -> None:
    bench = one("", "{quiet_when: [{onboarding: 1d}]}")
    bench.tell(OnboardingStarted)
    bench.tell(ends)
    bench.now += after
    assert reason(bench.use("report.exported")) == why


def test_the_end_of_one_that_was_detected_is_its_last_step_or_its_deadline() -> None:
    start = "started: {onboarding: [member.invited, file.shared], within: 2d}"
    for last, ended in (("file.shared", T0), (None, T0 + 2 * D)):
        moments, offers = [REPORT, start], [PHOTOS, "hello: {on: [started], add: room, placements: [modal]}"]
        bench = Bench(bound(moments, offers, "{quiet_when: [{onboarding: 1d}]}"))
        bench.use("member.invited")
        if last is not None:
            bench.use(last)
        bench.wait(ended - T0 + D - 1)
        found = told(bench)
        assert (found.reason, found.detail) == ("onboarding", "the account, cooling down")
        assert found.until == to_datetime(ended + D)


def test_one_with_a_product_keeps_the_account_quiet_and_is_named() -> None:
    bench = one("", "{quiet_when: [onboarding]}")
    bench.tell(OnboardingStarted, product="photos")
    assert told(bench).detail == "with photos"
    bench.tell(OnboardingCompleted, product="photos", at=T0 + 1)
    assert offer(bench.told).offer == "photos_offer"


# --- the renewal week ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "why"),
    [
        pytest.param(7 * D + 1, None, id="not yet"),
        pytest.param(7 * D, "renewal_week", id="seven days before"),
        pytest.param(1, "renewal_week", id="to the last"),
        pytest.param(0, None, id="renewed"),
    ],
)
def test_the_week_before_the_term_ends_is_quiet(left: int, why: str | None) -> None:
    """S46: no offers are stacked at the renewal."""
    bench = one("", "{quiet_when: [renewal_week]}")
    bench.tell(PlanChanged, plan="plus", term="year", at=T0 - YEAR + left)
    assert reason(bench.use("report.exported")) == why


def test_the_end_of_the_term_is_told_and_known_beforehand() -> None:
    bench = one("", "{quiet_when: [{renewal_week: 3d}]}")
    bench.tell(PlanChanged, plan="plus", term="year", at=T0 - YEAR + D)
    found = told(bench)
    assert (found.detail, found.until) == ("the term ends 2026-03-02 09:00", to_datetime(T0 + D))
    bench.now += D
    cooling = told(bench_after(bench))
    assert (cooling.detail, cooling.until) == ("the term ended 2026-03-02 09:00, cooling down", to_datetime(T0 + 4 * D))


def bench_after(bench: Bench) -> Bench:
    """The same account, to which the moment has yet to come."""
    later = one("", "{quiet_when: [{renewal_week: 3d}]}")
    later.now = bench.now
    later.account("acme").facts, later.account("acme").since = known(bench).facts, known(bench).since
    return later


def test_an_account_without_a_term_has_no_renewal_week() -> None:
    assert reason(one("", "{quiet_when: [renewal_week]}").use("report.exported")) is None


# --- segments and levels ------------------------------------------------------------------------


@pytest.mark.parametrize(("score", "why"), [(49, "quiet"), (50, None), (None, "unknown")])
def test_a_segment_can_be_left_alone(score: int | None, why: str | None) -> None:
    """S52: below a threshold of health nothing is sold; of those nobody knows of, neither."""
    bench = one("", "{quiet_when: [sick]}", more=SICK)
    if score is not None:
        health(bench, score)
    found = told(bench)
    assert found.reason == why
    assert found.detail == {"quiet": "sick", "unknown": "account.health", None: None}[why]


def test_a_level_can_be_left_alone_and_so_can_all_others() -> None:
    assert reason(one("", "{quiet_when: [not engagement.high]}", LEVELS).use("report.exported")) == "quiet"
    keen = one("", "{quiet_when: [not engagement.high]}", LEVELS)
    keen.use("file.shared", quantity=5)
    assert reason(keen.use("report.exported")) is None


@pytest.mark.parametrize(("after", "why"), [(2 * D - 1, "quiet"), (2 * D, None)])
def test_a_segment_cools_down_from_when_the_account_left_it(after: int, why: str | None) -> None:
    bench = one("", "{quiet_when: [{sick: 2d}]}", more=SICK)
    health(bench, 20)
    bench.now += 9 * D
    health(bench, 80)
    bench.now += after
    found = told(bench)
    assert (found.reason, found.detail) == (why, "sick, cooling down" if why else None)


def test_who_was_never_in_it_does_not_cool_down() -> None:
    bench = one("", "{quiet_when: [{sick: 2d}]}", more=SICK)
    health(bench, 80)
    assert reason(bench.use("report.exported")) is None
    assert known(bench).was_quiet == {}


def test_what_cooled_down_is_forgotten() -> None:
    bench = one("", "{quiet_when: [{sick: 2d}]}", more=SICK)
    health(bench, 20)
    assert known(bench).was_quiet == {"sick": None}
    health(bench, 80, T0 + 1)
    assert known(bench).was_quiet == {"sick": T0}
    bench.now += 2 * D
    health(bench, 90)
    assert known(bench).was_quiet == {}


def test_no_more_segments_are_remembered_than_there_is_room_for() -> None:
    count = MAX_COOLING + 3
    states = ", ".join(f"{{s{n}: 9d}}" for n in range(count))
    more = "segments:\n" + "".join(f"  s{n}: account.health < {100 + n}\n" for n in range(count))
    bench = one("", f"{{quiet_when: [{states}]}}", more=more)
    health(bench, 20)
    assert len(known(bench).was_quiet) == MAX_COOLING
    for place in range(count):  # they leave one by one, and of those that left the first is forgotten
        bench.now += H
        health(bench, 100 + place)
    assert len(known(bench).was_quiet) == MAX_COOLING
    assert "s0" not in known(bench).was_quiet


# --- which verbs --------------------------------------------------------------------------------

SILENT = "{quiet_when: [onboarding, open_ticket, payment_failed, cancelling, renewal_week, sick]}"


@pytest.mark.parametrize(
    ("does", "spared"),
    [
        ("add: photos", []),
        ("upgrade_to: next on personal", []),
        ("highlight: roles", []),
        ("nurture: reports", ["sick"]),
        ("task: banner, note: Call", ["onboarding", "open_ticket", "sick"]),
    ],
)
def test_each_verb_is_bound_by_the_states_of_its_line_in_the_table(does: str, spared: list[str]) -> None:
    """Sales and highlights by all; nurture by onboarding and tickets only; tasks by none."""
    ways: dict[str, Any] = {
        "onboarding": lambda bench: bench.tell(OnboardingStarted),
        "open_ticket": lambda bench: bench.tell(TicketOpened, ticket="1"),
        "sick": lambda bench: health(bench, 20),
    }
    silent = []
    for state, happen in ways.items():
        bench = Bench(bound([REPORT], [f"o: {{on: [first_report], {does}}}"], SILENT, more=SICK))
        health(bench, 80, T0 - 1)
        happen(bench)
        if reason(bench.use("report.exported")) is None:
            silent.append(state)
    assert silent == spared


# --- a playbook's own ---------------------------------------------------------------------------


def test_a_playbook_can_be_quiet_for_longer_and_in_more_states() -> None:
    own = "guardrails:\n  quiet_when: [{open_ticket: 48h}, sick]\n"
    bench = one("", "{quiet_when: [{open_ticket: 24h}]}", more=SICK + own)
    health(bench, 80)
    bench.tell(TicketClosed, ticket="1")
    bench.now += 30 * H
    assert reason(bench.use("report.exported")) == "open_ticket"
    sick = one("", "{quiet_when: [{open_ticket: 24h}]}", more=SICK + own)
    health(sick, 20)
    assert reason(sick.use("report.exported")) == "quiet"


def test_of_several_tickets_one_that_is_open_is_told_else_the_one_closed_last() -> None:
    bench = one("", "{quiet_when: [{open_ticket: 24h}]}")
    bench.tell(TicketClosed, ticket="1", at=T0 - 3 * H)
    bench.tell(TicketClosed, ticket="2", at=T0 - 2 * H)
    found = told(bench)
    assert (found.detail, found.until) == ("#2 closed 2026-03-01 07:00, cooling down", to_datetime(T0 + 22 * H))
    other = one("", "{quiet_when: [{open_ticket: 24h}]}")
    other.tell(TicketClosed, ticket="1", at=T0 - H)
    other.tell(TicketOpened, ticket="2", at=T0 - 2 * H)
    assert told(other).detail == "#2 opened 2026-03-01 07:00"
