"""That an account was erased: kept without telling which."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

HASH_BYTES: Final = 16
"""Of blake2b, as the engine marks it: of a billion accounts, no two share one by chance."""


@dataclass(frozen=True, slots=True)
class Erased:
    """An account was erased: what the engine decided up to ``judged_at`` is of before.

    ``offset``: where in the account's partition of ``rung.offers`` it was told.
    """

    judged_at: datetime
    offset: int


def account_hash(account: str) -> bytes:
    """What stands for ``account`` in a marker."""
    return blake2b(account.encode(), digest_size=HASH_BYTES).digest()
