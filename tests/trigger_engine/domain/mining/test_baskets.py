from __future__ import annotations

import pytest

from services.trigger_engine.domain.mining.baskets import BadLine, a_basket_a_line, an_item_a_line


@pytest.mark.parametrize(
    ("line", "items"),
    [
        pytest.param("tea,milk\n", ["tea", "milk"], id="items in their order"),
        pytest.param("tea,milk,tea", ["tea", "milk"], id="an item counts once"),
        pytest.param(" tea , cream cheese \r\n", ["tea", "cream cheese"], id="blanks around an item are none of it"),
        pytest.param('"salt, pepper",tea', ["salt, pepper", "tea"], id="a separator in quotes is text"),
        pytest.param("tea,milk,,,", ["tea", "milk"], id="empty cells at the end are no items"),
        pytest.param("tea", ["tea"], id="a basket of one"),
    ],
)
def test_a_line_is_a_basket(line: str, items: list[str]) -> None:
    assert list(a_basket_a_line([line])) == [items]


def test_an_empty_line_is_nobodys_basket() -> None:
    assert list(a_basket_a_line(["tea\n", "\n", " , \n", "milk\n"])) == [["tea"], ["milk"]]


def test_another_character_may_separate() -> None:
    assert list(a_basket_a_line(["tea;salt, fine"], ";")) == [["tea", "salt, fine"]]


def test_baskets_are_put_together_from_their_items_in_any_order() -> None:
    lines = ["o-1,tea", "o-2,milk", "o-1,milk", "", "o-1,tea"]
    assert list(an_item_a_line(lines)) == [["tea", "milk"], ["milk"]]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("tea,,milk", "line 2: item 2 is empty"),
        ('"tea,milk', 'line 2: a value in " is not closed, or something stands behind it'),
        ('"tea"x,milk', 'line 2: a value in " is not closed, or something stands behind it'),
    ],
)
def test_a_line_that_is_no_basket_is_told_with_its_number(line: str, why: str) -> None:
    with pytest.raises(BadLine) as told:
        list(a_basket_a_line(["tea", line]))
    assert str(told.value) == why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("o-1", "line 2: needs a basket and an item, and this has one of them only"),
        (",tea", "line 2: needs a basket and an item, and this has one of them only"),
        ("o-1,tea,milk", "line 2: needs a basket and an item, and this has 3 values"),
    ],
)
def test_a_line_that_is_no_pair_is_told_with_its_number(line: str, why: str) -> None:
    with pytest.raises(BadLine) as told:
        list(an_item_a_line(["o-1,tea", line]))
    assert str(told.value) == why
