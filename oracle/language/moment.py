"""Moments, as they were written: a class for each of the twelve kinds. Times in microseconds, shares of 1.

``kept``: how many windows, or times of each event, are kept of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from oracle.conditions.condition import Condition

ACCOUNT_CREATED: Final = "account.created"


@dataclass(frozen=True)
class Limit:
    """A share of the limit of ``meter`` is reached; ``below``: the share under which it may fire again."""

    name: str
    stale_after: int
    meter: str
    steps: tuple[Decimal, ...]
    below: Decimal | None
    kept: int = 64
    kind: ClassVar[str] = "limit"


@dataclass(frozen=True)
class Attempt:
    """``event`` happens while ``meter`` stands at its limit."""

    name: str
    stale_after: int
    event: str
    meter: str
    kind: ClassVar[str] = "attempt"


@dataclass(frozen=True)
class Milestone:
    """``meter`` has come to ``reaches``, or to what the fact ``goal`` says."""

    name: str
    stale_after: int
    meter: str
    reaches: Decimal | None
    goal: str | None
    kind: ClassVar[str] = "milestone"


@dataclass(frozen=True)
class Onboarding:
    """All ``steps`` are done, ``within`` its start: the first step, or what ``starts`` names.

    ``of`` is account, user, or the product that it is about.
    """

    name: str
    stale_after: int
    steps: tuple[str, ...]
    of: str
    within: int | None
    starts: str | None
    in_order: bool
    kept: int = 64
    kind: ClassVar[str] = "onboarding"

    @property
    def of_user(self) -> bool:
        """Whether each user has one."""
        return self.of == "user"

    @property
    def product(self) -> str | None:
        """The product that it is about."""
        return None if self.of in ("account", "user") else self.of


@dataclass(frozen=True)
class Habit:
    """``meter``, of a span that passes, has come to ``reaches``."""

    name: str
    stale_after: int
    meter: str
    reaches: Decimal
    kind: ClassVar[str] = "habit"


@dataclass(frozen=True)
class Growth:
    """Each of the last ``periods`` had more than the one before, ``by`` a share, and the first ``at_least`` so much."""

    name: str
    stale_after: int
    meter: str
    by: Decimal
    unit: str
    periods: int
    at_least: Decimal
    kind: ClassVar[str] = "growth"


@dataclass(frozen=True)
class Tenure:
    """``months`` since ``since``: created, plan_since or term_since."""

    name: str
    stale_after: int
    since: str
    months: int
    kind: ClassVar[str] = "tenure"


@dataclass(frozen=True)
class Forecast:
    """The limit of ``meter`` will be reached within ``days``, as sure as ``confidence``."""

    name: str
    stale_after: int
    meter: str
    days: int
    confidence: Decimal
    kind: ClassVar[str] = "forecast"


@dataclass(frozen=True)
class Becomes:
    """``condition`` was false, and is true."""

    name: str
    stale_after: int
    condition: Condition
    kind: ClassVar[str] = "becomes"


@dataclass(frozen=True)
class Sequence:
    """All ``steps`` in this order, ``within`` so long from first to last."""

    name: str
    stale_after: int
    steps: tuple[str, ...]
    within: int
    kept: int = 64
    kind: ClassVar[str] = "sequence"


@dataclass(frozen=True)
class Absence:
    """``event`` does not happen ``within`` so long after ``after``."""

    name: str
    stale_after: int
    event: str
    after: str
    within: int
    kept: int = 64
    kind: ClassVar[str] = "absence"


@dataclass(frozen=True)
class Outcome:
    """The offer ``offer`` came to ``ending``, ``within`` so long after it was made."""

    name: str
    stale_after: int
    ending: str
    offer: str
    within: int | None
    kind: ClassVar[str] = "outcome"


Moment = (
    Limit
    | Attempt
    | Milestone
    | Onboarding
    | Habit
    | Growth
    | Tenure
    | Forecast
    | Becomes
    | Sequence
    | Absence
    | Outcome
)
