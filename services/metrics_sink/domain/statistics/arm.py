"""One arm of a comparison: those who were offered something, or those held out."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Arm:
    """What was seen of ``accounts``, each counted once: the sum of its figure, and of the figure's square.

    Of a share the figure of an account is 0 or 1; then both sums are the number of those that did it.
    """

    accounts: int
    total: Decimal
    squares: Decimal

    @classmethod
    def of_share(cls, accounts: int, did: int) -> "Arm":
        """``did`` of ``accounts``."""
        return cls(accounts, Decimal(did), Decimal(did))

    @property
    def mean(self) -> Decimal:
        """Of at least one account."""
        return self.total / self.accounts

    @property
    def spread(self) -> Decimal:
        """The sum of squared distances from the mean: at least one account, never negative."""
        return max(self.squares - self.total * self.total / self.accounts, Decimal(0))
