"""On how many days something happened: one bit a day, from the first to the last."""

from typing import Final

from msgspec import Struct

MAX_DAYS: Final = 4096
"""Days told apart, 11 years: 512 bytes. Those before are only a number: what comes late for them counts no more."""


class DaysTally(Struct, frozen=True, array_like=True, tag="days"):
    """``bits`` stand for days from ``first`` on (days since 1970), lowest first; ``before``: days further back."""

    first: int = 0
    bits: bytes = b""
    before: int = 0

    @property
    def value(self) -> int:
        """How many days."""
        return self.before + int.from_bytes(self.bits, "little").bit_count()


def happened(tally: DaysTally, day: int) -> DaysTally:
    """The tally after something happened on ``day``, days since 1970."""
    bits = int.from_bytes(tally.bits, "little")
    if not bits:
        return DaysTally(day, b"\x01", tally.before)
    first, before = tally.first, tally.before
    if day < first:
        if first + bits.bit_length() - day > MAX_DAYS:
            return tally
        bits, first = bits << (first - day), day
    bits |= 1 << (day - first)
    over = bits.bit_length() - MAX_DAYS
    if over > 0:
        before += (bits & ((1 << over) - 1)).bit_count()
        bits, first = bits >> over, first + over
    return DaysTally(first, bits.to_bytes((bits.bit_length() + 7) // 8, "little"), before)
