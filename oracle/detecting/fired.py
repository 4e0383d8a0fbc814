"""A moment that fired."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.ids import Part
    from oracle.language.moment import Moment
    from oracle.meters.counting import Reading


class Fired(NamedTuple):
    """A moment that became true at ``at`` (event time), with the numbers that show it.

    ``group``: the value of the property that its meter is kept by; ``percent``: how much it grew; ``date``: the day by
    which the limit will be reached, as sure as ``confidence``; ``about``: the offer whose life changed, or the product
    that was just bought.
    """

    moment: Moment
    at: int
    user: str | None = None
    value: Decimal | None = None
    limit: Decimal | str | None = None
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
        """Tells this firing from every other of the account: moment, user or group, period, step, arm."""
        step = None if self.step is None else f"{self.step.normalize():f}"
        whose = self.group if self.user is None else self.user
        parts = (self.moment.name, whose, self.period, step, self.arm)
        return "|".join("" if part is None else str(part) for part in parts)


def fired_of(moment: Moment, part: Part | None, stands: Reading, arm: int = 0) -> Fired:
    """A moment whose meter stands so, of the account (None) or of a part of it."""
    user = part.name if part is not None and part.prop is None else None
    group = part.name if part is not None and part.prop is not None else None
    return Fired(moment, stands.at, user, stands.value, period=stands.period, arm=arm, group=group)
