from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.mining.complements import Bounds, Rule, mine, strongest

ALL = Bounds(Fraction(0), Fraction(0), Fraction(0), 1)
TEA = [["tea", "milk"], ["tea", "milk"], ["tea"], ["milk", "salt"], ["salt"]]
baskets = st.lists(st.lists(st.sampled_from("abcdef"), unique=True, max_size=5), max_size=30)


def rule_of(rules: tuple[Rule, ...], bought: str, complement: str) -> Rule:
    (found,) = [rule for rule in rules if (rule.bought, rule.complement) == (bought, complement)]
    return found


def test_a_rule_tells_shares_of_all_baskets_exactly() -> None:
    found = mine(lambda: TEA, ALL)
    rule = rule_of(found.rules, "tea", "milk")
    assert (rule.support, rule.confidence, rule.lift) == (Fraction(2, 5), Fraction(2, 3), Fraction(10, 9))
    assert (found.baskets, found.items) == (5, {"tea": 3, "milk": 3, "salt": 2})


def test_lift_is_the_same_both_ways_and_confidence_is_not() -> None:
    rules = mine(lambda: TEA, ALL).rules
    there, back = rule_of(rules, "milk", "salt"), rule_of(rules, "salt", "milk")
    assert there.lift == back.lift
    assert (there.confidence, back.confidence) == (Fraction(1, 3), Fraction(1, 2))


def test_the_strongest_come_first_and_ties_go_by_name() -> None:
    rules = mine(lambda: [["b", "a"], ["c", "d"]], ALL).rules
    assert [(rule.bought, rule.complement) for rule in rules] == [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]


def test_each_bound_keeps_out_what_is_below_it() -> None:
    at = {"support": Fraction(2, 5), "confidence": Fraction(2, 3), "lift": Fraction(10, 9)}
    for name, value in at.items():
        held = mine(lambda: TEA, Bounds(**(_fractions(ALL) | {name: value}), baskets=1)).rules
        above = mine(lambda: TEA, Bounds(**(_fractions(ALL) | {name: value + Fraction(1, 10**9)}), baskets=1)).rules
        assert ("tea", "milk") in {(rule.bought, rule.complement) for rule in held}, name
        assert ("tea", "milk") not in {(rule.bought, rule.complement) for rule in above}, name
    assert mine(lambda: TEA, Bounds(Fraction(0), Fraction(0), Fraction(0), 3)).rules == ()


def _fractions(bounds: Bounds) -> dict[str, Fraction]:
    return {"support": bounds.support, "confidence": bounds.confidence, "lift": bounds.lift}


def test_of_each_complement_the_strongest_mates_are_kept() -> None:
    rules = mine(lambda: [["a", "c"], ["b", "c"], ["b"], ["x"], ["x"]], ALL).rules
    (mates,) = [mates for complement, mates in strongest(rules, 1).items() if complement == "c"]
    assert [rule.bought for rule in mates] == ["a"]


def test_no_basket_has_no_complement() -> None:
    assert mine(list, ALL).rules == ()


@given(baskets)
def test_every_pair_is_counted_as_looking_at_every_basket_would(held: list[list[str]]) -> None:
    found = {(rule.bought, rule.complement): rule.both for rule in mine(lambda: held, ALL).rules}
    expected = {
        (one, other): count
        for one, other in permutations("abcdef", 2)
        if (count := sum(one in basket and other in basket for basket in held))
    }
    assert found == expected


@given(baskets, st.integers(1, 4))
def test_bounds_take_away_rules_and_change_none(held: list[list[str]], least: int) -> None:
    few = mine(lambda: held, Bounds(Fraction(1, 10), Fraction(1, 5), Fraction(1), least))
    every = mine(lambda: held, ALL)
    bounds = Bounds(Fraction(1, 10), Fraction(1, 5), Fraction(1), least)
    assert few.rules == tuple(rule for rule in every.rules if rule.holds(bounds))
