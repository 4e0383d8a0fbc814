"""Chance that comes out the same for everybody: seeds by blake2b, numbers by splitmix64."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

END: Final = 2**64


def seed(*names: str | int) -> int:
    """A number below 2**64 for what these name."""
    written = json.dumps(names, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(written, digest_size=8).digest(), "big")


def draws(state: int) -> Iterator[int]:
    """Numbers below 2**64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014)."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) % END
        mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % END
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % END
        yield mixed ^ mixed >> 31


def below(bound: int, drawn: int) -> int:
    """A number below ``bound``, of one that was drawn."""
    return bound * drawn // END
