"""Whatever stands in the documents, reading and checking a playbook ends with a value or with problems."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.playbook.document import Node, read
from services.trigger_engine.domain.playbook.playbook_checks import check_playbook
from services.trigger_engine.domain.playbook.playbook_reader import read_playbook
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.scenario_reader import read_scenarios
from tests.trigger_engine.domain.building import PRODUCT
from tests.trigger_engine.domain.playbook import test_any_product as any_product
from tests.trigger_engine.domain.playbook.test_any_product import OTHERS, Path, paths, with_another, without, word
from tests.trigger_engine.domain.playbook.test_scenario import OFFERS
from tests.trigger_engine.domain.playbook.test_scenario import TEXT as SCENARIOS
from tests.trigger_engine.domain.playbook.whole_playbook import PLAYBOOK, product_of
from tests.trigger_engine.domain.playbook.whole_product import SEGMENTS, WHOLE

ROOT: Final = read("p.yaml", PLAYBOOK)
TESTS: Final = read("s.yaml", SCENARIOS)
WORDS: Final = [
    "next", "next on work", "next on adoption", "fitting", "complement", "storage_full", "more_storage", "storage_gb",
    "invites", "file.stored", "account.created", "account.goal", "12 months", "2026-11-01", "+20%", "below 70%", "plus",
    "creative", "photos", "small_team", "engagement.low", "{forecast.date}", "{price}", "wait for higher step", "never",
    "nothing because capped", "10d ago", "as_written",
]  # fmt: skip
OTHER: Final = st.one_of(OTHERS, st.sampled_from(WORDS).map(word))


def judged(root: Node, product: Product) -> Problems:
    """What is found when the playbook is read, and checked when nothing was found."""
    problems = Problems()
    playbook = read_playbook(root, product, problems)
    if not problems.found:
        check_playbook(playbook, product, problems)
    return problems


@given(st.sampled_from(sorted(paths(ROOT), key=str)), OTHER)
def test_any_part_may_be_anything(path: Path, other: Node) -> None:
    problems = judged(with_another(ROOT, path, other), product_of(WHOLE))
    assert all(problem.message for problem in problems.found)


@given(st.sampled_from(sorted((path for path in paths(ROOT) if path), key=str)))
def test_any_part_may_be_missing(path: Path) -> None:
    assert all(problem.message for problem in judged(without(ROOT, path), product_of(WHOLE)).found)


@given(st.sampled_from(sorted(paths(any_product.ROOT), key=str)), OTHERS)
def test_the_product_may_say_anything(path: Path, other: Node) -> None:
    product = read_product(with_another(any_product.ROOT, path, other), Problems(), SEGMENTS)
    assert all(problem.message for problem in judged(ROOT, product).found)


@given(st.sampled_from(sorted((path for path in paths(any_product.ROOT) if path), key=str)))
def test_any_part_of_the_product_may_be_missing(path: Path) -> None:
    product = read_product(without(any_product.ROOT, path), Problems(), SEGMENTS)
    assert all(problem.message for problem in judged(ROOT, product).found)


@given(st.sampled_from(sorted(paths(TESTS), key=str)), OTHER)
def test_any_part_of_a_scenario_may_be_anything(path: Path, other: Node) -> None:
    problems = Problems()
    read_scenarios(with_another(TESTS, path, other), product_of(PRODUCT), OFFERS, problems)
    assert all(problem.message for problem in problems.found)
