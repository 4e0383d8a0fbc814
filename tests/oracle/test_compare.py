"""Two messages are told to differ where they mean something else."""

from __future__ import annotations

from typing import Any

import pytest

from oracle.compare import differences


@pytest.mark.parametrize(
    ("expected", "found", "where"),
    [
        pytest.param({"a": [1, "x"]}, {"a": [1, "x"]}, [], id="the same"),
        pytest.param({"a": [1, "x"]}, {"a": [1, "y", 2]}, ["a[1]", "a[2]"], id="in a list"),
        pytest.param({"a": 1}, {"b": 1}, ["a", "b"], id="by name"),
        pytest.param({"a": 1}, {"a": "1"}, ["a"], id="of another kind"),
        pytest.param({"a": "2026-03-01T09:00:00Z"}, {"a": "2026-03-01T10:00:00+01:00"}, [], id="one time"),
        pytest.param({"a": "2026-03-01T09:00:00Z"}, {"a": "2026-03-01T09:00:01Z"}, ["a"], id="another time"),
        pytest.param({"a": "1.7"}, {"a": "1.700"}, [], id="one number"),
        pytest.param({"a": "7.00"}, {"a": "7"}, [], id="one that is whole"),
        pytest.param({"a": "7"}, {"a": "7.01"}, ["a"], id="another number"),
        pytest.param({"a": "70"}, {"a": "7"}, ["a"], id="a number ten times as large"),
        pytest.param({"a": "007"}, {"a": "7"}, ["a"], id="a name of digits"),
        pytest.param({"a": "x.0"}, {"a": "x"}, ["a"], id="a name that ends like a number"),
    ],
)
def test_what_differs_is_told_by_where_it_stands(expected: Any, found: Any, where: list[str]) -> None:
    assert [one.where for one in differences(expected, found)] == where
