"""Since when a meter is known: whether all that it counts was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.rules import BILLING_PERIOD
from oracle.times import FIRST

if TYPE_CHECKING:
    from oracle.rules import Meter, Rules
    from oracle.state import Account


def knows(account: Account, meter: Meter, period: int | None, rules: Rules, *, backfill: bool) -> bool:
    """Whether all that the meter counts in this period (None: ever) was seen."""
    created = account.facts.get("created")
    begin = account.first_seen if created is None else created.at
    published = FIRST if backfill else rules.published.get(meter.key, FIRST)
    if begin is not None and begin >= published:
        return True
    if meter.span != BILLING_PERIOD:
        return meter.key in account.baselines
    present = account.period()
    if period is None or present is None or present.starts != period:
        return False
    told = account.baselines.get(meter.key)
    return (told is not None and present.holds(told)) or published < present.starts
