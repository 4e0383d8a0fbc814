"""How an offer is tried out: when it runs, in which variants, what stops it, and by what it is reported."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Runs:
    """Days on which the offer is made, in the account's zone: from the start of ``first`` to the start of ``until``."""

    first: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class StopIf:
    """Stops the offer once ``after`` accounts have seen it: ``dismissed`` is the share of them that said no.

    ``tickets``: how much more often they ask for help than those held out, as a share. None: does not matter.
    """

    after: int
    dismissed: Decimal | None = None
    tickets: Decimal | None = None
