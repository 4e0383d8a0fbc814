"""What is read in one step is read as it is the long way; and what is not in order is never read in one step."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.messages import Message, Refused, read_usage
from oracle.records import Record
from oracle.usual import usage_in

LONG_WAY: Final = (("ce_id", b""), ("content-type", b"application/cloudevents+json"))
"""Headers that mean nothing for a structured message, and yet must be looked at."""

START: Final = '"specversion":"1.0","id":"e-1","source":"shop","type":"report.exported","subject":"acme"'
AT: Final = '"time":"2026-03-01T09:00:00.125Z"'
WHOLE: Final = f'{{{START},{AT},"data":{{"user":"u","quantity":2,"properties":{{"a":1.50,"b":"x","c":null}}}}}}'

TEXTS: Final = st.sampled_from(["", "x", "a:b", "u-ü", 'a"b', "a\\\\b", "x" * 257, "\x7f", "1.5", "1_0", '","a":"'])
NUMBERS: Final = st.sampled_from(
    ["0", "-0", "-0.0", "2", "1.50", "1e3", "1E400", "9" * 30, "9" * 39, "0.1e-50", "01", "1.", "NaN", "-Infinity"]
)
VALUES: Final = st.one_of(
    TEXTS.map(json.dumps),
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    NUMBERS,
    st.sampled_from(["null", "true", "false", "[]", "{}", '{"a":1}', "[" * 40 + "]" * 40]),
)


def members(*names: str) -> st.SearchStrategy[str]:
    """An object of some of ``names``, each any number of times, with or without blanks."""
    member = st.tuples(st.sampled_from(names), st.sampled_from([":", " : "]), VALUES)
    return st.lists(member, max_size=5).map(lambda all_of: ",".join(f'"{n}"{c}{v}' for n, c, v in all_of))


def the_long_way(value: bytes) -> Message | str:
    try:
        return read_usage(Record(0, None, value, LONG_WAY))
    except Refused as refused:
        return refused.reason


def assert_the_same(value: bytes) -> None:
    found = usage_in(value)
    assert found is None or found == the_long_way(value), value


@given(members("user", "quantity", "properties", "other"), members("a", "b", "c"))
def test_what_is_read_of_data_in_one_step_is_what_is_read_the_long_way(data: str, properties: str) -> None:
    inner = data + ("," if data else "") + f'"properties":{{{properties}}}'
    assert_the_same(f'{{{START},{AT},"data":{{{inner}}}}}'.encode())
    assert_the_same(f'{{{START},{AT},"data":{{{data}}}}}'.encode())


@given(members("id", "type", "subject", "time", "datacontenttype", "data", "extension", "specversion"))
def test_what_is_read_of_attributes_in_one_step_is_what_is_read_the_long_way(attributes: str) -> None:
    assert_the_same(f"{{{attributes}}}".encode())
    assert_the_same(f"{{{START},{AT}{',' if attributes else ''}{attributes}}}".encode())


@pytest.mark.parametrize(
    "value",
    [
        WHOLE,
        f"{{{START},{AT}}}",
        f'{{{START},{AT},"data":{{}}}}',
        f'{{{START},{AT},"data":{{"user":null,"quantity":"1e3"}},"datacontenttype":"application/json"}}',
    ],
)
def test_what_nearly_everybody_sends_is_read_in_one_step(value: str) -> None:
    found = usage_in(value.encode())
    assert found is not None
    assert found == the_long_way(value.encode())


def test_numbers_stay_exact() -> None:
    found = usage_in(WHOLE.encode())
    assert found is not None
    assert str(found[-1]["properties"]["a"]) == "1.50"
    assert found[-1]["quantity"] == Decimal(2)


@pytest.mark.parametrize("name", ['"a"', '"user"', '"id"'])
def test_of_a_name_that_stands_twice_the_last_one_counts_both_ways(name: str) -> None:
    value = WHOLE[WHOLE.index(f"{name}:") :].split(",")[0].split("}")[0]
    twice = WHOLE.replace(value, f'{name}:"first",{value}', 1)
    assert usage_in(twice.encode()) == usage_in(WHOLE.encode()) == the_long_way(twice.encode())


def test_a_fact_is_no_usage() -> None:
    assert usage_in(WHOLE.replace("report.exported", "rung.account_erased").encode()) is None


@pytest.mark.parametrize("text", ["\x7f", "\\u0001", "\\n", '\\"', "ü" * 200])
def test_text_that_must_be_looked_at_closely_is_left_to_the_long_way(text: str) -> None:
    assert usage_in(WHOLE.replace('"acme"', f'"{text}"').encode()) is None
    assert usage_in(WHOLE.replace('"x"', f'"{text}"').encode()) is None
