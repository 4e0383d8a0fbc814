"""Baskets of products, read from lines of text: one basket a line, or one item of a basket a line.

Values are separated by one character, and may stand in double quotes (RFC 4180). An item counts once in a basket,
without the blanks around it. Empty lines are nobody's basket; empty cells at the end of a line, as spreadsheets leave
them, are no items.
"""

import csv
from array import array
from collections.abc import Iterable, Iterator

QUOTE = '"'


class BadLine(Exception):
    """A line that is no basket, and no item of one.

    Attributes:
        number: Of the line, from 1.
        why: What is wrong with it.
    """

    def __init__(self, number: int, why: str) -> None:
        self.number = number
        self.why = why
        super().__init__(f"line {number}: {why}")


def a_basket_a_line(lines: Iterable[str], separator: str = ",") -> Iterator[list[str]]:
    """The items of each line, in the order of the lines; raises `BadLine`."""
    for number, line in enumerate(lines, start=1):
        cells = _cells(line, number, separator)
        if cells:
            if "" in cells:
                raise BadLine(number, f"item {cells.index('') + 1} is empty")
            yield list(dict.fromkeys(cells))


def an_item_a_line(lines: Iterable[str], separator: str = ",") -> Iterator[list[str]]:
    """The items of each basket, where a line is ``basket,item``, in any order; raises `BadLine`.

    Baskets come in the order of their first lines. All of them are held: about 100 bytes a basket and 4 an item.
    """
    baskets: dict[str, array[int]] = {}
    numbers: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        cells = _cells(line, number, separator)
        if not cells:
            continue
        if len(cells) != 2 or "" in cells:  # noqa: PLR2004  - a basket and an item
            raise BadLine(number, f"needs a basket and an item, and this has {_told(cells)}")
        basket, item = cells
        held = baskets.get(basket)
        if held is None:
            held = baskets[basket] = array("I")
        held.append(numbers.setdefault(item, len(numbers)))
    items = list(numbers)
    for held in baskets.values():
        yield [items[place] for place in dict.fromkeys(held)]


def _cells(line: str, number: int, separator: str) -> list[str]:
    """The values of a line, without empty ones at its end."""
    text = line.rstrip("\r\n")
    if QUOTE not in text:
        cells = [cell.strip() for cell in text.split(separator)]
    else:
        try:
            (row,) = csv.reader([text], delimiter=separator, strict=True)
        except csv.Error:
            raise BadLine(number, 'a value in " is not closed, or something stands behind it') from None
        cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _told(cells: list[str]) -> str:
    return f"{len(cells)} values" if "" not in cells and len(cells) > 1 else "one of them only"
