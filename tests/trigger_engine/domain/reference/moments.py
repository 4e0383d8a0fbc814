"""When moments fire, worked out from everything that ever happened, one tick after the other where need be."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

Times = Sequence[int]


def habits(times: Times, span: int, target: int, end: int) -> list[int]:
    """Ticks at which a habit fires that counts ``times`` over (t - span, t], looked at on every tick up to ``end``."""
    fired: list[int] = []
    ticks_below = 0
    for tick in range(end + 1):
        if sum(tick - span < time <= tick for time in times) < target:
            ticks_below += 1
            continue
        if not fired or ticks_below >= span:
            fired.append(tick)
        ticks_below = 0
    return fired


def has_run(happened: Sequence[tuple[str, int]], steps: Sequence[str], within: int) -> bool:
    """Whether some events, one of each step, follow each other in the order of ``steps`` within that time."""
    choices = [[at for event, at in happened if event == step] for step in steps]
    return any(list(run) == sorted(run) and run[-1] - run[0] <= within for run in product(*choices))


def unanswered(opened: Times, answered: Times, within: int, end: int) -> list[int]:
    """Deadlines up to ``end`` of windows that got no answer, ticking through all of time."""
    found: list[int] = []
    opens: int | None = None
    for tick in range(end + 1):
        if opens is None and tick in opened:
            opens = tick
        if opens is not None and tick in answered:
            opens = None
        if opens is not None and tick == opens + within:
            found.append(tick)
            opens = None
    return found


def in_order(happened: Sequence[tuple[str, int]], steps: Sequence[str], within: int) -> int | None:
    """When the last of ``steps`` was done, each at or after the one before and the first as early as it was."""
    at = -1
    first: int | None = None
    for step in steps:
        later = [time for event, time in happened if event == step and time >= at]
        if not later:
            return None
        at = min(later)
        first = at if first is None else first
    return at if first is not None and at <= first + within else None


def grown_months(
    counted: Sequence[tuple[date, Decimal]], by: Decimal, periods: int, at_least: Decimal, since: date, end: date
) -> list[date]:
    """First days of the complete months, up to ``end``, in which growth was found."""
    months: list[date] = []
    month = since.replace(day=1)
    while month <= end:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    totals = [
        sum((by_ for day, by_ in counted if (day.year, day.month) == (m.year, m.month)), Decimal(0)) for m in months
    ]
    found = []
    for place in range(periods, len(months)):
        window = totals[place - periods : place + 1]
        rises = all(window[i] > 0 and window[i + 1] >= window[i] * (1 + by) for i in range(periods))
        complete = (months[place] + timedelta(days=32)).replace(day=1) <= end
        known = months[place - periods] >= since
        if rises and complete and known and window[0] >= at_least:
            found.append(months[place])
    return found


def chance(past: Sequence[Decimal], missing: Decimal, days: int) -> float:
    """How likely it is to come to ``missing`` within ``days``, each one of ``past``: every way it can go, counted."""
    ways = list(product(past, repeat=days))
    reached = sum(any(sum(way[: day + 1]) >= missing for day in range(days)) for way in ways)
    return reached / len(ways)
