"""What each kind of moment remembers, laid out as the engine stores it. Times in microseconds since 1970 UTC.

``arm`` counts how often a moment was armed again.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class Limit(Struct, frozen=True, array_like=True, tag="limit"):
    """Highest step passed, and the limit, plan and period of then; of nothing passed there is nothing to know."""

    passed: Decimal | None = None
    limit: Decimal | None = None
    plan: str | None = None
    period: int | None = None
    arm: int = 0


class Limits(Struct, frozen=True, array_like=True, tag="limits"):
    """The same for each day, week or month."""

    periods: dict[int, Limit] = {}


class Attempt(Struct, frozen=True, array_like=True, tag="attempt"):
    """When it fired last."""

    at: int | None = None
    arm: int = 0


class Milestone(Struct, frozen=True, array_like=True, tag="milestone"):
    """Whether it was passed."""

    passed: bool = False


class Onboarding(Struct, frozen=True, array_like=True, tag="onboarding"):
    """The first time of each step done; ``not_started``, ``started``, ``completed`` or ``abandoned``."""

    done: dict[str, int] = {}
    status: str = "not_started"


class OrderedOnboarding(Struct, frozen=True, array_like=True, tag="ordered_onboarding"):
    """When each step was done, and the start."""

    times: dict[str, tuple[int, ...]] = {}
    status: str = "not_started"


class Habit(Struct, frozen=True, array_like=True, tag="habit"):
    """Whether it fired; ``rearms_at``: when it was below for one whole window, if nothing more happens."""

    fired: bool = False
    rearms_at: int | None = None
    arm: int = 0


class Growth(Struct, frozen=True, array_like=True, tag="growth"):
    """Totals by the first day of their period; ``judged`` and ``fired``: the newest that was looked at, that fired."""

    totals: dict[int, Decimal] = {}
    judged: int | None = None
    fired: int | None = None


class Tenure(Struct, frozen=True, array_like=True, tag="tenure"):
    """Since when the months were counted, and whether that is done with."""

    since: int | None = None
    over: bool = False
    arm: int = 0


class Forecast(Struct, frozen=True, array_like=True, tag="forecast"):
    """Totals by day; ``judged``: the newest day looked back from."""

    totals: dict[int, Decimal] = {}
    judged: int | None = None
    fired_at: int | None = None
    arm: int = 0


class Becomes(Struct, frozen=True, array_like=True, tag="becomes"):
    """What the condition was when it was last known, the newest day on which time had it looked at, and which it is."""

    was: bool | None = None
    arm: int = 0
    day: int | None = None
    about: int | None = None


class Sequence(Struct, frozen=True, array_like=True, tag="sequence"):
    """Late times of each step; ``began``: when the run began that fired last."""

    times: dict[str, tuple[int, ...]] = {}
    began: int | None = None
    arm: int = 0


class Absence(Struct, frozen=True, array_like=True, tag="absence"):
    """Late times of what opens a window, and of what answers it.

    Windows before ``settled`` are over for good; ``fired``: when the newest opened that fired.
    """

    opened: tuple[int, ...] = ()
    answered: tuple[int, ...] = ()
    settled: int | None = None
    fired: int | None = None
    arm: int = 0


class Outcome(Struct, frozen=True, array_like=True, tag="outcome"):
    """The offers that fired, and how many did."""

    offers: tuple[str, ...] = ()
    arm: int = 0


State = (
    Limit
    | Limits
    | Attempt
    | Milestone
    | Onboarding
    | OrderedOnboarding
    | Habit
    | Growth
    | Tenure
    | Forecast
    | Becomes
    | Sequence
    | Absence
    | Outcome
)
