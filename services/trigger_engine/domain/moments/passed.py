"""A moment that fired."""

from decimal import Decimal

from msgspec import Struct

from services.trigger_engine.domain.playbook.offers import Moment
from services.trigger_engine.domain.playbook.product import LimitValue


class Passed(Struct, frozen=True):
    """A moment fired at ``at`` (event time of what completed it), with the numbers that show why.

    ``period`` and ``arm`` tell occurrences of the same moment apart: a new billing period, a new arming.
    """

    moment: Moment
    at: int
    user: str | None = None
    value: Decimal | None = None
    limit: LimitValue | None = None
    step: Decimal | None = None
    period: int | None = None
    arm: int = 0

    @property
    def occurrence(self) -> str:
        """This firing of this moment, apart from every other of the account, in a canonical form."""
        step = None if self.step is None else f"{self.step.normalize():f}"
        return "|".join(
            "" if part is None else str(part) for part in (self.moment.name, self.user, self.period, step, self.arm)
        )
