"""Back-off: who has said no, or nothing, so often in a row is left alone, and each time for longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.trigger_engine.domain.account import Noes
from services.trigger_engine.domain.deciding.back_off import MOST_DOUBLED
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import T0, Bench, D, H, decision, offer, reason
from tests.trigger_engine.domain.deciding.judging import bound, known

if TYPE_CHECKING:
    from schemas.decisions import Candidate

MILESTONES = [f"m{n}: {{milestone: exports, reaches: {n}}}" for n in range(1, 12)]
OFFERS = [f"o{n}: {{on: [m{n}], add: room, open_for: 1h}}" for n in range(1, 12)]
GUARD = "{back_off: {after: 3, wait: 14d}}"


def bench_of(guardrails: str = GUARD, more: str = "", offers: list[str] | None = None) -> Bench:
    return Bench(bound(MILESTONES, offers or OFFERS, guardrails, more=more))


def asked(bench: Bench, *answers: str) -> None:
    """Offers in a row, each answered so; ``ignored`` is seen and left to expire, ``unseen`` is not seen."""
    for answer in answers:
        made = offer(bench.use("report.exported")).offer_id
        if answer == "ignored":
            bench.respond(made, "presented")
        elif answer != "unseen":
            bench.respond(made, answer)
        bench.wait(H)


def told(bench: Bench) -> Candidate:
    return decision(bench.use("report.exported")).candidates[0]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        pytest.param(["dismissed", "dismissed"], None, id="two noes are not enough"),
        pytest.param(["dismissed", "dismissed", "dismissed"], "back_off", id="three are"),
        pytest.param(["ignored", "dismissed", "ignored"], "back_off", id="ignored is as good as a no"),
        pytest.param(["dismissed", "unseen", "dismissed"], None, id="what nobody saw is none"),
        pytest.param(["dismissed", "unseen", "dismissed", "ignored"], "back_off", id="nor does it break the row"),
        pytest.param(["dismissed", "dismissed", "accepted", "dismissed"], None, id="a yes does"),
        pytest.param(["dismissed", "dismissed", "snoozed"], "back_off", id="not now, and then not at all, is a no"),
    ],
)
def test_noes_in_a_row_are_heard(answers: list[str], why: str | None) -> None:
    """S61: who ignores what they are offered is offered less."""
    bench = bench_of()
    asked(bench, *answers)
    assert reason(bench.use("report.exported")) == why


def test_the_wait_is_told_and_counts_from_the_last_of_them() -> None:
    bench = bench_of()
    asked(bench, "dismissed", "dismissed", "dismissed")
    found = told(bench)
    last = T0 + 2 * H
    assert (found.detail, found.until) == ("3 in a row, until 2026-03-15 11:00", to_datetime(last + 14 * D))


def test_each_further_no_doubles_the_wait() -> None:
    bench = bench_of()
    asked(bench, "dismissed", "dismissed", "dismissed")
    for doubled in (1, 2, 4):
        last = known(bench).noes.at
        bench.now = last + doubled * 14 * D - 1
        bench.account("acme").held.clear()
        assert told(bench).reason == "back_off"
        bench.account("acme").held.clear()
        bench.now += 1
        asked(bench, "dismissed")
    assert known(bench).noes.count == 6


def test_a_yes_ends_it_at_once() -> None:
    bench = bench_of()
    asked(bench, "dismissed", "dismissed")
    made = offer(bench.use("report.exported")).offer_id
    bench.respond(made, "presented")
    bench.wait(H)
    assert reason(bench.use("report.exported")) == "back_off"
    events = bench.respond(made, "accepted")  # late, and a yes all the same
    assert known(bench).noes == Noes()
    assert offer(events).offer == "o4"


def test_an_offer_that_is_ignored_and_then_dismissed_is_one_no() -> None:
    bench = bench_of()
    asked(bench, "ignored")
    made = known(bench).offers[0].offer_id
    bench.respond(made, "dismissed")
    assert known(bench).noes == Noes(1, T0 + H)


def test_a_no_that_comes_late_to_an_offer_nobody_had_seen_counts() -> None:
    bench = bench_of()
    asked(bench, "unseen")
    bench.respond(known(bench).offers[0].offer_id, "dismissed")
    assert known(bench).noes.count == 1


def test_a_wait_does_not_double_for_ever() -> None:
    bench = bench_of()
    bench.account("acme").noes = Noes(10_000, T0)
    assert told(bench).until == to_datetime(T0 + 14 * D * 2**MOST_DOUBLED)


def test_a_playbook_of_its_own_can_be_quicker_to_hear_a_no() -> None:
    bench = bench_of(more="guardrails:\n  back_off: {after: 1, wait: 20d}\n")
    asked(bench, "dismissed")
    assert told(bench).until == to_datetime(T0 + 20 * D)


def test_what_a_task_comes_to_is_nobodys_no() -> None:
    offers = [*[f"t{n}: {{on: [m{n}], task: banner, note: Call}}" for n in range(1, 4)], OFFERS[3]]
    bench = bench_of("{back_off: {after: 1, wait: 14d}}", offers=[*offers, *OFFERS[4:]])
    asked(bench, "dismissed", "dismissed", "ignored")
    assert known(bench).noes == Noes()
    assert reason(bench.use("report.exported")) is None
