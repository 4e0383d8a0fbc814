"""What the engine keeps for itself is compared with what must be there."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from oracle import ids
from oracle.holdings import Kept
from oracle.records import Record
from oracle.state import Account, Standing, encoded
from oracle.stored import FIELDS, POSITION, StateLog

KEY = ids.account_key("acc-1")
MUST = encoded(Account(meters={"m": Standing.at(Decimal("1.5"))}), None)


def slice_of(version: int, number: object, digits: int | None) -> bytes:
    """The same account with its one meter stored so."""
    head = b"\xff" * 8 + bytes([version])
    fields = msgspec.msgpack.decode(MUST[9:])
    return head + msgspec.msgpack.encode([fields[0], [{"m": None}, number, [digits]], *fields[2:]])


def found_wrong(raw: bytes) -> list[str]:
    """What is told of a commit that wrote the account so."""
    position = msgspec.msgpack.encode([1] * len(FIELDS))
    log, told = iter([Record(0, KEY, raw), Record(1, POSITION, position)]), list[str]()
    StateLog(0, log, lambda violation: told.append(str(violation)), 0).take(1, {KEY: Kept(MUST)}, {})
    return told


@pytest.mark.parametrize(
    ("version", "number", "digits", "is_right"),
    [
        pytest.param(5, b"\xdc\x05\0\0", 3, True, id="as it must be"),
        pytest.param(5, b"\x0f\0\0\0", 1, False, id="with other digits"),
        pytest.param(5, b"\xdd\x05\0\0", 3, False, id="another number"),
        pytest.param(4, b"\x0f\0\0\0", 1, True, id="with the digits that a version before had"),
        pytest.param(4, b"\x10\0\0\0", 1, False, id="another number in a version before"),
        pytest.param(4, ["1.5"], None, True, id="as text, in a version before"),
    ],
)
def test_a_slice_has_the_numbers_and_digits_that_it_must(
    version: int, number: object, digits: int | None, is_right: bool
) -> None:
    assert (found_wrong(slice_of(version, number, digits)) == []) is is_right
