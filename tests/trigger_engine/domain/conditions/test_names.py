"""The names that conditions read."""

from itertools import product

import pytest

from services.trigger_engine.domain.conditions.bad import BadCondition
from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import ACCOUNT, EVENT, FUNCTIONS, RESERVED, Names, inner, total
from tests.trigger_engine.domain.conditions.asking import NAMES

SAMPLES = {
    Kind.TEXT: "{} == 'a'",
    Kind.NUMBER: "{} > 1.5",
    Kind.WHOLE: "{} > 1",
    Kind.FLAG: "not {}",
    Kind.TEXTS: "'a' in {}",
    Kind.TIME: "now > {}",
    Kind.DURATION: "{} > 1d",
}


@pytest.mark.parametrize("name", sorted(ACCOUNT))
def test_every_built_in_name_can_be_read(name: str) -> None:
    names = Names({**{f"account.{name}": built_in.kind for name, built_in in ACCOUNT.items()}, "now": Kind.TIME})
    text = SAMPLES[ACCOUNT[name].kind].format(f"account.{name}")
    assert f"account.{name}" in compile_condition(text, names).reads


def test_every_function_is_shown_by_an_example_that_can_be_read() -> None:
    kinds = {f"account.{name}": built_in.kind for name, built_in in ACCOUNT.items()}
    names = Names(
        kinds
        | {"account.industry": Kind.TEXT, "account.health": Kind.NUMBER, "total(meters.invites)": Kind.NUMBER}
        | {f"event.{name}": built_in.kind for name, built_in in EVENT.items()}
    )
    for meaning in FUNCTIONS.values():
        example = meaning.rpartition(": ")[2]
        texts = [example, f"{example} > 1", f"{example} > 1.5", f"{example} > account.created"]
        assert any(_reads(text, names) for text in texts), meaning


def _reads(text: str, names: Names) -> bool:
    try:
        return bool(compile_condition(text, names).reads)
    except BadCondition:
        return False


def test_names_are_added_without_touching_those_that_were() -> None:
    more = NAMES.plus({"new_segment": Kind.FLAG}, {"event.format": "events are read by 'where' only"})
    assert compile_condition("new_segment && small_team", more).reads == ("new_segment", "small_team")
    with pytest.raises(BadCondition, match="by 'where' only"):
        compile_condition("event.format == 'pdf'", more)
    with pytest.raises(BadCondition, match="'new_segment' is not known here"):
        compile_condition("new_segment", NAMES)


def test_no_name_of_an_operator_can_hide_a_word_of_the_language() -> None:
    assert {"account", "meters", "limit", "event", "now", "not", "in", "known", "total", "otherwise"} <= set(RESERVED)


def test_no_two_names_are_one_to_cel() -> None:
    words = ["a" + "".join(rest) for length in range(4) for rest in product("ad_", repeat=length)]
    qualified = [*words, *(f"{first}.{second}" for first in words for second in words)]
    written = [*qualified, *map(total, qualified)]
    told = {inner(name, asked=asked) for name in written for asked in (True, False)}
    assert len(told) == 2 * len(written)
