"""The stored form of a state slice.

It is its next due time (8 bytes, big-endian, microseconds since 1970 UTC, all ones when never), a version byte, and
msgpack; so timers are indexed without decoding.
"""

import struct
from functools import lru_cache
from typing import Final

import msgspec

from services.trigger_engine.domain.account import STATE_VERSION, AccountSlice, UserSlice
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

_ENCODER: Final = msgspec.msgpack.Encoder()
_ACCOUNT_DECODER: Final = msgspec.msgpack.Decoder(AccountSlice)
_USER_DECODER: Final = msgspec.msgpack.Decoder(UserSlice)


def head(due: int) -> bytes:
    """How the stored form begins of what is next due then, or `NEVER`."""
    return HEAD.pack(due, STATE_VERSION)


NEVER_HEAD: Final = head(NEVER)


def due_of(raw: bytes) -> int:
    """When a stored slice next has something to do."""
    due, _ = HEAD.unpack_from(raw)
    return int(due)


def encoded(due: int, held: Slice) -> bytes:
    """The stored form of a slice."""
    return head(due) + _ENCODER.encode(held)


def decoded(key: bytes, raw: bytes) -> Slice:
    """A stored slice as an object; raises `StateNewerThanCode`."""
    _, version = HEAD.unpack_from(raw)
    if version > STATE_VERSION:
        raise StateNewerThanCode("a state slice", version)
    decoder = _ACCOUNT_DECODER if key.startswith(ACCOUNT) else _USER_DECODER
    return decoder.decode(memoryview(raw)[HEAD.size :])


def meters_in(held: AccountSlice, raw: bytes) -> slice:
    """Where in its stored form the meters of an account stand, the end reckoned from behind.

    So that is where they stand as long as nothing else of the account changes.
    """
    start = HEAD.size + FIELDS + len(_ENCODER.encode(held.facts))
    return _place(start, start + len(_ENCODER.encode(held.meters)) - len(raw))


@lru_cache(4_096)
def _place(start: int, stop: int) -> slice:
    """Many accounts are alike in this; one object for all of them is at hand when it is needed."""
    return slice(start, stop)


def with_meters(due: int, stored: bytes, place: slice, held: AccountSlice) -> bytes:
    """The stored form of what only counted since it was ``stored``: all but its meters is as it was."""
    begin = NEVER_HEAD if due == NEVER else head(due)
    return b"".join((begin, stored[HEAD.size : place.start], _ENCODER.encode(held.meters), stored[place.stop :]))
