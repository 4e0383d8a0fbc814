"""The quiet path: most events move a meter and nothing else, and that can be known without asking any moment.

Once the moments of a meter have been asked, they tell between which values none of them has anything to say: the band.
While the meter stays inside, counting is all there is to do; the state comes out the same to the byte as if each had
been asked again. A band is derived from the slice and the set, lives beside the slice and is never stored. Whatever
else touches an account throws its bands away.
"""

from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.moments.limit import LimitState, rearms_below
from services.trigger_engine.domain.moments.milestone import MilestoneState
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus
from services.trigger_engine.domain.numbers import EXACT, MAX_WHOLE, times
from services.trigger_engine.domain.playbook.offers import LimitMoment, MilestoneMoment, OnboardingOf
from services.trigger_engine.domain.playbook.product import Aggregate, MeterDefinition, Span
from services.trigger_engine.domain.playbook.sets import CompiledSet, Feed

Holder = AccountSlice | UserSlice

FAR: Final = Decimal(10) ** MAX_WHOLE
"""Beyond what a meter counts."""

_add: Final = EXACT.add


class Band:
    """From ``low`` (included) to ``high`` (not included) no moment of a meter has anything to say."""

    __slots__ = ("high", "low", "rules")

    def __init__(self, rules: CompiledSet, low: Decimal, high: Decimal) -> None:
        self.rules = rules
        self.low = low
        self.high = high


def counted_quietly(
    rules: CompiledSet, feed: Feed, account: AccountSlice, user: UserSlice | None, usage: Usage
) -> bool:
    """Count ``usage`` if that is all there is to it; False, with nothing changed, if the moments have to be asked."""
    if not usage.plain or (feed.onboardings and not _are_done(feed, account, user)):
        return False
    moves: list[tuple[Holder, str, MeterState]] = []
    for meter, _ in feed.meters:
        holder: Holder | None = user if meter.by_user else account
        if holder is None:
            continue
        band = _bands(holder).get(meter.key)
        state = holder.meters.get(meter.key)
        by = _amount(meter, usage)
        if band is None or band.rules is not rules or state is None or by is None:
            return False
        if meter.span is not Span.EVER and not _is_present(account, state, usage.at):
            return False
        after = max(state.value, by) if meter.aggregate is Aggregate.MAX else _add(state.value, by)
        if not band.low <= after < band.high:
            return False
        moves.append((holder, meter.key, MeterState(after, state.period)))
    for holder, key, moved in moves:
        holder.meters[key] = moved
    return True


def _are_done(feed: Feed, account: AccountSlice, user: UserSlice | None) -> bool:
    """Whether every onboarding that the event is a step of is over, so that no step means anything."""
    for moment in feed.onboardings:
        holder: Holder | None = user if moment.of is OnboardingOf.USER else account
        if holder is None:
            continue
        state = holder.moments.get(moment.name)
        if not isinstance(state, OnboardingState) or state.status is not OnboardingStatus.COMPLETED:
            return False
    return True


def _amount(meter: MeterDefinition, usage: Usage) -> Decimal | None:
    """What a plain event adds; None when the contract's long way has to say what is wrong."""
    if meter.aggregate is Aggregate.COUNT:
        return usage.quantity if usage.type == meter.of else usage.quantity.copy_negate()
    value = usage.quantity if meter.prop == "quantity" else usage.properties.get(meter.prop or "")
    if type(value) is Decimal:
        return value
    return Decimal(value) if type(value) is int else None


def _is_present(account: AccountSlice, state: MeterState, at: int) -> bool:
    period = account.period()
    return period is not None and period.holds(at) and state.period == period.starts


def draw_bands(rules: CompiledSet, feed: Feed, account: AccountSlice, user: UserSlice | None) -> None:
    """Say for each meter of ``feed``, whose moments have just been asked, how far it may move without asking again."""
    for meter, moments in feed.meters:
        holder: Holder | None = user if meter.by_user else account
        if holder is None or meter.key not in holder.meters:
            continue
        low, high = -FAR, FAR
        for moment in moments:
            bounds = (
                _limit_band(rules, moment, meter, account)
                if isinstance(moment, LimitMoment)
                else _milestone_band(moment, holder)
            )
            low, high = max(low, bounds[0]), min(high, bounds[1])
        _bands(holder)[meter.key] = Band(rules, low, high)


def _milestone_band(moment: MilestoneMoment, holder: Holder) -> tuple[Decimal, Decimal]:
    state = holder.moments.get(moment.name)
    passed = isinstance(state, MilestoneState) and state.passed
    return -FAR, FAR if passed else moment.reaches


def _limit_band(
    rules: CompiledSet, moment: LimitMoment, meter: MeterDefinition, account: AccountSlice
) -> tuple[Decimal, Decimal]:
    allowed = account.limit(meter.name, rules.product)
    state = account.moments.get(moment.name)
    if not isinstance(allowed, Decimal):
        return -FAR, FAR
    if allowed <= 0 or not isinstance(state, LimitState):
        return FAR, -FAR
    left = [times(step, allowed) for step in moment.steps if state.passed is None or step > state.passed]
    low = rearms_below(moment, allowed) if state.passed is not None and state.period is None else -FAR
    return low, min(left, default=FAR)


def forget_bands(holder: Holder) -> None:
    """Something else than usage touched the holder: ask the moments again."""
    holder.__dict__.clear()


def _bands(holder: Holder) -> dict[str, Band]:
    beside = holder.__dict__
    bands: dict[str, Band] | None = beside.get("bands")
    if bands is None:
        bands = beside["bands"] = {}
    return bands
