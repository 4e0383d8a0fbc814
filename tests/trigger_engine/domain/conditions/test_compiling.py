"""Conditions are checked when they are loaded, and what is wrong is told in the operator's words."""

# ruff: noqa: E501 - one fault a line, with the whole of what is told of it

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.conditions.bad import BadCondition
from services.trigger_engine.domain.conditions.condition import Condition, Truth
from tests.trigger_engine.domain.conditions.asking import condition

# fmt: off
FAULTS = [
    pytest.param("", "condition 0:1 a condition must say something", id="nothing"),
    pytest.param("  ", "condition 0:1 a condition must say something", id="blanks"),
    pytest.param("account.industri == 'a'", "unknown-name 0:16 'account.industri' is not known here", id="a misspelt fact"),
    pytest.param("acount.team > 1", "unknown-name 0:11 'acount.team' is not known here", id="a misspelt scope"),
    pytest.param("small_taem", "unknown-name 0:10 'small_taem' is not known here", id="a misspelt segment"),
    pytest.param("engagement.hihg", "unknown-name 0:15 'engagement.hihg' is not known here", id="a misspelt level"),
    pytest.param("account.team.size", "unknown-name 0:17 'account.team.size' is not known here", id="something behind a name"),
    pytest.param("account . team > 1", "unknown-name 0:7 'account' is not known here", id="a name with blanks in it"),
    pytest.param("null == small_team", "unknown-name 0:4 'null' is not known here", id="null"),
    pytest.param("meters.invites > 3", "unknown-name 0:14 'invites' counts by user: say total(meters.invites)", id="a user's meter"),
    pytest.param("total(meters.exports) > 3", "unknown-name 6:14 'total(meters.exports)' is not known here", id="the total of what is whole"),
    pytest.param("has(account.team)", "unknown-name 0:3 conditions have no 'has'", id="has"),
    pytest.param("account.owned.exists(x, x == 'a')", "unknown-name 14:6 conditions have no 'exists'", id="a loop"),
    pytest.param("account.industry.lower() == 'a'", "unknown-name 17:5 conditions have no 'lower'", id="a method that is not there"),
    pytest.param("known(3)", "condition 0:5 known asks about a name, as in known(account.health)", id="whether a number is known"),
    pytest.param("known(account.team, 3)", "condition 0:5 known asks about one name, as in known(account.health)", id="whether two are known"),
    pytest.param("known(account.teem)", "unknown-name 6:12 'account.teem' is not known here", id="whether a misspelt name is known"),
    pytest.param("small_team and account.cancelling", "condition 11:3 say '&&' instead of 'and'", id="and"),
    pytest.param("small_team or account.cancelling", "condition 11:2 say '||' instead of 'or'", id="or"),
    pytest.param("small_team & account.cancelling", "condition 11:1 '&' is no sign of conditions; say '&&'", id="half an and"),
    pytest.param("small_team | account.cancelling", "condition 11:1 '|' is no sign of conditions; say '||'", id="half an or"),
    pytest.param("account.team = 3", "condition 13:1 '=' is no comparison; say '=='", id="half a comparison"),
    pytest.param("not meters.exports >= 3", "condition 0:3 'not' needs brackets around what it turns: not (meters.exports >= 3)", id="not before half a comparison"),
    pytest.param("not not small_team", "condition 0:3 'not' needs brackets around what it turns: not (meters.exports >= 3)", id="not twice"),
    pytest.param("meters.exports / limit.exports > 0.8", "condition 15:1 there is no '/', as dividing by nothing has no answer; say a > 0.8 * b instead of a / b > 0.8", id="dividing"),
    pytest.param("meters.exports > 80%", "condition 19:1 there is no '%'; a share is written as a number: 0.8 instead of 80%", id="percent"),
    pytest.param("meters.exports > 1e3", "condition 17:1 a number such as 12.5, or a length of time such as 3d, was meant here?", id="a number with an exponent"),
    pytest.param("account.industry == 'abc", "condition 20:1 a text begins here and does not end", id="a text without its end"),
    pytest.param("account.team > 1 ; small_team", "condition 17:1 ';' is no sign of conditions", id="a sign that is none"),
    pytest.param("account.owned[0] == 'a'", "condition 13:1 a list is asked what is in it: 'photos' in account.owned", id="a place in a list"),
    pytest.param("account.team >", "condition 13:1 the condition ends too early", id="half a condition"),
    pytest.param("(small_team", "condition 1:10 the condition ends too early", id="an open bracket"),
    pytest.param("small_team)", "condition 10:1 this does not read as a condition from here on", id="a bracket too many"),
    pytest.param("account.team > > 3", "condition 15:1 this does not read as a condition from here on", id="two signs"),
    pytest.param("(" * 490 + "small_team" + ")" * 490, "condition 0:1 this is nested too deeply to be read as a condition", id="brackets in brackets"),
    pytest.param("account.team > 1" + " + 1" * 240, "condition 0:12 this is nested too deeply to be read as a condition", id="a sum without end"),
    pytest.param("contains(account.industry)", "condition 8:1 this does not read as a condition from here on", id="a method of nothing"),
    pytest.param("account.team", "condition-kind 0:12 a condition must be true or false, and this is a whole number", id="a number instead of a condition"),
    pytest.param("now", "condition-kind 0:3 a condition must be true or false, and this is a time", id="a time instead of a condition"),
    pytest.param(" 'a' ", "condition-kind 1:3 a condition must be true or false, and this is text", id="a text instead of a condition"),
    pytest.param("account.team > 'a'", "condition-kind 13:1 '>' does not go with a whole number and text", id="a number and a text"),
    pytest.param("not size(account.owned)", "condition-kind 0:3 'not' does not go with a whole number", id="not a number"),
    pytest.param("not (account.industry)", "condition-kind 0:3 'not' does not go with text", id="not a text"),
    pytest.param("account.team.startsWith('a')", "condition-kind 23:1 'startsWith' does not go with a whole number and text", id="a method of another kind"),
    pytest.param("account.team in ['a']", "condition-kind 13:2 'in' does not go with a whole number and a list of texts", id="in a list of another kind"),
    pytest.param("account.age > 3", "condition-kind 12:1 '>' does not go with a length of time and a whole number", id="an age and a number"),
    pytest.param("now > 3d", "condition-kind 4:1 '>' does not go with a time and a length of time", id="a time and a length of time"),
    pytest.param("small_team > 3", "condition-kind 11:1 '>' does not go with true or false and a whole number", id="a segment and a number"),
    pytest.param("'photos' == account.owned", "condition-kind 9:2 '==' does not go with text and a list of texts", id="a text and a list"),
    pytest.param("account.team > 3.5", "condition-kind 13:1 '>' does not go with a whole number and a number; double(...) makes a whole number a number", id="a whole number and one that is not"),
    pytest.param("account.team + 1 > meters.exports", "condition-kind 17:1 '>' does not go with a whole number and a number; double(...) makes a whole number a number", id="a whole name and one that is not"),
    pytest.param("small_team &&\n account.team > 'a'", "condition-kind 28:1 '>' does not go with a whole number and text", id="in the second line"),
    pytest.param("account.industry.matches('(')", "condition 25:3 '(' is not what matches needs, as in account.id.matches('^eu-')", id="a pattern that is none"),
    pytest.param("account.industry.matches(account.industry)", "condition 0:24 matches needs a text in quotes, as in account.id.matches('^eu-')", id="a pattern that a fact sets"),
    pytest.param("timestamp('soon') < now", "condition 10:6 'soon' is not what timestamp needs, as in timestamp('2026-03-01T00:00:00Z')", id="a time that is none"),
    pytest.param("1 < 2", "condition 0:5 this says the same of every account: a condition must ask about something", id="what asks about nothing"),
]
# fmt: on


@pytest.mark.parametrize(("text", "told"), FAULTS)
def test_a_fault_is_told_where_it_is(text: str, told: str) -> None:
    with pytest.raises(BadCondition) as caught:
        condition(text)
    bad = caught.value
    assert f"{bad.rule} {bad.at}:{bad.width} {bad}" == told


def test_a_misspelt_name_comes_with_what_could_be_meant() -> None:
    with pytest.raises(BadCondition) as caught:
        condition("account.industri == 'a'")
    assert caught.value.word == "account.industri"
    assert "account.industry" in caught.value.known


@pytest.mark.parametrize(
    "text",
    [
        "meters.exports >= 3",
        "3 <= meters.exports",
        "meters.exports > -3",
        "meters.exports >= (3 + 2) * 2",
        "2 * 3 <= meters.exports",
        "meters.exports in [1, 2, 3]",
        "meters.exports + 1 > 0.8 * limit.exports",
        "small_team ? meters.exports > 3 : meters.exports > 5",
        "account.health > 3 && account.team < 10",
        "double(account.team) > meters.exports",
    ],
)
def test_a_whole_number_is_written_where_a_number_is_needed(text: str) -> None:
    assert condition(text).text == text


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("account.team > 1 && account.team < 10", ("account.team",)),
        ("not small_team || engagement.high", ("small_team", "engagement.high")),
        ("known(account.health) && total(meters.invites) > 3", ("account.health", "total(meters.invites)")),
        ("known(total(meters.invites))", ("total(meters.invites)",)),
        ("now - account.plan_since > 30d", ("now", "account.plan_since")),
        ("size(account.owned) > 1 || 'photos' in account.owned", ("account.owned",)),
        ("account.industry.startsWith('account.team')", ("account.industry",)),
    ],
)
def test_a_condition_knows_what_it_reads(text: str, reads: tuple[str, ...]) -> None:
    assert condition(text).reads == reads


WORDS = [
    "account.team", "meters.exports", "small_team", "known", "total", "not", "in", "size", "matches", "true",
    "'a'", "'('", "3", "3d", "1.5", "&&", "||", "==", ">", "<=", "!", "(", ")", "[", "]", ",", ".", "-", "+", "*", "?", ":",
]  # fmt: skip
SOUP = st.lists(st.sampled_from([*WORDS, "\n"]), max_size=12)


def compiled(text: str) -> Condition | BadCondition:
    try:
        return condition(text)
    except BadCondition as bad:
        return bad


@given(st.one_of(st.text(max_size=40), SOUP.map(" ".join), SOUP.map("".join)))
def test_whatever_is_written_is_a_condition_or_told_what_is_wrong(text: str) -> None:
    found = compiled(text)
    if isinstance(found, Condition):
        assert found.judge({}).truth in list(Truth)
    else:
        assert found.message
        assert 0 <= found.at <= len(text)


@given(st.integers(0, 10**6), st.decimals(min_value=0, max_value=10**6, places=2))
def test_a_whole_number_that_was_widened_compares_as_it_would_in_decimals(least: int, value: Decimal) -> None:
    assert condition(f"meters.exports >= {least}").judge({"meters.exports": value}).holds == (value >= least)
