from __future__ import annotations

import msgspec
import pytest

from services.trigger_engine.runtime.halts import StateNewerThanCode
from services.trigger_engine.runtime.position import FORMAT, Position, decode, encode


def test_a_position_is_read_as_it_was_written() -> None:
    position = Position(FORMAT, 7, 100, 3, 1_700_000_000_000_000, 1_600_000_000_000_000, 1_700_000_000_000_001, 41)
    assert decode(encode(position)) == position


def test_a_position_of_a_newer_format_is_refused() -> None:
    with pytest.raises(StateNewerThanCode, match="format 2"):
        decode(msgspec.msgpack.encode(Position(format=FORMAT + 1)))
