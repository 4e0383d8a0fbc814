"""Chance that comes out the same in every replay, on each machine, under each release of any library."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from services.trigger_engine.domain.ids import canonical

ALL_64: Final = 2**64 - 1


def seed(*names: str | int) -> int:
    """A number of 64 bits for what these name: blake2b of their canonical JSON array."""
    written = canonical(names).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(written, digest_size=8).digest(), "big")


def draws(state: int) -> Iterator[int]:
    """Numbers of 64 bits without end: splitmix64, as published by Steele, Lea and Flood (2014), from the seed given."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) & ALL_64
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & ALL_64
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & ALL_64
        yield mixed ^ (mixed >> 31)


def below(bound: int, drawn: int) -> int:
    """A number from 0 to ``bound`` - 1, of one that was drawn."""
    return bound * drawn >> 64
