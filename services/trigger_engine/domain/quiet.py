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
from services.trigger_engine.domain.playbook.product import MeterDefinition
from services.trigger_engine.domain.playbook.sets import CompiledSet, Feed, Move

Holder = AccountSlice | UserSlice

FAR: Final = Decimal(10) ** MAX_WHOLE
"""Beyond what a meter counts."""

KEPT: Final = "quiet"
"""Name under which a holder's bands hang on it."""

_add: Final = EXACT.add


class Kept:
    """What hangs on a holder: the bands of its meters by key, each ``(low, high)``, as one set of rules drew them."""

    __slots__ = ("bands", "rules")

    def __init__(self, rules: CompiledSet) -> None:
        self.rules = rules
        self.bands: dict[str, tuple[Decimal, Decimal]] = {}


def counted_quietly(
    rules: CompiledSet, feed: Feed, account: AccountSlice, user: UserSlice | None, usage: Usage
) -> bool:
    """Count ``usage`` if that is all there is to it; False, with nothing changed, if the moments have to be asked."""
    if not usage.plain or (feed.onboardings and not _are_done(feed, account, user)):
        return False
    moves: list[tuple[dict[str, MeterState], str, MeterState]] = []
    for move in feed.moves:
        holder: Holder | None = user if move.by_user else account
        if holder is None:
            continue
        kept = holder.__dict__.get(KEPT)
        state = holder.meters.get(move.key)
        if kept is None or kept.rules is not rules or state is None:
            return False
        if move.in_period and not _is_present(account, state, usage.at):
            return False
        band = kept.bands.get(move.key)
        after = _after(move, usage, state.value)
        if band is None or after is None or not band[0] <= after < band[1]:
            return False
        moves.append((holder.meters, move.key, MeterState(after, state.period)))
    for meters, key, moved in moves:
        meters[key] = moved
    return True


def _after(move: Move, usage: Usage, value: Decimal) -> Decimal | None:
    """Where a plain event moves a meter from ``value``; None when the long way has to say what is wrong."""
    by = usage.quantity if move.prop is None else usage.properties.get(move.prop)
    if type(by) is not Decimal:
        if type(by) is not int:
            return None
        by = Decimal(by)
    if move.is_max:
        return max(value, by)
    return _add(value, by.copy_negate() if move.takes_away else by)


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
        kept = holder.__dict__.get(KEPT)
        if kept is None or kept.rules is not rules:
            kept = holder.__dict__[KEPT] = Kept(rules)
        kept.bands[meter.key] = (low, high)


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
