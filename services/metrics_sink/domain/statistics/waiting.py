"""How long it takes until something happens, when for some it has not happened yet (Kaplan and Meier 1958).

    S(t) = product over the times t_i <= t at which it happened of ( 1 - happened at t_i / still waiting before t_i )

Who still waits, or can not be followed any longer, is counted among the waiting up to then, and not after: leaving such
accounts out, or taking their time as if it had happened, makes everything look faster than it is. The median is the
first time at which S is one half or less. While more than half wait, it is not known yet.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

HALF: Final = Fraction(1, 2)


@dataclass(frozen=True)
class Waited:
    """One account: how long, in any unit that all share, and whether it ``happened`` at the end of that."""

    time: int
    happened: bool


@dataclass(frozen=True)
class Step:
    """From ``time`` on, ``waiting`` is the share of those who still wait."""

    time: int
    waiting: Fraction


def still_waiting(accounts: Iterable[Waited]) -> list[Step]:
    """The steps of S, by time; exact. Those who left at the time of a step count as waiting at it."""
    happened: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    for account in accounts:
        ended[account.time] += 1
        happened[account.time] += account.happened
    waiting, share, steps = ended.total(), Fraction(1), []
    for time in sorted(ended):
        if happened[time]:
            share *= Fraction(waiting - happened[time], waiting)
            steps.append(Step(time, share))
        waiting -= ended[time]
    return steps


def median(steps: Iterable[Step]) -> int | None:
    """Of the steps of S; None while it is not known yet."""
    return next((step.time for step in steps if step.waiting <= HALF), None)
