from __future__ import annotations

from decimal import Decimal

import pytest

from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.sets import CompiledSet, compiled, read_set
from services.trigger_engine.domain.trying.example import AGE_US, Example
from services.trigger_engine.domain.trying.supposing import reaching, supposing
from tests.trigger_engine.domain.building import PRODUCT, D

PLAYBOOK = """playbook: story
moments:
  storage_full: {limit: storage_gb}
segments:
  small: account.team < 10
  shops: account.industry == 'shop' && size.large
offers:
  more: {on: [storage_full], upgrade_to: next on personal, not_before: {account.age: 200d, meters.exports: 3}}
"""
FACTS = """facts: {team: whole, industry: text, student: flag}
levels:
  size:
    - large: account.team >= 100
    - middle: account.team >= 20
    - small_one: otherwise
"""


def rules() -> CompiledSet:
    problems = Problems()
    found = compiled(read_set([("product.yaml", PRODUCT + FACTS), ("playbook.yaml", PLAYBOOK)], problems), 1)
    assert problems.found == []
    return found


@pytest.mark.parametrize(
    ("condition", "supposed"),
    [
        pytest.param("account.team >= 5", Example(facts={"team": Decimal(5)}), id="at least"),
        pytest.param("account.team > 5", Example(facts={"team": Decimal(6)}), id="more than"),
        pytest.param("account.team < 5", Example(facts={"team": Decimal(4)}), id="less than"),
        pytest.param("account.industry == 'care'", Example(facts={"industry": "care"}), id="a text"),
        pytest.param("account.student", Example(facts={"student": True}), id="a flag"),
        pytest.param("account.student == false", Example(facts={"student": False}), id="a flag that is not"),
        pytest.param("account.plan == 'plus'", Example(plan="plus"), id="a plan"),
        pytest.param("account.seats > 1", Example(seats=2), id="seats"),
        pytest.param("'photos' in account.owned", Example(owned=("photos",)), id="something owned"),
        pytest.param("size(account.owned) >= 1", Example(owned=("photos", "cable")), id="so many things owned"),
        pytest.param("meters.exports >= 3", Example(meters={"exports": Decimal(3)}), id="a meter"),
        pytest.param("meters.exports < 3", Example(), id="a meter that is below anyway"),
        pytest.param("small", Example(facts={"team": Decimal(9)}), id="a segment"),
        pytest.param(
            "shops", Example(facts={"team": Decimal(100), "industry": "shop"}), id="a segment that names a level"
        ),
        pytest.param("size.middle", Example(facts={"team": Decimal(20)}), id="a level"),
        pytest.param("size.small_one", Example(facts={"team": Decimal(19)}), id="the last of a level"),
        pytest.param("not size.small_one", Example(facts={"team": Decimal(20)}), id="not the last of a level"),
        pytest.param("not (account.industry == 'care')", Example(), id="what is denied is not supposed"),
        pytest.param("account.nobody >= 5", Example(), id="a name that is not there"),
    ],
)
def test_what_would_have_to_be_true_is_guessed_from_the_words(condition: str, supposed: Example) -> None:
    assert supposing(condition, Example(), rules()) == supposed


def test_what_was_said_is_not_changed() -> None:
    said = Example(facts={"team": Decimal(2)}, meters={"exports": Decimal(9)})
    assert supposing("account.team >= 5 && meters.exports >= 3", said, rules()) == said


def test_a_threshold_is_reached() -> None:
    example = Example()
    for threshold in rules().by_name["more"].not_before:
        example = reaching(threshold, example)
    assert (example.age_us, example.meters) == (200 * D, {"exports": Decimal(3)})
    assert AGE_US < 200 * D
