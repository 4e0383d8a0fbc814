"""The quiet path: most events move a meter and nothing else, and that can be known without asking any moment.

The moments of a meter tell between which values none of them has anything to say: its band. A moment that was not asked
since something changed for it has none. While all meters that an event feeds stay inside theirs, counting is all there
is to do; the state comes out the same to the byte as if each moment had been asked again. Bands and lanes are derived
from slice and set, hang on the slice and are never stored. Whatever else touches an account makes it forget them.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.instants import FIRST_US, LAST_US, to_datetime
from services.trigger_engine.domain.meters.known import is_known, is_whole
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.moments.limit import NOTHING_PASSED, LimitState, rearms_below
from services.trigger_engine.domain.moments.milestone import MilestoneState
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus
from services.trigger_engine.domain.numbers import EXACT, MAX_WHOLE, OF_PROPERTIES, alike, times
from services.trigger_engine.domain.playbook.feeds import Feed, Move
from services.trigger_engine.domain.playbook.moments import HabitMoment, LimitMoment, MilestoneMoment, OnboardingOf
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.slices import Holder
from services.trigger_engine.domain.standing import goal, past_of

Band = tuple[int | Decimal, int | Decimal]
"""From the first up to, and without, the second."""

HIGH: Final[int] = 10**MAX_WHOLE
LOW: Final = -HIGH
ALWAYS: Final[Band] = (LOW, HIGH)
NEVER: Final[Band] = (HIGH, LOW)

LANES: Final = 4_096
"""Lanes that are shared; an account with another one has its own."""

KEPT: Final = "quiet"
"""Name under which an account's lanes and bands hang on its slice."""


class How(Enum):
    """What an event's number does to a meter."""

    ADDS = "adds"
    TAKES = "takes"
    TOPS = "tops"


class Amount:
    """What of usage moves a meter: a property or (None) the quantity, with so many digits after the point."""

    __slots__ = ("digits", "prop")

    def __init__(self, prop: str | None, digits: int) -> None:
        self.prop = prop
        self.digits = digits


_amount = lru_cache(LANES)(Amount)


class Step(NamedTuple):
    """How a meter moves, from ``low`` up to, and without, ``high``.

    ``place``: where its number stands, among those of the user or of the account; ``amount``: what moves it.
    """

    place: int
    of_user: bool
    amount: Amount
    how: How
    low: int
    high: int


Adds = tuple[tuple[int, Amount, int, int], ...]
"""Of each meter that is added to: its place, what moves it, from where and up to where."""


class Lane:
    """How events of one type, of one user when that matters, move the meters of an account, inside their bands.

    ``steps`` has one for each meter; ``adds`` says the same, where all of them only add to meters of the account. Only
    events from ``since`` up to, and without, ``until`` may be counted; both None: all.
    Accounts that are alike share it.
    """

    __slots__ = ("adds", "since", "steps", "until")

    def __init__(self, steps: tuple[Step, ...], since: datetime | None, until: datetime | None) -> None:
        self.steps = steps
        self.adds: Adds | None = None
        if all(step.how is How.ADDS and not step.of_user for step in steps):
            self.adds = tuple([(step.place, step.amount, step.low, step.high) for step in steps])
        self.since = since
        self.until = until


Lanes = Mapping[str, Lane | dict[str | None, Lane]]
"""By type of event; of a type that moves meters of users, too, by user. Shared by accounts that are alike."""


class SharedLanes(dict[str, Lane | dict[str | None, Lane]]):
    """Lanes of accounts that are alike; never changed."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # it is never changed


NO_LANES: Final = SharedLanes()


class Kept:
    """What hangs on an account. ``bands``: those its lanes were drawn by, and the digits of the numbers in them."""

    __slots__ = ("bands", "lanes")

    def __init__(self) -> None:
        self.lanes: Lanes = NO_LANES
        self.bands: dict[tuple[str | None, str], tuple[Band, int]] = {}


_lane = lru_cache(LANES)(Lane)


@lru_cache(LANES)
def _shared(lanes: tuple[tuple[str, Lane], ...]) -> SharedLanes:
    return SharedLanes(lanes)


@lru_cache(LANES)
def _shared_with(lanes: SharedLanes, kind: str, drawn: Lane | None) -> Lanes:
    """Other lanes for one type of event."""
    left: dict[str, Any] = {**lanes, kind: drawn}
    return _shared(tuple([(other, found) for other, found in sorted(left.items(), key=itemgetter(0)) if found]))


def _kept(account: AccountSlice) -> Kept:
    found: Kept | None = account.__dict__.get(KEPT)
    if found is None:
        found = account.__dict__[KEPT] = Kept()
    return found


def lanes_of(account: AccountSlice) -> Lanes:
    """The account's lanes, as they were drawn by now."""
    return _kept(account).lanes


def forget_lanes(account: AccountSlice) -> None:
    """Something else than usage touched the account: ask the moments again."""
    found: Kept | None = account.__dict__.get(KEPT)
    if found is not None:
        found.lanes = NO_LANES
        found.bands.clear()


def forget_awaited(rules: CompiledSet, account: AccountSlice) -> None:
    """Moments were held or let go, offers made or ended: forget the lanes of usage that is to be looked at by now."""
    kept = _kept(account)
    for kind in list(kept.lanes):
        feed = rules.feeds.get(kind)
        if feed is None or _is_awaited(feed, account):
            kept.lanes = _with(kept.lanes, kind, None)


def draws_lane(rules: CompiledSet, feed: Feed, account: AccountSlice, kind: str) -> bool:
    """Say how events of type ``kind`` may be counted, of an account whose moments were not asked just now.

    Whether that can be said: not where something is kept by user, nor with habits, which do not tell whether they were
    asked in the period at hand.
    """
    if (
        account.first_seen is None
        or feed.by_user
        or any(isinstance(moment, HabitMoment) for move in feed.moves for moment in move.moments)
    ):
        return False
    draw_lane(rules, feed, account, None, (kind, None))
    return kind in lanes_of(account)


def draw_lane(
    rules: CompiledSet, feed: Feed, account: AccountSlice, user: UserSlice | None, whose: tuple[str, str | None]
) -> None:
    """Say how events of a type may be counted without asking, if they may.

    ``whose``: the type, and the user of the event.
    """
    kept, (kind, name) = _kept(account), whose
    drawn = [
        _draw_step(rules, account, user if move.by_user else None, move, name)
        for move in feed.moves
        if user is not None or not move.by_user
    ]
    steps = tuple([step for step in drawn if step is not None])
    done = feed.is_quick and len(steps) == len(drawn) and _are_done(feed, account, user)
    may = done and not _is_awaited(feed, account)
    if not feed.by_user:
        was = kept.lanes.get(kind)
        lane = _like_that(was, steps, *_times(feed, account)) if may else None
        if was is not lane:
            kept.lanes = _with(kept.lanes, kind, lane)
        return
    users = kept.lanes.get(kind)
    if not isinstance(users, dict):
        users = {}
        kept.lanes = _with(kept.lanes, kind, users)
    if may:
        users[name] = _like_that(users.get(name), steps, *_times(feed, account))
    else:
        users.pop(name, None)


def _like_that(
    was: Lane | dict[str | None, Lane] | None, steps: tuple[Step, ...], since: datetime | None, until: datetime | None
) -> Lane:
    """The lane with these steps: mostly the one there ``was``."""
    if isinstance(was, Lane) and (was.steps, was.since, was.until) == (steps, since, until):
        return was
    return _lane(steps, since, until)


def _with(lanes: Lanes, kind: str, drawn: Lane | dict[str | None, Lane] | None) -> Lanes:
    """Other lanes for one type of event."""
    if isinstance(lanes, SharedLanes) and not isinstance(drawn, dict):
        return _shared_with(lanes, kind, drawn)
    left = {**lanes, kind: drawn}
    return {other: found for other, found in left.items() if found is not None}


def _draw_step(
    rules: CompiledSet, account: AccountSlice, user: UserSlice | None, move: Move, name: str | None
) -> Step | None:
    """How the meter of the account, or of the ``user`` called ``name``, moves; no lane by another band is left.

    None when it counts nothing at all yet, or nothing of the present billing period, or was set and not moved since.
    """
    holder: Holder = account if user is None else user
    meters = holder.meters
    state = meters.get(move.key)
    if state is None:
        return None
    place = meters.place(move.key)
    number, digits = meters.numbers[place], meters.digits[place]
    if move.prop is not None and digits < OF_PROPERTIES:
        return None
    band = _band(rules, account, holder, move, state) if move.moments else ALWAYS
    low, high = _as_kept(band, number, digits)
    kept, whose = _kept(account), None if user is None else name
    drawn = (low, high), digits
    if kept.bands.setdefault((whose, move.key), drawn) != drawn:
        kept.bands[whose, move.key] = drawn
        _forget(kept, whose, place)
    period = account.period() if move.in_period else None
    is_present = not move.in_period or (period is not None and state.period == period.starts)
    return Step(place, user is not None, _amount(move.prop, digits), _how(move), low, high) if is_present else None


def _as_kept(band: Band, number: int, digits: int) -> tuple[int, int]:
    """The band in integers of so many digits, within which such a ``number`` takes as much room as now."""
    least, most = alike(number)
    return max(_integer(band[0], digits), least), min(_integer(band[1], digits), most)


@lru_cache(LANES)
def _integer(bound: int | Decimal, digits: int) -> int:
    """What has so many digits is below ``bound`` when, as an integer of the last of them, it is below this."""
    return int(Decimal(bound).scaleb(digits, EXACT).to_integral_value(ROUND_CEILING))


def _forget(kept: Kept, user: str | None, place: int) -> None:
    """Forget the lanes that move the meter of the account (None), or of this user, whose number stands there."""
    for kind, lanes in list(kept.lanes.items()):
        if isinstance(lanes, Lane):
            if _moves(lanes, place, of_user=user is not None):
                kept.lanes = _with(kept.lanes, kind, None)
            continue
        for name in list(lanes) if user is None else [user]:
            if name in lanes and _moves(lanes[name], place, of_user=user is not None):
                del lanes[name]


def _moves(lane: Lane, place: int, *, of_user: bool) -> bool:
    return any(step.place == place and step.of_user is of_user for step in lane.steps)


def _band(rules: CompiledSet, account: AccountSlice, holder: Holder, move: Move, state: MeterState) -> Band:
    """Between which values no moment of the meter has anything to say, as it stands now."""
    low, high = ALWAYS
    known = _is_known(rules, account, move)
    for moment in move.moments:
        if isinstance(moment, HabitMoment):
            begins, ends = _habit_band(moment, state)
        elif not known:
            continue
        elif isinstance(moment, LimitMoment):
            begins, ends = _limit_band(rules, moment, account, state.period)
        else:
            begins, ends = _milestone_band(rules, moment, account, holder)
        low, high = max(low, begins), min(high, ends)
    return low, high


def _is_known(rules: CompiledSet, account: AccountSlice, move: Move) -> bool:
    """Whether the meter's moments look at it at all: within a billing period, that does not change."""
    meter = rules.product.meters[move.name]
    past = past_of(rules, account, meter)
    if is_whole(past):
        return True
    period = account.period() if move.in_period else None
    at = 0 if period is None else period.starts
    return is_known(meter, past, at, When(account.zone(), period, at))


def _is_awaited(feed: Feed, account: AccountSlice) -> bool:
    """Whether something is to be looked at after each event: a moment that is held, or offers that are open."""
    if account.held:
        counted = feed.counted
        if any(held.waits(counted) for held in account.held):
            return True
    return feed.quiets and bool(account.open_offers())


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


def _how(move: Move) -> How:
    if move.is_max:
        return How.TOPS
    return How.TAKES if move.takes_away else How.ADDS


def _times(feed: Feed, account: AccountSlice) -> tuple[datetime | None, datetime | None]:
    period, erased = account.period(), account.erased_at
    if period is not None and not any(move.in_period for move in feed.moves):
        period = None
    if period is None and erased is None:
        return None, None
    starts, ends = (period.starts, period.ends) if period is not None else (FIRST_US, LAST_US)
    return to_datetime(starts if erased is None else max(starts, erased + 1)), to_datetime(ends)


def _habit_band(moment: HabitMoment, stands: MeterState) -> Band:
    """Within a period it fires once, and says nothing while it is below."""
    return (moment.reaches, HIGH) if stands.value >= moment.reaches else (LOW, moment.reaches)


def _milestone_band(rules: CompiledSet, moment: MilestoneMoment, account: AccountSlice, holder: Holder) -> Band:
    state = holder.moments.get(moment.name)
    reaches = goal(rules, account, moment)
    if reaches is None or (isinstance(state, MilestoneState) and state.passed):
        return ALWAYS
    return LOW, reaches


def _limit_band(rules: CompiledSet, moment: LimitMoment, account: AccountSlice, period: int | None) -> Band:
    allowed = account.limit(moment.meter, rules.product)
    known = allowed if isinstance(allowed, Decimal) else None
    found = account.moments.get(moment.name)
    state = found if isinstance(found, LimitState) else NOTHING_PASSED
    passed = state.passed
    # where something was passed and then something else changed, it has that to remember
    if passed is not None and (state.limit, state.plan, state.period) != (known, account.plan(rules.product), period):
        return NEVER
    if known is None:
        return ALWAYS
    if known <= 0:
        return NEVER
    if passed is None:
        return LOW, times(moment.steps[0], known)
    ahead = next((step for step in moment.steps if step > passed), None)
    mark = rearms_below(moment, known, period)
    return LOW if mark is None else mark, HIGH if ahead is None else times(ahead, known)
