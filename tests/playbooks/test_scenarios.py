"""The scenarios beside the sample: they hold, leave nothing out, and are no part of the set."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from schemas.decisions import Reason
from services.trigger_engine.domain.playbook.checking import Checked, check_set
from services.trigger_engine.domain.playbook.scenario import Came, Expects
from services.trigger_engine.domain.playbook.sets import compile_set
from services.trigger_engine.domain.trying.playing import play
from services.trigger_engine.settings import EngineSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES: Final = Path(__file__).parents[2] / "playbooks" / "files"
LATENESS_US: Final = EngineSettings.model_fields["lateness_s"].default * 1_000_000
OUT_OF_REACH: Final = {
    Reason.NO_OFFER,  # every moment of the sample has an offer
    Reason.PAUSED,  # what an operator does to a set, and not what happens to an account
}


def documents(instead: str = "", by: str = "") -> list[tuple[str, str]]:
    """The sample; with a fault planted in it, but not in its scenarios, when ``instead`` is said."""
    found = []
    for path in sorted(FILES.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        found.append((path.name, text if ".scenarios" in path.name or not instead else text.replace(instead, by)))
    return found


@cache
def checked() -> Checked:
    return check_set(documents(), 0)


def failures(found: Checked) -> dict[str, str]:
    """Why each scenario fails that does."""
    played = [
        play(scenario, found.compiled, LATENESS_US)
        for document in found.scenarios.values()
        for scenario in document.scenarios.values()
    ]
    return {one.name: one.failed.why for one in played if one.failed is not None}


def expectations() -> Iterator[Expects]:
    for document in checked().scenarios.values():
        for scenario in document.scenarios.values():
            yield from (step for step in scenario.steps if isinstance(step, Expects))


def test_every_scenario_of_the_sample_holds() -> None:
    assert failures(checked()) == {}


@pytest.mark.parametrize(
    ("instead", "by", "fails"),
    [
        pytest.param("at: [80%, 90%, 100%]", "at: [85%, 90%, 100%]", "storage_is_nearly_full", id="a step"),
        pytest.param("at: [100%]", "at: [60%]", "the_limit_itself_is_enough", id="before the limit"),
        pytest.param("stale_after: 30m", "stale_after: 3h", "a_success_of_yesterday", id="a longer memory"),
        pytest.param("{open_ticket: 24h}, ", "", "nothing_while_waiting_for_help", id="a guardrail left out"),
        pytest.param(
            "at_most: 2, per: 7d", "at_most: 3, per: 7d", "two_offers_are_enough_for_a_week", id="a wider cap"
        ),
        pytest.param("open_for: 3d", "open_for: 4d", "what_nobody_looks_at_runs_out", id="a longer offer"),
        pytest.param("boost: 0.5", "boost: 5", "the_better_of_two", id="another winner"),
    ],
)
def test_a_change_of_the_sample_fails_the_scenario_that_is_about_it(instead: str, by: str, fails: str) -> None:
    assert fails in failures(check_set(documents(instead, by), 0))


def test_every_offer_and_every_moment_has_a_scenario_in_which_it_comes_to_something() -> None:
    made = {expects.offer for expects in expectations() if expects.came is Came.MADE}
    rules = checked().compiled
    assert {offer.name for offers in rules.offers.values() for offer in offers} == made
    assert [moment for moment, offers in rules.offers.items() if not made & {offer.name for offer in offers}] == []


def test_every_reason_to_withhold_has_a_scenario() -> None:
    because = {Reason(expects.because) for expects in expectations() if expects.because is not None}
    assert because == set(Reason) - OUT_OF_REACH


def test_every_scenario_says_what_it_is_about_and_ends_with_what_is_expected() -> None:
    (document,) = checked().scenarios.values()
    assert [name for name, scenario in document.scenarios.items() if not scenario.about] == []
    assert {type(scenario.steps[-1]) for scenario in document.scenarios.values()} == {Expects}


def test_the_sample_is_without_warnings() -> None:
    assert checked().warnings == ()


def test_scenarios_are_no_part_of_the_set() -> None:
    without = [(name, text) for name, text in documents() if "scenarios" not in name]
    assert len(without) == len(documents()) - 1
    assert compile_set(documents(), 0) == compile_set(without, 0)
