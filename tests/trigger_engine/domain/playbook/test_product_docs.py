"""The docs of the product document and of conditions say what the code says."""

import re
from pathlib import Path

import pytest

from services.trigger_engine.domain.conditions.bad import BadCondition
from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import ACCOUNT, EVENT, FUNCTIONS, Names
from services.trigger_engine.domain.playbook.guardrails import Each, Quiet
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate
from services.trigger_engine.domain.playbook.product_caps import CAP_KEYS
from services.trigger_engine.domain.playbook.product_events import FACT_KEYS, TYPES
from services.trigger_engine.domain.playbook.product_guardrails import GUARDRAIL_KEYS
from services.trigger_engine.domain.playbook.product_meters import METER_KEYS, SPANS
from services.trigger_engine.domain.playbook.product_plans import PLAN_KEYS
from services.trigger_engine.domain.playbook.product_reader import KEYS
from services.trigger_engine.domain.playbook.product_sold import BUNDLE_KEYS, PRODUCT_KEYS
from services.trigger_engine.domain.playbook.product_weights import CONTEXT_KEYS, HOLDOUT_KEYS, VALUE_KEYS, WEIGHT_KEYS
from tests.trigger_engine.domain.playbook.whole_product import reading

DOCS = Path(__file__).parents[4] / "docs" / "language"
PRODUCT = (DOCS / "product.md").read_text(encoding="utf-8")
NAMES = (DOCS / "names.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", PRODUCT, re.DOTALL)
CODE = sorted(set(re.findall(r"`([^`]+)`", NAMES)))
TRUTHS = re.findall(r"^\| `([^`]+)` \| (\w+) \| (\w+) \| (\w+) \|$", NAMES, re.MULTILINE)
WORDS = sorted(
    {
        *KEYS, *FACT_KEYS, *METER_KEYS, *PLAN_KEYS, *PRODUCT_KEYS, *BUNDLE_KEYS, *GUARDRAIL_KEYS, *CAP_KEYS,
        *WEIGHT_KEYS, *CONTEXT_KEYS, *VALUE_KEYS, *HOLDOUT_KEYS, *map(str, SPANS), *map(str, Aggregate),
        *map(str, Quiet), *map(str, Each), *map(str, TYPES),
    }
)  # fmt: skip


def test_the_example_is_good() -> None:
    _, problems = reading(EXAMPLE)
    assert ([str(problem) for problem in problems.found], problems.warnings) == ([], [])


def test_the_example_uses_every_section() -> None:
    assert set(re.findall(r"^(\w+):", EXAMPLE, re.MULTILINE)) == set(KEYS)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_product_document_is_explained(word: str) -> None:
    assert re.search(rf"`\{{?{word}\b[^`]*`", PRODUCT.replace(EXAMPLE, ""))


@pytest.mark.parametrize("name", sorted(ACCOUNT))
def test_every_built_in_name_is_listed_with_its_kind(name: str) -> None:
    told = ACCOUNT[name]
    assert f"| `account.{name}` | {told.kind.shown} | {told.meaning} |\n" in NAMES


@pytest.mark.parametrize("name", sorted(EVENT))
def test_every_name_of_an_event_is_listed_with_its_kind(name: str) -> None:
    assert f"| `event.{name}` | {EVENT[name].kind.shown} | {EVENT[name].meaning} |\n" in NAMES


def test_no_name_is_listed_that_is_not_there() -> None:
    listed = set(re.findall(r"^\| `account\.([a-z_]+)` \|", NAMES, re.MULTILINE))
    assert listed == set(ACCOUNT)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function_is_listed_with_its_example(function: str) -> None:
    meaning, _, example = FUNCTIONS[function].rpartition(": ")
    assert f"| `{example}` | {meaning} |\n" in NAMES


@pytest.mark.parametrize("text", [code for code in CODE if re.search(r"[a-z)\]] (>|>=|<|==|in) |^not \(", code)])
def test_every_condition_shown_can_be_read(text: str) -> None:
    product, _ = reading(EXAMPLE)
    if "/" in text:
        with pytest.raises(BadCondition, match="no '/'"):
            compile_condition(text, product.names)
        return
    assert compile_condition(text, product.names).reads


def test_there_are_conditions_and_truths_to_look_at() -> None:
    assert sum(" >= " in code for code in CODE) >= 3
    assert len(TRUTHS) == 5


@pytest.mark.parametrize(("text", "true", "false", "unknown"), TRUTHS)
def test_the_table_of_truth_is_true(text: str, true: str, false: str, unknown: str) -> None:
    condition = compile_condition(text.replace(r"\|", "|"), Names({"a": Kind.FLAG}))
    told = [condition.judge({"a": value}).truth.value for value in (True, False, None)]
    assert told == [true, false, unknown]
