"""How slices become bytes: msgpack, in which a row of integers stands as it is, little-endian."""

import sys
from array import array
from typing import Final

import msgspec

SHORT: Final = "i"
LONG: Final = "q"
"""Types of rows: 32 bits for each number, and 64."""

AS_STORED: Final = sys.byteorder == "little"
"""Whether rows lie in memory as they are stored."""


def packed(numbers: object) -> bytes:
    """The stored form of a row: a hook for msgspec."""
    if not isinstance(numbers, array):
        raise NotImplementedError(f"{type(numbers).__name__} is nothing that a slice holds")
    return _swapped(numbers).tobytes()


def unpacked(raw: bytes, count: int) -> "array[int]":
    """The row of so many numbers that was stored so."""
    found = array(SHORT)
    if len(raw) != count * found.itemsize:
        found = array(LONG)
    found.frombytes(raw)
    return _swapped(found)


def _swapped(numbers: "array[int]") -> "array[int]":
    """With the bytes of each number in the other order, where this machine has the other one."""
    if AS_STORED:
        return numbers
    other = numbers[:]
    other.byteswap()
    return other


ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=packed)
