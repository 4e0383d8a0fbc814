"""What tells values apart: each as a number of 64 bits, the same on every machine."""

from decimal import Decimal
from hashlib import blake2b
from typing import Final

from services.trigger_engine.domain.inputs import Property

MARKS: Final = 2**64
"""How many there are. That two of 512 values share one has a chance of 1 in 140 trillion."""


def mark(value: Property) -> int:
    """The mark of a value: numbers by what they say, not how it is written; no number is the same as a text."""
    match value:
        case bool():
            written = f"flag {value}"
        case int() | Decimal():
            written = f"number {_plain(Decimal(value))}"
        case _:
            written = f"text {value}"
    return int.from_bytes(blake2b(written.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _plain(number: Decimal) -> str:
    """Sign, digits and exponent without zeros at the end, however wild the number is."""
    sign, digits, exponent = number.as_tuple()
    written = "".join(map(str, digits))
    short = written.rstrip("0")
    if not short or not isinstance(exponent, int):
        return "0" if isinstance(exponent, int) else str(number)
    return f"{'-' * sign}{short.lstrip('0')}e{exponent + len(written) - len(short)}"
