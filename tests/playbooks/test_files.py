"""The sample playbook: it compiles, and everything in it is used."""

from pathlib import Path

import pytest

from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.sets import CompiledSet, compile_set

FILES = Path(__file__).parents[2] / "playbooks" / "files"


def documents() -> list[tuple[str, str]]:
    return [(path.name, path.read_text()) for path in sorted(FILES.glob("*.yaml"))]


@pytest.fixture(scope="module")
def sample() -> CompiledSet:
    return compile_set(documents(), 0)


def test_every_kind_of_moment_is_in_it(sample: CompiledSet) -> None:
    assert {moment.kind.value for moment in sample.moments.values()} == {"limit", "milestone", "onboarding"}


def test_every_moment_earns_an_offer(sample: CompiledSet) -> None:
    assert [name for name, offers in sample.offers.items() if not offers] == []


def test_every_event_feeds_something(sample: CompiledSet) -> None:
    assert [event for event, feed in sample.feeds.items() if not feed.meters and not feed.onboardings] == []


def test_every_product_is_offered(sample: CompiledSet) -> None:
    offered = {getattr(offer.does, "product", None) for offers in sample.offers.values() for offer in offers}
    assert set(sample.product.products) <= offered


def test_every_placement_is_used(sample: CompiledSet) -> None:
    used = {place for offers in sample.offers.values() for offer in offers for place in offer.placements}
    assert used == set(sample.product.placements)


def test_every_offer_has_words_of_its_own(sample: CompiledSet) -> None:
    assert [offer.name for offers in sample.offers.values() for offer in offers if offer.words is None] == []


def test_a_typo_in_it_would_be_told() -> None:
    broken = [(name, text.replace("limit: projects", "limit: project")) for name, text in documents()]
    with pytest.raises(SetRefused) as refused:
        compile_set(broken, 0)
    assert "did you mean 'projects'?" in str(refused.value)
