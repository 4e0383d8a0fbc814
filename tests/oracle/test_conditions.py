"""What the oracle makes of a condition, against what the product asks with CEL: they share no line, and no library."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oracle.conditions.condition import condition_of
from oracle.conditions.tokens import BadCondition
from services.trigger_engine.domain.conditions import bad
from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.conditions.condition import Truth
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    "account.team": Kind.WHOLE,
    "account.seats": Kind.WHOLE,
    "account.health": Kind.NUMBER,
    "account.plan": Kind.TEXT,
    "account.industry": Kind.TEXT,
    "account.owned": Kind.TEXTS,
    "account.cancelling": Kind.FLAG,
    "account.age": Kind.DURATION,
    "account.plan_since": Kind.TIME,
    "now": Kind.TIME,
    "meters.exports": Kind.NUMBER,
    "limit.exports": Kind.NUMBER,
    "total(meters.invites)": Kind.NUMBER,
    "engagement.high": Kind.FLAG,
    "small_team": Kind.FLAG,
}
NAMES = Names(KINDS)
OURS = {name: kind.value.replace("texts", "list of text") for name, kind in KINDS.items()}
TRUTHS = {Truth.TRUE: True, Truth.FALSE: False, Truth.UNKNOWN: None}


def by_product(text: str, values: Mapping[str, Any]) -> tuple[bool | None, tuple[str, ...]] | str:
    try:
        verdict = compile_condition(text, NAMES).judge(values)
    except bad.BadCondition:
        return "refused"
    return TRUTHS[verdict.truth], verdict.unknown


def by_oracle(text: str, values: Mapping[str, Any]) -> tuple[bool | None, tuple[str, ...]] | str:
    try:
        verdict = condition_of(text, OURS).judge(values)
    except BadCondition:
        return "refused"
    return verdict.truth, verdict.unknown


# --- conditions by chance, of the kind that is asked for ---------------------------------------------


def named(*kinds: Kind) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, kind in KINDS.items() if kind in kinds])


def joined(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    made = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*made).map(" ".join)


SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
TEXTS = st.sampled_from(["'pro'", "'a'", '"free"', "''", "'\\u00fc'", "'it\\'s'", "'a\\\\b'", "'ü'"])
PATTERNS = st.sampled_from(["'^p'", "'o$'", "'[a-f]+'", "'pro|free'", "'\\\\d'", "'^$'", "'.'", "'('"])
WHOLES = st.one_of(named(Kind.WHOLE), st.integers(0, 5).map(str), st.just("999999999999999999"))
NUMBERS = st.one_of(named(Kind.NUMBER), st.sampled_from(["0.5", "2.25", "3", "0", "1000000"]))
LENGTHS = st.one_of(named(Kind.DURATION), st.sampled_from(["3d", "90s", "1w", "99999d"]))
TIMES = st.one_of(named(Kind.TIME), st.just("timestamp('2026-03-01T00:00:00.5+01:00')"))


def reckoned(parts: st.SearchStrategy[str], signs: list[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        parts,
        lambda inner: st.one_of(
            joined(inner, st.sampled_from(signs), inner),
            joined("(", inner, ")"),
            joined("-", inner) if "*" in signs else inner,
        ),
        max_leaves=4,
    )


SUMS = reckoned(WHOLES, ["+", "-", "*"])
REALS = reckoned(st.one_of(NUMBERS, WHOLES.map("double({})".format)), ["+", "-", "*"])
SPANS = st.one_of(reckoned(LENGTHS, ["+", "-"]), joined(TIMES, "-", TIMES))
POINTS = st.one_of(TIMES, joined(TIMES, "+", LENGTHS), joined(TIMES, "-", LENGTHS))
WORDS = st.one_of(named(Kind.TEXT), TEXTS)
LISTS = st.one_of(named(Kind.TEXTS), st.lists(TEXTS, max_size=3).map(lambda items: f"[{', '.join(items)}]"))
PLAIN = st.one_of(
    named(Kind.FLAG),
    st.sampled_from(list(KINDS)).map("known({})".format),
    *(joined(kind, SIGNS, kind) for kind in (SUMS, REALS, SPANS, POINTS, WORDS, st.sampled_from(["true", "false"]))),
    joined(WORDS, "in", LISTS),
    joined(
        SUMS, "in", st.lists(st.integers(0, 5).map(str), min_size=1, max_size=3).map(lambda of: f"[{', '.join(of)}]")
    ),
    joined(REALS, "in", "[1, 2.5]"),
    joined(LISTS.map("size({})".format), SIGNS, WHOLES),
    joined(WORDS.map("size({})".format), SIGNS, WHOLES),
    joined(LISTS, "==", LISTS),
    st.tuples(named(Kind.TEXT), st.sampled_from(["startsWith", "endsWith", "contains"]), WORDS).map(
        lambda of: f"{of[0]}.{of[1]}({of[2]})"
    ),
    st.tuples(named(Kind.TEXT), PATTERNS).map(lambda of: f"{of[0]}.matches({of[1]})"),
)
CONDITIONS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        joined(inner, "&&", inner),
        joined(inner, "||", inner),
        joined("(", inner, ")"),
        joined("not (", inner, ")"),
        joined("! (", inner, ")"),
        joined("(", inner, ") ? (", inner, ") : (", inner, ")"),
        joined("(", inner, ") == (", inner, ")"),
    ),
    max_leaves=6,
)

OF_KIND = {
    Kind.WHOLE: st.one_of(st.integers(-3, 6), st.just(2**62), st.sampled_from([Decimal(3), Decimal("3.5"), "3", True])),
    Kind.NUMBER: st.one_of(
        st.decimals(-4, 4, places=2),
        st.integers(0, 3),
        st.sampled_from([Decimal("Infinity"), "2", False, Decimal(10) ** 37]),
    ),
    Kind.TEXT: st.one_of(st.sampled_from(["pro", "free", "a", "", "ü", "it's", "a\\b", "pro\n"]), st.just(5)),
    Kind.TEXTS: st.sampled_from([(), ("a",), ("pro", "a"), "a"]),
    Kind.FLAG: st.sampled_from([True, False, "true", 1]),
    Kind.DURATION: st.sampled_from([0, 86_400 * 10**6, 3 * 86_400 * 10**6, -1, 2**62]),
    Kind.TIME: st.sampled_from([0, 1_772_323_199_500_000, 1_772_355_600_000_001, -5]),
}
VALUES = st.fixed_dictionaries({}, optional={name: st.one_of(st.none(), OF_KIND[kind]) for name, kind in KINDS.items()})


@settings(max_examples=1_500, deadline=None)
@given(CONDITIONS, VALUES)
def test_every_condition_is_judged_as_the_product_judges_it(text: str, values: dict[str, Any]) -> None:
    assert by_oracle(text, values) == by_product(text, values)


PIECES = [
    *KINDS, "&&", "||", "not", "!", "(", ")", "[", "]", ",", "?", ":", "==", "!=", "<", ">=", "in", "+", "-", "*", ".",
    "known(", "size(", "double(", "1", "2.5", "'a'", "3d", "true", "account.owned.size()", "account.plan.contains(",
    "and", "account.nobody", "timestamp('2026-03-01T00:00:00Z')",
]  # fmt: skip


@settings(max_examples=700, deadline=None)
@given(CONDITIONS, st.integers(0, 99), st.sampled_from(PIECES), st.integers(0, 2))
@example("account.team + 'a' == 3", 0, "account.team", 1)
@example("! - account.team == 3", 0, "!", 1)
@example("account.health > account.team", 0, "account.health", 1)
@example("account.age > 3d", 1, "> .", 1)
def test_what_is_no_condition_is_refused_as_the_product_refuses_it(text: str, at: int, piece: str, gone: int) -> None:
    pieces = text.split(" ")
    place = at % len(pieces)
    text = " ".join([*pieces[:place], piece, *pieces[place + gone :]])
    ours, theirs = by_oracle(text, {}), by_product(text, {})
    assert (ours == "refused") == (theirs == "refused"), text


@pytest.mark.parametrize("letters", [r"\n", r"\x41", r"\u00fc", r"\101", r"\q", r"\ud800", "\\\n"])
def test_letters_of_a_text_are_read_alike(letters: str) -> None:
    text = f"account.plan == 'x{letters}'"
    for plan in ("x\n", "xA", "xü", "x"):
        assert by_oracle(text, {"account.plan": plan}) == by_product(text, {"account.plan": plan})


def test_a_condition_can_be_sent_to_another_process() -> None:
    made = condition_of("account.plan.startsWith('p') && size(account.owned) + 1 > 1 || now - account.age > now", OURS)
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes
