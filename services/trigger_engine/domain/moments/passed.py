"""A moment that fired."""

from decimal import Decimal
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from services.trigger_engine.domain.meters.counting import Reading
from services.trigger_engine.domain.parts import Part, user_of, value_of
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

    @classmethod
    def of(cls, moment: AnyMoment, part: Part | None, stands: Reading, arm: int = 0) -> Self:
        """The moment of the account, or of a part of it, whose meter stands so."""
        user, group = user_of(part), value_of(part)
        return cls(moment, stands.at, user, stands.value, period=stands.period, arm=arm, group=group)

    def by(self, at: int) -> Self:
        """The same, brought about by something that happened at ``at``."""
        return replace(self, at=at)

    def up_to(self, limit: LimitValue | None, step: Decimal | None = None) -> Self:
        """The same, at this step of a limit."""
        return replace(self, limit=limit, step=step)

    @property
    def occurrence(self) -> str:
        """This firing of this moment, apart from every other of the account, in a canonical form."""
        step = None if self.step is None else f"{self.step.normalize():f}"
        whose = self.group if self.user is None else self.user
        return "|".join(
            "" if part is None else str(part) for part in (self.moment.name, whose, self.period, step, self.arm)
        )
