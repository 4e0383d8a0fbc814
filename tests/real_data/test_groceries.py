"""Complements in a month of a real grocery outlet: the figures that public outputs of R's arules give, too."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import Any

from tests.cli.running import rung
from tests.contracts.real_data import folder


@cache
def told() -> dict[str, Any]:
    result = rung("mine", folder("groceries") / "groceries.csv.gz", "--json")
    assert result.exit_code == 0
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_all_baskets_are_read() -> None:
    assert (told()["baskets"], told()["items"]) == (9_835, 169)


def test_who_buys_root_vegetables_buys_other_vegetables() -> None:
    (pair,) = [
        pair
        for pair in told()["pairs"]
        if (pair["bought"], pair["complement"]) == ("root vegetables", "other vegetables")
    ]
    assert pair["confidence"] == "0.43470149"
    assert round(Decimal(pair["lift"]), 7) == Decimal("2.2466049")
    assert pair["baskets"] == 466
