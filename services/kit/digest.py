"""What stands for an id where the id itself may not be kept."""

from hashlib import blake2b
from typing import Final

DIGEST_BYTES: Final = 16
"""Of blake2b: of a billion ids, no two share one by chance."""


def digest_of(name: str) -> bytes:
    """The same for the same ``name``, wherever it is kept; it does not tell which it is."""
    return blake2b(name.encode(), digest_size=DIGEST_BYTES).digest()
