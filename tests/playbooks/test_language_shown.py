"""The shipped stories use every word of the language, so that each has an example in a whole playbook."""

from collections.abc import Iterable, Mapping
from typing import Final

import pytest

from schemas.responses import ResponseKind
from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.conditions.names import ACCOUNT, EVENT, FUNCTIONS, NOT, NOW
from services.trigger_engine.domain.playbook.account_moments import SINCE
from services.trigger_engine.domain.playbook.content_reader import WORDS_KEYS
from services.trigger_engine.domain.playbook.event_moments import ORDERS
from services.trigger_engine.domain.playbook.limit_moments import BELOW, PLAN_CHANGE
from services.trigger_engine.domain.playbook.moments import ACCOUNT_CREATED, Ending, OnboardingOf
from services.trigger_engine.domain.playbook.moments_reader import COMMON_KEYS, KINDS
from services.trigger_engine.domain.playbook.no_reader import HIGHER_STEP, RULES
from services.trigger_engine.domain.playbook.offer_keys import OFFER_KEYS
from services.trigger_engine.domain.playbook.playbook_reader import KEYS as PLAYBOOK_KEYS
from services.trigger_engine.domain.playbook.product import UNLIMITED, Each, History, Quiet
from services.trigger_engine.domain.playbook.product_caps import CAP_KEYS
from services.trigger_engine.domain.playbook.product_events import OPTIONAL, TYPES
from services.trigger_engine.domain.playbook.product_guardrails import BACK_OFF_KEYS, GUARDRAIL_KEYS
from services.trigger_engine.domain.playbook.product_levels import OTHERWISE
from services.trigger_engine.domain.playbook.product_meters import METER_KEYS, SPANS
from services.trigger_engine.domain.playbook.product_plans import LIMIT_KEYS, PLAN_KEYS, SEAT, SEATS
from services.trigger_engine.domain.playbook.product_reader import KEYS as PRODUCT_KEYS
from services.trigger_engine.domain.playbook.product_sold import BUNDLE_KEYS
from services.trigger_engine.domain.playbook.product_sold import PRODUCT_KEYS as SOLD_KEYS
from services.trigger_engine.domain.playbook.product_weights import CONTEXT_KEYS, HOLDOUT_KEYS, VALUE_KEYS, WEIGHT_KEYS
from services.trigger_engine.domain.playbook.scenario import Came
from services.trigger_engine.domain.playbook.scenario_choices import CHOICE_KEYS
from services.trigger_engine.domain.playbook.scenario_expects import EXPECT_KEYS
from services.trigger_engine.domain.playbook.scenario_facts import FACTS
from services.trigger_engine.domain.playbook.scenario_reader import ACCOUNT_KEYS, SCENARIO_KEYS
from services.trigger_engine.domain.playbook.scenario_reader import KEYS as SCENARIOS_KEYS
from services.trigger_engine.domain.playbook.scenario_steps import BESIDE_EVENT, BESIDE_FACT, EXPECT, FACT, UNTIL, WAIT
from services.trigger_engine.domain.playbook.trials_reader import BUILT_IN, RUNS_KEYS, STOP_IF_KEYS
from services.trigger_engine.domain.playbook.variables import FORECAST, GROWTH, PRICE, SAVING, TARGET
from services.trigger_engine.domain.playbook.verbs import Order
from services.trigger_engine.domain.playbook.verbs_reader import COMPLEMENT, FITTING, NEXT, UNLOCKS
from tests.playbooks.said import conditions_in, said_in
from tests.playbooks.shipped import STORIES, documents

KEYS: Final[Mapping[str, Iterable[str]]] = {
    "": [*PRODUCT_KEYS, *PLAYBOOK_KEYS, *SCENARIOS_KEYS],
    "facts.*": ["type", "default"],
    "meters.*": METER_KEYS,
    "plans.[]": PLAN_KEYS,
    "plans.[].limits.*": LIMIT_KEYS,
    "products.[]": SOLD_KEYS,
    "bundles.[]": BUNDLE_KEYS,
    "guardrails": GUARDRAIL_KEYS,
    "guardrails.caps.[]": CAP_KEYS,
    "guardrails.back_off": BACK_OFF_KEYS,
    "weights": WEIGHT_KEYS,
    "weights.context": CONTEXT_KEYS,
    "weights.value": VALUE_KEYS,
    "holdout": HOLDOUT_KEYS,
    "moments.*": [*COMMON_KEYS, *(key for kind in KINDS.values() for key in kind.keys)],
    "offers.*": OFFER_KEYS,
    "offers.*.upgrade_to": [UNLOCKS],
    "offers.*.content": WORDS_KEYS,
    "offers.*.runs": RUNS_KEYS,
    "offers.*.stop_if": STOP_IF_KEYS,
    "tests.*": SCENARIO_KEYS,
    "tests.*.steps.[]": [*FACTS, *ResponseKind, WAIT, UNTIL, FACT, EXPECT, *BESIDE_EVENT, *BESIDE_FACT],
    "tests.*.steps.[].expect": [*Came, *EXPECT_KEYS],
    "tests.*.steps.[].expect.options.[]": CHOICE_KEYS,
    "tests.*.account": ACCOUNT_KEYS,
}
"""Keys by where they stand."""

VALUES: Final[Mapping[str, Iterable[str]]] = {
    "history": History,
    "events.*.*": [*TYPES, OPTIONAL],
    "facts.*": TYPES,
    "meters.*.over": SPANS,
    "meters.*.by": ["user"],
    "meters.*.days_with": ["any"],
    "plans.[].per": [SEAT],
    "plans.[].limits.*": [UNLIMITED, SEATS],
    "levels.*.[].*": [OTHERWISE],
    "guardrails.quiet_when.[]": Quiet,
    "guardrails.caps.[].per": Unit,
    "guardrails.caps.[].each": [each for each in Each if each is not Each.ACCOUNT],
    "moments.*.of": [*Unit, *OnboardingOf],
    "moments.*.order": ORDERS,
    "moments.*.starts": [ACCOUNT_CREATED],
    "moments.*.again_after.[]": [PLAN_CHANGE, BELOW],
    "moments.*.tenure": SINCE,
    "moments.*.outcome": Ending,
    "moments.*.reaches": ["account."],
    "offers.*.upgrade_to": [NEXT, FITTING, "next on "],
    "offers.*.add": [COMPLEMENT],
    "offers.*.seats": [FITTING],
    "offers.*.term": [NEXT],
    "offers.*.order": Order,
    "offers.*.after_a_no": [HIGHER_STEP, *RULES],
    "offers.*.report_by.[]": BUILT_IN,
}
"""Words that are values, by where they stand. They may be the beginning of a value, or its end."""

IN_CONDITIONS: Final = [
    *(f"account.{name}" for name in ACCOUNT), *(f"event.{name}" for name in EVENT),
    *FUNCTIONS, NOT, NOW, "&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "?", "in",
]  # fmt: skip
VARIABLES: Final = [TARGET, PRICE, SAVING, GROWTH, FORECAST, "meters.", "limit."]

DOCUMENTS: Final = [text for story in STORIES for _, text in documents(story)]
SAID: Final = frozenset[str]().union(*map(said_in, DOCUMENTS))
ASKED: Final = frozenset[str]().union(*map(conditions_in, DOCUMENTS))


@pytest.mark.parametrize("where", KEYS)
def test_every_key_of_the_language_stands_in_some_story(where: str) -> None:
    assert [key for key in KEYS[where] if f"{where}.{key}".removeprefix(".") not in SAID] == []


@pytest.mark.parametrize("where", VALUES)
def test_every_word_that_is_a_value_stands_in_some_story(where: str) -> None:
    there = [said[len(where) + 1 :] for said in SAID if said.startswith((f"{where}=", f"{where}."))]
    assert [
        word for word in VALUES[where] if not any(one.startswith(word) or one.endswith(word) for one in there)
    ] == []


def test_every_name_that_conditions_know_is_asked_in_some_story() -> None:
    asked = {part for name in ASKED for part in (name, *name.rsplit(".", 1))}  # a call stands behind its name
    assert [name for name in IN_CONDITIONS if name not in asked] == []


def test_every_variable_is_in_the_words_of_some_story() -> None:
    assert [name for name in VARIABLES if not any(f"{{{name}" in said for said in SAID)] == []


def test_words_of_a_step_and_of_a_variant_are_in_some_story() -> None:
    assert any(said.startswith("offers.*.content.at_") for said in SAID)
    assert any(said.startswith("offers.*.content.variant_") for said in SAID)


def test_what_is_said_is_told_with_the_path_to_it() -> None:
    assert said_in("offers:\n  a:\n    on: [b]\n    boost: 2\n") == {
        "offers", "offers.*", "offers.*.on", "offers.*.on.[]", "offers.*.on.[]=b", "offers.*.boost", "offers.*.boost=2",
    }  # fmt: skip
    assert conditions_in("segments: {a: not b && c > 1}\n") == {"not", "b", "&&", "c", ">", "1"}
