"""The stored form of a state slice.

It is its next due time (8 bytes, big-endian, microseconds since 1970 UTC, all ones when never), a version byte, and
msgpack; so timers are indexed without decoding.
"""

import struct
from array import array
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Struct

from services.trigger_engine.domain.account import STATE_VERSION, AccountSlice, UserSlice
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.numbers import EXACT
from services.trigger_engine.domain.packing import AS_STORED, ENCODER, unpacked
from services.trigger_engine.runtime.halts import StateNewerThanCode
from services.trigger_engine.runtime.keys import ACCOUNT

Slice = AccountSlice | UserSlice

NEVER: Final = 2**64 - 1
HEAD: Final = struct.Struct(">QB")
DUE: Final = struct.Struct(">Q")
NEVER_RAW: Final = DUE.pack(NEVER)
"""How the stored form of a slice begins that has nothing to do."""

MAX_SHORT: Final = 15
"""Items of the longest msgpack array whose length stands in one byte."""

FIELDS: Final = 1 if len(AccountSlice.__struct_fields__) <= MAX_SHORT else 3
"""Bytes that say how many fields the slice of an account has."""

PARTS: Final = 1
"""Bytes that say how many parts plain meters have."""

ROWS: Final = 3
"""Version from which on numbers of plain meters are stored apart from what they are called."""

INTEGERS: Final = 5
"""Version from which on they all are integers, of one of a few numbers of digits."""

_ACCOUNT_DECODER: Final = msgspec.msgpack.Decoder(AccountSlice)
_USER_DECODER: Final = msgspec.msgpack.Decoder(UserSlice)


def head(due: int) -> bytes:
    """How the stored form begins of what is next due then, or `NEVER`."""
    return HEAD.pack(due, STATE_VERSION)


def due_of(raw: bytes) -> int:
    """When a stored slice next has something to do."""
    due, _ = HEAD.unpack_from(raw)
    return int(due)


def encoded(due: int, held: Slice) -> bytes:
    """The stored form of a slice."""
    return head(due) + ENCODER.encode(held)


def decoded(key: bytes, raw: bytes) -> Slice:
    """A stored slice as an object; raises `StateNewerThanCode`."""
    _, version = HEAD.unpack_from(raw)
    if version > STATE_VERSION:
        raise StateNewerThanCode("a state slice", version)
    decoder = _ACCOUNT_DECODER if key.startswith(ACCOUNT) else _USER_DECODER
    if version < INTEGERS:
        return _migrated(decoder.type, raw, version)
    return decoder.decode(memoryview(raw)[HEAD.size :])


def _migrated(kind: type[Slice], raw: bytes, version: int) -> Slice:
    """A slice that was stored when plain meters looked otherwise."""
    fields = msgspec.msgpack.decode(memoryview(raw)[HEAD.size :])
    place = kind.__struct_fields__.index("meters")
    if len(fields) > place:
        if version < ROWS:
            states = msgspec.convert(fields[place], dict[str, MeterState])
        else:
            states = msgspec.convert(fields[place], _Former).states()
        fields[place] = PlainMeters.of(states)
    return msgspec.convert(fields, kind)


class _Former(Struct, array_like=True):
    """Plain meters as they were stored: in version 3 numbers one by one, some of them as text; then as by now.

    But each had the digits that it had come by, and one beyond 64 bits stood as text, and had none.
    """

    periods: dict[str, int | None]
    numbers: bytes | list[int | str]
    digits: list[int | None] | None = None

    def states(self) -> dict[str, MeterState]:
        """What each meter stands at."""
        found = unpacked(self.numbers, len(self.periods)) if isinstance(self.numbers, bytes) else self.numbers
        digits = [None] * len(self.periods) if self.digits is None else self.digits
        return {
            key: MeterState(Decimal(number).scaleb(-(after or 0), EXACT), period)
            for (key, period), number, after in zip(self.periods.items(), found, digits, strict=True)
        }


def around_numbers(held: AccountSlice, raw: bytes) -> tuple[bytes, bytes] | None:
    """What stands in its stored form before and behind the row of an account's plain meters, if that is an array.

    So that is what stands there as long as nothing else of the account changes.
    """
    meters = held.meters
    if not (AS_STORED and isinstance(meters.numbers, array)):
        return None
    start = HEAD.size + FIELDS + PARTS + len(ENCODER.encode(held.facts)) + len(ENCODER.encode(meters.periods))
    end = start + len(ENCODER.encode(meters.numbers))
    return raw[: end - len(meters.numbers) * meters.numbers.itemsize], _end(raw[end:])


@lru_cache(4_096)
def _end(raw: bytes) -> bytes:
    """Many accounts are alike in this; one object for all of them is at hand when it is needed."""
    return raw
