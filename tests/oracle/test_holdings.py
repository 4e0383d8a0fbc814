"""What the oracle holds of a partition."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from oracle import ids
from oracle.holdings import Holdings
from oracle.state import Account, Part, Standing, decoded, encoded


def test_what_an_erasure_takes_away_is_told_in_the_order_in_which_it_was_stored() -> None:
    holdings = Holdings()
    holdings.load(ids.account_key("acc-1"), encoded(Account(), None))
    users = [ids.part_key("acc-1", ids.Part(f"u-{number}")) for number in range(20)]
    for user in users:
        holdings.load(user, encoded(Part(), None))
    holdings.erase("acc-1", at=7)
    assert [*holdings.commit()] == [ids.account_key("acc-1"), *users, ids.erased_key("acc-1")]


def test_a_slice_is_read_as_it_was_stored_before_numbers_were_rows() -> None:
    key, known = ids.account_key("acc-1"), {"m": Standing(Decimal("1.70"), 7), "n": Standing(Decimal(5))}
    before = msgspec.msgpack.encode([{}, {"m": ["1.70", 7], "n": ["5", None]}, {}])
    assert decoded(key, b"\xff" * 8 + b"\x02" + before) == Account(meters=known)
    assert decoded(key, encoded(Account(meters=known), None)) == Account(meters=known)


def test_a_slice_is_read_as_it_was_stored_when_each_number_had_its_own_digits() -> None:
    key, known = ids.account_key("acc-1"), {"m": Standing(Decimal("1.70"), 7), "n": Standing(Decimal(5))}
    before = msgspec.msgpack.encode([{}, [{"m": 7, "n": None}, ["1.70", 5]], {}])
    assert decoded(key, b"\xff" * 8 + b"\x03" + before) == Account(meters=known)


def test_a_slice_is_read_as_it_was_stored_when_numbers_had_any_number_of_digits() -> None:
    key, known = ids.account_key("acc-1"), {"m": Standing(Decimal("1.70"), 7), "n": Standing(Decimal(5))}
    large = known | {"n": Standing(Decimal("9.300000000000000000"))}
    names = {"m": 7, "n": None}
    for row, digits, found in (
        (b"\xaa\0\0\0\5\0\0\0", [2, 0], known),
        ([170, "9.300000000000000000"], [2, None], large),
    ):
        before = msgspec.msgpack.encode([{}, [names, row, digits], {}])
        assert decoded(key, b"\xff" * 8 + b"\x04" + before) == Account(meters=found)


@pytest.mark.parametrize("meters", [7, [], [{"m": None}, b""], [{"m": None}, b"\0" * 4, []], [{"m": None}, ["x"]]])
def test_what_is_no_slice_is_said_to_be_none(meters: object) -> None:
    raw = b"\xff" * 8 + b"\x04" + msgspec.msgpack.encode([{}, meters, {}])
    with pytest.raises((msgspec.ValidationError, ValueError)):
        decoded(ids.account_key("acc-1"), raw)


@pytest.mark.parametrize(
    ("value", "row"),
    [
        pytest.param("7", b"\x07\0\0\0", id="whole"),
        pytest.param("1.70", b"\xa4\x06\0\0", id="of three digits"),
        pytest.param("1.1250", b"\x40\x23\x0e\x43", id="of nine digits"),
        pytest.param("1E-10", b"\0\xe1\xf5\5", id="of eighteen digits"),
        pytest.param("-0.005", b"\xfb\xff\xff\xff", id="negative"),
        pytest.param("2147483648", b"\0\0\0\x80\0\0\0\0", id="in 64 bits"),
        pytest.param("9223372036854775.808", b"\0\0\0\0\0\0\0\x80" + b"\0" * 8, id="beyond"),
    ],
)
def test_a_number_is_stored_as_an_integer_of_its_last_digit(value: str, row: object) -> None:
    held = Account(meters={"m": Standing.at(Decimal(value))})
    raw = encoded(held, None)
    assert msgspec.msgpack.decode(raw[9:])[1][1] == row
    assert decoded(ids.account_key("acc-1"), raw) == held
