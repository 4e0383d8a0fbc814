"""What would have to be true of an account for a condition to hold: guessed from its words, to be tried.

Only plain words are understood: comparisons of one name with a number, a text or a flag, what is owned, segments and
levels, joined by whatever. A guess proves nothing; whoever makes it looks whether the condition holds then.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.numbers import ZERO
from services.trigger_engine.domain.playbook.guardrails import Threshold
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.trying.example import Example, Fact

AT_LEAST: Final = re.compile(">=?")
DENIED: Final = re.compile(r"(?:\bnot\b|!)\s*(?:\([^()]*\)|[\w.]+)")
NOT_NAMED: Final = re.compile(r"(?:\bnot\b|!)\s*(\w+\.\w+)")
COMPARED: Final = re.compile(
    r"\b(account|meters)\.(\w+)\s*(>=|<=|==|>|<)\s*(?:'([^']*)'|(-?\d+(?:\.\d+)?)\b|(true|false)\b)"
)
OWNED: Final = re.compile(r"'([^']+)'\s+in\s+account\.owned")
SO_MANY: Final = re.compile(r"size\(account\.owned\)\s*>=?\s*(\d+)")
NAMED: Final = re.compile(r"\b\w+(?:\.\w+)?\b")
BESIDE: Final = {">": Decimal(1), "<": Decimal(-1)}
"""From a number to one that is on the right side of it."""

MOST_DEEP: Final = 8
"""Segments within segments."""

AGE: Final = "account.age"
METERS: Final = "meters."


def supposing(condition: str, example: Example, rules: CompiledSet, deep: int = 0) -> Example:
    """The example, and what ``condition`` asks for."""
    if deep > MOST_DEEP:
        return example
    text = DENIED.sub(" ", condition)
    for within in (*_within(text, rules), *_above(condition, rules)):
        example = supposing(within, example, rules, deep + 1)
    for scope, name, how, *values in COMPARED.findall(text):
        example = _compared(scope, name, (how, *values), example, rules.product)
    owned = [name for name in OWNED.findall(text) if name in rules.product.products]
    for number in SO_MANY.findall(text):
        owned.extend(list(rules.product.products)[: int(number) + 1])
    flags = dict.fromkeys(_flags(text, rules.product), True)
    return replace(
        example,
        owned=tuple(dict.fromkeys((*example.owned, *owned))),
        facts={**flags, **example.facts},
    )


def reaching(threshold: Threshold, example: Example) -> Example:
    """The example, come as far as the threshold asks."""
    if threshold.name == AGE:
        return replace(example, age_us=max(example.age_us, int(threshold.least)))
    if threshold.name.startswith(METERS):
        name = threshold.name.removeprefix(METERS)
        return _metered(name, Decimal(threshold.least), example)
    return example


def _within(text: str, rules: CompiledSet) -> Iterator[str]:
    """The conditions of the segments and levels that are named."""
    for name in NAMED.findall(text):
        if name in rules.segments:
            yield rules.segments[name].text
        level, _, value = name.partition(".")
        if level in rules.product.levels:
            found = rules.product.levels[level]
            if value in found.rungs:
                yield found.rungs[value].text
            elif value == found.otherwise:  # below the last one
                yield from (AT_LEAST.sub("<", rung.text) for rung in list(found.rungs.values())[-1:])


def _above(condition: str, rules: CompiledSet) -> Iterator[str]:
    """Of a level that is to be anything but the last, the one before it."""
    for name in NOT_NAMED.findall(condition):
        level, _, value = name.partition(".")
        found = rules.product.levels.get(level)
        if found is not None and value == found.otherwise:
            yield from (rung.text for rung in list(found.rungs.values())[-1:])


def _compared(scope: str, name: str, said: tuple[str, ...], example: Example, product: Product) -> Example:
    how, text, number, flag = said
    if number:
        value = Decimal(number) + BESIDE.get(how, ZERO)
        if scope == "account":
            return _numbered(name, value, example, product)
        return example if how in ("<", "<=") else _metered(name, value, example)
    if how == "==" and name == "plan" and text in product.plans:
        return replace(example, plan=text)
    if how == "==" and name == "term" and text in product.terms:
        return replace(example, term=text)
    return _with_fact(name, flag == "true" if flag else text, example, product) if how == "==" else example


def _numbered(name: str, value: Decimal, example: Example, product: Product) -> Example:
    if name == "seats":
        return replace(example, seats=max(int(value), example.seats or 0))
    return _with_fact(name, value, example, product)


def _metered(name: str, value: Decimal, example: Example) -> Example:
    known = example.meters.get(name)
    if known is not None and known >= value:
        return example
    return replace(example, meters={**example.meters, name: value})


def _with_fact(name: str, value: Fact, example: Example, product: Product) -> Example:
    if name not in product.facts or name in example.facts:
        return example
    return replace(example, facts={**example.facts, name: value})


def _flags(text: str, product: Product) -> Iterator[str]:
    """Facts that are true or false and stand by themselves."""
    for name in NAMED.findall(COMPARED.sub(" ", text)):
        fact = name.removeprefix("account.")
        if name != fact and fact in product.facts and product.facts[fact].type is Kind.FLAG:
            yield fact
