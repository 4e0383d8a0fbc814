"""How slices become bytes: msgpack, in which a row of integers stands as it is, little-endian."""

import sys
from array import array
from collections import deque
from typing import Final, TypeAlias

import msgspec

from services.trigger_engine.domain.numbers import FAR, NEAR

SHORT: Final = "i"
LONG: Final = "q"
"""Types of rows: 32 bits for each number, and 64."""

WIDE: Final = 16
"""Bytes for each number of a row that has one beyond 64 bits."""

AS_STORED: Final = sys.byteorder == "little"
"""Whether rows lie in memory as they are stored."""

Row: TypeAlias = "array[int] | deque[int]"
"""An array of 32 bits when all its numbers fit, else one of 64; else a deque: a list would be stored by msgspec."""


def row(numbers: list[int]) -> Row:
    """These numbers in as little room as they need."""
    least, most = min(numbers, default=0), max(numbers, default=0)
    if least >= -FAR and most < FAR:
        return array(SHORT if least >= -NEAR and most < NEAR else LONG, numbers)
    return deque(numbers)


def packed(numbers: object) -> bytes:
    """The stored form of a row: a hook for msgspec."""
    if isinstance(numbers, array):
        return _swapped(numbers).tobytes()
    if isinstance(numbers, deque):
        return b"".join([number.to_bytes(WIDE, "little", signed=True) for number in numbers])
    raise NotImplementedError(f"{type(numbers).__name__} is nothing that a slice holds")


def unpacked(raw: bytes, count: int) -> Row:
    """The row of so many numbers that was stored so."""
    if count and len(raw) == count * WIDE:
        starts = range(0, len(raw), WIDE)
        return deque([int.from_bytes(raw[start : start + WIDE], "little", signed=True) for start in starts])
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
