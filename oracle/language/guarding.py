"""Guardrails, weights and who is held out, as they were written. Times in microseconds, shares of 1."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from oracle.conditions.condition import Condition

QUIET: Final = ("onboarding", "open_ticket", "payment_failed", "cancelling", "renewal_week")


@dataclass(frozen=True)
class Quiet:
    """A state to be quiet in: one of `QUIET`, or a condition. ``cool_down``: and so long after."""

    state: str | Condition
    cool_down: int

    @property
    def text(self) -> str:
        """As it was written."""
        return self.state if isinstance(self.state, str) else self.state.text


@dataclass(frozen=True)
class Threshold:
    """``name`` has come to ``least``; ``condition`` asks just that."""

    name: str
    least: Decimal | int
    condition: Condition


@dataclass(frozen=True)
class Cap:
    """At most so many offers ``per`` microseconds, or by day, week or month of the ``calendar``.

    Counted apart for each account, offer, family, placement or user; ``who``: the accounts it binds; ``of``: the verb
    it counts.
    """

    at_most: int
    per: int
    calendar: str | None
    each: str
    who: Condition | None
    of: str | None


@dataclass(frozen=True)
class BackOff:
    """After so many noes in a row, wait; twice as long each time after."""

    after: int
    wait: int


@dataclass(frozen=True)
class Guardrails:
    """What holds for every offer of the set, or of one playbook. ``times`` and ``first`` bound the step of a price."""

    quiet: tuple[Quiet, ...] = ()
    not_before: tuple[Threshold, ...] = ()
    caps: tuple[Cap, ...] = ()
    back_off: BackOff | None = None
    times: Decimal | None = None
    first: Decimal | None = None


@dataclass(frozen=True)
class Weights:
    """How much each thing counts in a score."""

    success: Decimal = Decimal("1.5")
    limit: Decimal = Decimal("1.5")
    other: Decimal = Decimal("1.0")
    match: Decimal = Decimal("2.0")
    least: Decimal = Decimal("0.5")
    most: Decimal = Decimal("2.0")


@dataclass(frozen=True)
class Holdout:
    """The share of accounts that get no offer, by a hash of ``salt`` and the account."""

    share: Decimal = Decimal(0)
    salt: str = ""


@dataclass(frozen=True)
class Level:
    """What an account is put down as: the first whose condition holds, else ``otherwise``."""

    name: str
    rungs: dict[str, Condition] = field(default_factory=dict)
    otherwise: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """All it can be."""
        return (*self.rungs, self.otherwise)
