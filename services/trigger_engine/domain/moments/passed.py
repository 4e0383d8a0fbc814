"""A moment that fired."""

from decimal import Decimal

from msgspec import Struct

from services.trigger_engine.domain.playbook.moments import AnyMoment
from services.trigger_engine.domain.playbook.product import LimitValue


class Passed(Struct, frozen=True):
    """A moment fired at ``at`` (event time of what completed it), with the numbers that show why.

    ``period`` and ``arm`` tell occurrences of the same moment apart: a new period, a new arming. ``group`` is the value
    of the property that its meter is kept by; ``percent`` how much it grew; ``date`` the day (days since 1970) by which
    its limit will be reached, as sure as the share ``confidence``; ``about`` the id of the offer whose life changed, or
    the product that was just bought.
    """

    moment: AnyMoment
    at: int
    user: str | None = None
    value: Decimal | None = None
    limit: LimitValue | None = None
    step: Decimal | None = None
    period: int | None = None
    arm: int = 0
    group: str | None = None
    percent: Decimal | None = None
    date: int | None = None
    confidence: Decimal | None = None
    about: str | None = None

    @property
    def occurrence(self) -> str:
        """This firing of this moment, apart from every other of the account, in a canonical form."""
        step = None if self.step is None else f"{self.step.normalize():f}"
        whose = self.group if self.user is None else self.user
        return "|".join(
            "" if part is None else str(part) for part in (self.moment.name, whose, self.period, step, self.arm)
        )
