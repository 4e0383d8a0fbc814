"""The sample: all that is in it is used, and a fault in it would be told."""

import pytest

from schemas.offers import MomentKind
from services.trigger_engine.domain.playbook.checking import check_set
from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.sets import CompiledSet, compile_set
from tests.playbooks.shipped import checked, documents, failures

STORY = "files"


@pytest.fixture(scope="module")
def sample() -> CompiledSet:
    return checked(STORY).compiled


def test_the_kinds_of_moment_that_people_begin_with_are_in_it(sample: CompiledSet) -> None:
    assert {MomentKind.LIMIT, MomentKind.MILESTONE, MomentKind.ONBOARDING} <= {
        moment.kind for moment in sample.moments.values()
    }


def test_every_event_feeds_something(sample: CompiledSet) -> None:
    assert [event for event, feed in sample.feeds.items() if feed.is_empty] == []


def test_every_product_is_offered(sample: CompiledSet) -> None:
    offered = {getattr(offer.does, "product", None) for offers in sample.offers.values() for offer in offers}
    assert set(sample.product.products) <= offered


def test_every_offer_has_words_of_its_own(sample: CompiledSet) -> None:
    assert [offer.name for offers in sample.offers.values() for offer in offers if offer.words is None] == []


def test_a_typo_in_it_would_be_told() -> None:
    with pytest.raises(SetRefused) as refused:
        compile_set(documents(STORY, "limit: projects", "limit: project"), 0)
    assert "did you mean 'projects'?" in str(refused.value)


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
def test_a_change_of_it_fails_the_scenario_that_is_about_it(instead: str, by: str, fails: str) -> None:
    assert fails in failures(check_set(documents(STORY, instead, by), 0))
