"""How far a partition is: the only position there is, written in the transaction that gets it there."""

from typing import Final

import msgspec
from msgspec import Struct

from services.trigger_engine.runtime.halts import StateNewerThanCode

POSITION_KEY: Final = b"P"
"""Key of the position in ``engine-state``; slices have keys that begin with other letters."""

FORMAT: Final = 1


class Position(Struct, frozen=True, array_like=True):
    """``usage`` and ``responses`` are the next offsets to read; times are microseconds since 1970 UTC.

    ``transaction`` counts the commits. ``stream_time`` is the largest event time of accepted usage; what is before
    ``floor`` is late; ``now`` never goes backwards; ``version`` is that of the set in force, and ``swept`` the last one
    that every account was brought over to. ``partitions`` is how many there were; it can not change.
    """

    format: int = FORMAT
    transaction: int = 0
    usage: int = 0
    responses: int = 0
    stream_time: int = 0
    floor: int = 0
    now: int = 0
    version: int = -1
    swept: int = -1
    partitions: int = 0


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Position)


def encode(position: Position) -> bytes:
    """``position`` as it is stored."""
    return _ENCODER.encode(position)


def decode(raw: bytes) -> Position:
    """A stored position; raises `StateNewerThanCode`."""
    position = _DECODER.decode(raw)
    if position.format > FORMAT:
        raise StateNewerThanCode("the position", position.format)
    return position
