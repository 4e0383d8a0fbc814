"""What is shipped is checked, tested and used to the last word; and its scenarios hold."""

import pytest

from schemas.decisions import Reason
from services.trigger_engine.domain.playbook.scenario import Came, Expects
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.playbooks.shipped import STORIES, checked, documents, expectations, failures, scenarios

OUT_OF_REACH = {
    Reason.NO_OFFER,  # a moment that earns nothing is refused when the set is checked
    Reason.PAUSED,  # what an operator does to a set, and not what happens to an account
}


@pytest.mark.parametrize("story", STORIES)
def test_every_scenario_holds(story: str) -> None:
    assert failures(checked(story)) == {}


@pytest.mark.parametrize("story", STORIES)
def test_it_is_without_warnings(story: str) -> None:
    assert checked(story).warnings == ()


@pytest.mark.parametrize("story", STORIES)
def test_every_offer_and_every_moment_has_a_scenario_in_which_it_comes_to_something(story: str) -> None:
    made = {expects.offer for expects in expectations(checked(story)) if expects.came is Came.MADE}
    rules = checked(story).compiled
    assert {offer.name for offers in rules.offers.values() for offer in offers} == made
    assert [moment for moment, offers in rules.offers.items() if not made & {offer.name for offer in offers}] == []


@pytest.mark.parametrize("story", STORIES)
def test_every_scenario_says_what_it_is_about_and_ends_with_what_is_expected(story: str) -> None:
    told = list(scenarios(checked(story)))
    assert [scenario.name for scenario in told if not scenario.about] == []
    assert {type(scenario.steps[-1]) for scenario in told} == {Expects}


@pytest.mark.parametrize("story", STORIES)
def test_every_placement_is_used(story: str) -> None:
    rules = checked(story).compiled
    used = {place for offers in rules.offers.values() for offer in offers for place in offer.placements}
    assert used == set(rules.product.placements)


@pytest.mark.parametrize("story", STORIES)
def test_scenarios_are_no_part_of_the_set(story: str) -> None:
    without = [(name, text) for name, text in documents(story) if ".scenarios" not in name]
    assert len(without) < len(documents(story))
    assert compile_set(documents(story), 0) == compile_set(without, 0)


def test_every_reason_to_withhold_has_a_scenario() -> None:
    because = {expects.because for story in STORIES for expects in expectations(checked(story))}
    assert sorted(set(Reason) - because - OUT_OF_REACH) == []
