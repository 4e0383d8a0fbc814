"""What one input means under one version of the set: the slices it changes, and what there is to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from oracle import firing as moments
from oracle import life
from oracle.deciding import decide
from oracle.facts import fold, onboarding_slot
from oracle.firing import Fired
from oracle.known import knows
from oracle.messages import Refused
from oracle.numbers import ZERO, countable, plus
from oracle.records import USAGE
from oracle.rules import BILLING_PERIOD
from oracle.state import Account, LimitState, MilestoneState, OnboardingState, Standing, User
from oracle.telling import Event, Situation, accepted, erased
from oracle.times import instant, told

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.holdings import Holdings
    from oracle.messages import Message
    from oracle.rules import Meter, Moment, Rules
    from oracle.state import Slice

MOVES_LIMITS: Final = ("plan", "seats", "limit:", "product:", "period", "baseline:")
"""Slots of facts that may bring an account to a limit."""

NOTHING_YET: Final = Standing()


class Counted(NamedTuple):
    """A meter of ``holder`` moved from ``before`` to ``after``; ``watching`` are the moments that look at it."""

    meter: Meter
    watching: list[Moment]
    holder: Slice
    before: Decimal
    after: Standing


class Counting(NamedTuple):
    """What a usage event would do: to whom, and to which meters."""

    account: Account
    user: User | None
    counted: list[Counted]


class Core:
    """One version of the set, and the slices of one partition."""

    def __init__(self, rules: Rules, holdings: Holdings, partition: int) -> None:
        self.rules = rules
        self.holdings = holdings
        self.in_backfill = False
        self._partition = partition

    # --- usage ----------------------------------------------------------------------------------

    def count(self, usage: Message) -> Counting | None:
        """What ``usage`` would do, None when it is not of this set; changes nothing.

        Raises `Refused` when a meter can not read it.
        """
        feeds = self.rules.feeds.get(usage.type)
        if feeds is None:
            return None
        account, name = self.holdings.account(usage.account), usage.data["user"]
        by_user = name is not None and usage.type in self.rules.of_users
        user = self.holdings.user(usage.account, name) if by_user else None
        counted = []
        for meter, watching in feeds:
            by = _amount(meter, usage)
            whose: list[tuple[Slice | None, list[Moment]]] = [(user if meter.by_user else account, watching)]
            if meter.by_user:  # the account has the total, which nothing watches
                whose.append((account, []))
            for holder, looking in whose:
                moved = None if holder is None else _moved(meter, holder, account, by, usage.at)
                if holder is not None and moved is not None:
                    counted.append(Counted(meter, looking, holder, *moved))
        return Counting(account, user, counted)

    def usage(self, usage: Message, counting: Counting, offset: int, now: int) -> list[Event]:
        """Take what was counted; decide when a moment fires."""
        account, user, counted = counting
        if counted or self.rules.feeds[usage.type] or self.rules.steps[usage.type]:
            _notice(account, now)
        fired: list[Fired] = []
        for meter, watching, holder, before, after in counted:
            holder.meters[meter.key] = after
            for moment in watching if self._knows(account, meter, after.period) else ():
                if moment.kind == "limit":
                    one = self._limit(account, moment, meter, usage.at)
                else:
                    one = _milestone(holder, moment, before, after, usage)
                if one is not None:
                    fired.append(one)
        fired.extend(self._steps(account, user, usage))
        return self._decided(fired, usage, offset, now, user) if fired else []

    def _knows(self, account: Account, meter: Meter, period: int | None) -> bool:
        """Whether all that the meter counts in this period (None: ever) was seen."""
        return knows(account, meter, period, self.rules, backfill=self.in_backfill)

    def _limit(self, account: Account, moment: Moment, meter: Meter, at: int) -> Fired | None:
        standing = account.meters.get(meter.key, NOTHING_YET)
        plan = account.plan(self.rules)
        allowed = account.limit_with(plan, meter.name, self.rules)
        before = account.moments.get(moment.name)
        known = before if isinstance(before, LimitState) else LimitState()
        state, step = moments.limit(moment, known, standing, allowed, plan)
        account.moments[moment.name] = state
        if step is None:
            return None
        return Fired(moment, at, None, standing.value, allowed, step, standing.period, state.arm)

    def _steps(self, account: Account, user: User | None, usage: Message) -> list[Fired]:
        fired = []
        for moment in self.rules.steps[usage.type]:
            holder = user if moment.of_user else account
            if holder is not None:
                state, completed = moments.step(moment, _onboarding(holder, moment), usage.type, usage.at)
                holder.moments[moment.name] = state
                if completed is not None:
                    fired.append(Fired(moment, completed, usage.data["user"] if moment.of_user else None))
        return fired

    def _decided(self, fired: list[Fired], message: Message, offset: int, now: int, user: User | None) -> list[Event]:
        if not fired:
            return []
        cause = {
            "stream": USAGE,
            "partition": self._partition,
            "offset": offset,
            "event_id": message.id,
            "event_type": message.type,
            "event_time": told(message.at),
        }
        account = self.holdings.account(message.account)
        return decide(fired, Situation(message.account, account, self.rules, now, user, self.in_backfill), cause)

    # --- facts ----------------------------------------------------------------------------------

    def fact(self, fact: Message, offset: int, now: int) -> list[Event]:
        """Take an account fact. Raises `Refused` when it can not be true, or kept."""
        if fact.type == "rung.account_erased":
            self.holdings.erase(fact.account, fact.at)
            return [erased(fact, now), accepted(fact, now)]
        account = self.holdings.account(fact.account)
        name = fact.data.get("user")
        user = None if name is None else self.holdings.user(fact.account, name)
        stands = self._stands(account, fact) if fact.type == "rung.meter_set" else None
        changed = fold(account if user is None else user, fact)
        if not changed:
            return []
        _notice(account, now)
        if stands is not None:
            self._stand(account, *stands, as_of=instant(fact.data["as_of"]) or 0)
        self._begin_period(account)
        fired: list[Fired] = []
        if any(slot.startswith(MOVES_LIMITS) for slot in changed):
            for moment, meter in self.rules.limits:
                period = account.meters.get(meter.key, NOTHING_YET).period
                one = self._limit(account, moment, meter, fact.at) if self._knows(account, meter, period) else None
                fired.extend([] if one is None else [one])
        if fact.type.startswith("rung.onboarding_"):
            fired.extend(self._word(account if user is None else user, fact))
        return [accepted(fact, now), *self._decided(fired, fact, offset, now, user)]

    def _stands(self, account: Account, fact: Message) -> tuple[Meter, Standing] | None:
        """The meter and what it stands at by a baseline; None when that is of another billing period."""
        meter = self.rules.meters.get(fact.data["meter"])
        if meter is None or meter.by_user:
            raise Refused("invalid")
        period = account.period() if meter.span == BILLING_PERIOD else None
        if meter.span == BILLING_PERIOD and (period is None or not period.holds(instant(fact.data["as_of"]) or 0)):
            return None
        return meter, Standing(_countable(fact.data["value"]), None if period is None else period.starts)

    def _stand(self, account: Account, meter: Meter, standing: Standing, as_of: int) -> None:
        """Milestones below a baseline are old news."""
        account.meters[meter.key] = standing
        account.baselines[meter.key] = as_of
        for moment in self.rules.moments.values():
            if moment.meter == meter.name and moment.reaches is not None and standing.value >= moment.reaches:
                account.moments[moment.name] = MilestoneState(passed=True)

    def _begin_period(self, account: Account) -> None:
        """Meters that count by billing period begin again when another one was announced."""
        period = account.period()
        for meter in self.rules.meters.values():
            if period is not None and meter.span == BILLING_PERIOD and not meter.by_user:
                standing = account.meters.get(meter.key)
                if standing is None or standing.period != period.starts:
                    account.meters[meter.key] = Standing(period=period.starts)

    def _word(self, holder: Slice, fact: Message) -> list[Fired]:
        """The customer's own word on an onboarding goes before what was detected."""
        if fact.data["product"] is not None:
            return []
        status = str(holder.facts[onboarding_slot(fact)].value)
        fired = []
        for moment in self.rules.onboardings:
            if moment.of_user is isinstance(holder, Account):
                continue
            state = _onboarding(holder, moment)
            if state.status != "completed":
                if status == "completed":
                    fired.append(Fired(moment, fact.at, fact.data["user"]))
                state = OnboardingState(state.done, status)
            holder.moments[moment.name] = state
        return fired

    # --- responses, time, another version -------------------------------------------------------

    def response(self, response: Message, now: int) -> list[Event]:
        """Judge what a person did with an offer. Raises `Refused` when the account never had it."""
        if not self.holdings.knows(response.account):
            raise Refused("unknown_offer")
        account = self.holdings.account(response.account)
        return life.respond(Situation(response.account, account, self.rules, now), response)

    def timer(self, account: str, held: Slice, reached: int, now: int) -> list[Event]:
        """Let time pass for one slice."""
        for moment in self.rules.onboardings:
            state = held.moments.get(moment.name)
            if isinstance(state, OnboardingState):
                due = moments.deadline(moment, state)
                if due is not None and due <= reached:
                    held.moments[moment.name] = OnboardingState(state.done, "abandoned")
        if not isinstance(held, Account):
            return []
        return life.expire(Situation(account, held, self.rules, now), reached)

    def sweep(self, account: str, now: int) -> list[Event]:
        """Take back what this version does not make any more."""
        return life.revoke_gone(Situation(account, self.holdings.account(account), self.rules, now))

    def due(self, held: Slice) -> int | None:
        """When `timer` next has something to do with a slice."""
        times = [moments.deadline(moment, _onboarding(held, moment)) for moment in self.rules.onboardings]
        if isinstance(held, Account):
            times.extend(offer.expires_at for offer in held.open())
        return min((time for time in times if time is not None), default=None)


def _notice(account: Account, now: int) -> None:
    if account.first_seen is None:
        account.first_seen = now


def _onboarding(holder: Slice, moment: Moment) -> OnboardingState:
    state = holder.moments.get(moment.name)
    return state if isinstance(state, OnboardingState) else OnboardingState()


def _milestone(holder: Slice, moment: Moment, stood: Decimal, after: Standing, usage: Message) -> Fired | None:
    before, reaches = holder.moments.get(moment.name), moment.reaches
    passed = isinstance(before, MilestoneState) and before.passed
    if passed or reaches is None or max(stood, after.value) < reaches:
        return None
    holder.moments[moment.name] = MilestoneState(passed=True)
    if stood >= reaches:  # what had been reached before anybody looked is old news
        return None
    user = usage.data["user"] if isinstance(holder, User) else None
    return Fired(moment, usage.at, user, after.value, period=after.period)


def _amount(meter: Meter, usage: Message) -> Decimal:
    """How much an event moves a meter, or for a maximum what is compared."""
    if meter.kind == "count":
        by = _countable(usage.data["quantity"])
        return by if usage.type == meter.of else by.copy_negate()
    if meter.prop in ("quantity", None):
        return _countable(usage.data["quantity"])
    value = usage.data["properties"].get(meter.prop)
    if value is None and meter.may_lack:
        return ZERO
    if value is None or isinstance(value, str | bool):
        raise Refused("invalid")
    return _countable(value)


def _countable(number: Decimal) -> Decimal:
    counted = countable(number)
    if counted is None:
        raise Refused("invalid")
    return counted


def _moved(meter: Meter, holder: Slice, account: Account, by: Decimal, at: int) -> tuple[Decimal, Standing] | None:
    """Where a meter stands before and after an event; None when it is of no billing period that is known."""
    start = None
    if meter.span == BILLING_PERIOD:
        period = account.period()
        if period is None or not period.holds(at):
            return None
        start = period.starts
    standing = holder.meters.get(meter.key)
    before = standing.value if standing is not None and standing.period == start else ZERO
    after = max(before, by) if meter.kind == "max" else _countable(plus(before, by))
    return before, Standing(after, start)
