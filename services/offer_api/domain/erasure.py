"""That an account was erased: kept without telling which."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """An account was erased: what the engine decided up to ``judged_at`` is of before.

    ``offset``: where in the account's partition of ``rung.offers`` it was told.
    """

    judged_at: datetime
    offset: int
