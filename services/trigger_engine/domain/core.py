"""The core: what one input does to an account, and what there is to tell. No await, clock, chance or I/O.

The shell hands in the slices that the input names, the input, and the time; it gets back events, in order. The slices
are changed in place; whoever wants to take that back keeps their bytes.
"""

from decimal import Decimal
from typing import Protocol

from schemas.dead_letters import DeadLetterReason
from schemas.envelope import Envelope
from schemas.facts import AccountErased, Fact, MeterSet, OnboardingAbandoned, OnboardingCompleted, OnboardingStarted
from schemas.responses import Responded
from services.trigger_engine.domain import facts, life
from services.trigger_engine.domain.account import BOUGHT, ENDED, PRODUCT, AccountSlice, Part, UserSlice
from services.trigger_engine.domain.deciding.candidate import Cause
from services.trigger_engine.domain.deciding.deciding import decide
from services.trigger_engine.domain.inputs import Clocks, Impossible, Origin, Usage
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.meters.meter import MeterChange, MeterState, amount, baseline, moved
from services.trigger_engine.domain.moments import limit, milestone, onboarding
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.offers import (
    LimitMoment,
    MilestoneMoment,
    OnboardingMoment,
    OnboardingOf,
)
from services.trigger_engine.domain.playbook.product import MeterDefinition, Span
from services.trigger_engine.domain.playbook.sets import CompiledSet, Feed
from services.trigger_engine.domain.quiet import draw_lane, forget_lanes
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.telling import accepted, erased

MOVES_LIMITS = ("plan", "seats", "limit:", PRODUCT, BOUGHT, ENDED, "period", "baseline:")
"""Slots of facts that can move a meter's limit, its period, or what it stands at."""


class Slices(Protocol):
    """The state slices of one task. What is asked for is about to change."""

    def account(self, account: str) -> AccountSlice:
        """The account's slice, a new one when it was never seen."""

    def user(self, account: str, user: str) -> UserSlice:
        """The slice of one of its users, a new one when never seen."""

    def group(self, account: str, prop: str, value: str) -> UserSlice:
        """The slice of those of whom the property ``prop`` is ``value``, a new one when there were none."""

    def erase(self, account: str, at: int) -> None:
        """Forget the account and all its parts, but for a marker that what is from before ``at`` is to be refused."""


class Core:
    """Detects and decides by one version of the set."""

    def __init__(self, rules: CompiledSet) -> None:
        self.rules = rules
        self._timed = frozenset(event for event, feed in rules.feeds.items() if feed.onboardings)
        self._repeats = frozenset(name for name, sold in rules.product.products.items() if sold.repeat)

    # --- usage ----------------------------------------------------------------------------------

    def feeds(self, event_type: str) -> bool:
        """Whether an event of this type can change anything."""
        feed = self.rules.feeds.get(event_type)
        return feed is not None and bool(feed.meters or feed.onboardings)

    def sets_timers(self, event_type: str) -> bool:
        """Whether an event of this type can set or stop a timer even when nothing comes of it."""
        return event_type in self._timed

    def parts(self, usage: Usage) -> tuple[Part, ...]:
        """The parts of its account that this event may be counted for."""
        feed = self.rules.feeds.get(usage.type)
        return (Part(usage.user),) if feed is not None and feed.by_user and usage.user is not None else ()

    def check(self, slices: Slices, usage: Usage) -> None:
        """Raise `Impossible` when `on_usage` would: what is refused must not even move a clock."""
        feed = self.rules.feeds.get(usage.type)
        if feed is not None:
            account = slices.account(usage.account)
            user = slices.user(usage.account, usage.user) if feed.by_user and usage.user is not None else None
            self._changes(feed, account, user, usage)

    def on_usage(self, slices: Slices, usage: Usage, origin: Origin, clocks: Clocks) -> list[Envelope]:
        """Count a usage event; raises `Impossible`, with nothing changed, when a meter can not read it."""
        feed = self.rules.feeds.get(usage.type)
        if feed is None:
            return []
        account = slices.account(usage.account)
        user = slices.user(usage.account, usage.user) if feed.by_user and usage.user is not None else None
        changes = self._changes(feed, account, user, usage)
        _notice(account, clocks)
        fired: list[Passed] = []
        for (_, moments), change in zip(feed.meters, changes, strict=True):
            if change is None:
                continue
            (user if change.meter.by_user and user is not None else account).meters[change.meter.key] = change.state
            for moment in moments:
                fired.extend(self._watch(account, user, moment, change, usage.user))
        fired.extend(self._steps(account, user, feed, usage))
        draw_lane(self.rules, feed, account, user, (usage.type, usage.user))
        if not fired:
            return []
        cause = Cause(origin, usage.id, usage.type, usage.at)
        return decide(fired, self._situation(usage.account, account, clocks, user), cause)

    def _changes(
        self, feed: Feed, account: AccountSlice, user: UserSlice | None, usage: Usage
    ) -> list[MeterChange | None]:
        """How far the event moves each meter that it feeds; nothing has changed when it raises `Impossible`."""
        amounts = [amount(meter, usage) for meter, _ in feed.meters]
        return [
            self._count(account, user, meter, by, usage.at) for (meter, _), by in zip(feed.meters, amounts, strict=True)
        ]

    def _count(
        self, account: AccountSlice, user: UserSlice | None, meter: MeterDefinition, by: Decimal, at: int
    ) -> MeterChange | None:
        holder = user if meter.by_user else account
        if holder is None:  # an event without a user moves no user's meter
            return None
        start = None
        if meter.span is Span.BILLING_PERIOD:
            period = account.period()
            if period is None or not period.holds(at):  # of no period that is known: nothing to count it in
                return None
            start = period.starts
        return moved(meter, holder.meters.get(meter.key, MeterState(period=start)), by, at, start)

    def _watch(
        self,
        account: AccountSlice,
        user: UserSlice | None,
        moment: LimitMoment | MilestoneMoment,
        change: MeterChange,
        name: str | None,
    ) -> list[Passed]:
        if isinstance(moment, LimitMoment):
            return self._limit(account, moment, change.meter, change.at)
        holder = user if change.meter.by_user and user is not None else account
        before = holder.moments.get(moment.name)
        state, fires = milestone.observe(
            moment, before if isinstance(before, milestone.MilestoneState) else milestone.MilestoneState(), change.after
        )
        if not fires:  # what was not passed is not kept: most milestones are far away from most accounts
            return []
        holder.moments[moment.name] = state
        who = name if change.meter.by_user else None
        return [Passed(moment, change.at, who, change.after, period=change.period)]

    def _limit(self, account: AccountSlice, moment: LimitMoment, meter: MeterDefinition, at: int) -> list[Passed]:
        product = self.rules.product
        counted = account.meters.get(meter.key, MeterState())
        allowed = account.limit(meter.name, product)
        state = account.moments.get(moment.name)
        state, step = limit.observe(
            moment,
            state if isinstance(state, limit.LimitState) else limit.LimitState(),
            limit.LimitReading(counted.value, allowed, account.plan(product), counted.period),
        )
        account.moments[moment.name] = state
        if step is None:
            return []
        return [Passed(moment, at, None, counted.value, allowed, step, counted.period, state.arm)]

    def _steps(self, account: AccountSlice, user: UserSlice | None, feed: Feed, usage: Usage) -> list[Passed]:
        fired = []
        for moment in feed.onboardings:
            holder = user if moment.of is OnboardingOf.USER else account
            if holder is None:
                continue
            state, completed = onboarding.observe(moment, _onboarding(holder, moment), usage.type, usage.at)
            holder.moments[moment.name] = state
            if completed is not None:
                fired.append(Passed(moment, completed, usage.user if holder is user else None))
        return fired

    # --- facts ----------------------------------------------------------------------------------

    def on_fact(self, slices: Slices, fact: Fact, origin: Origin, clocks: Clocks) -> list[Envelope]:
        """Take an account fact; raises `Impossible`, with nothing changed, when it can not be kept."""
        if isinstance(fact, AccountErased):
            slices.erase(fact.subject, to_us(fact.time))
            return [erased(fact, clocks.now), accepted(fact, clocks.now)]
        account, name = slices.account(fact.subject), facts.whose(fact)
        user = slices.user(fact.subject, name) if name is not None else None
        stands = self._stands(account, fact) if isinstance(fact, MeterSet) else None
        changed = facts.fold(account if user is None else user, fact, self._repeats)
        if not changed:
            return []
        _notice(account, clocks)
        forget_lanes(account)
        at = to_us(fact.time)
        if stands is not None:
            self._stand(account, *stands)
        self._new_period(account)
        fired: list[Passed] = []
        if any(slot.startswith(MOVES_LIMITS) for slot in changed):
            for moment, meter in self.rules.limits:
                fired.extend(self._limit(account, moment, meter, at))
        fired.extend(self._told_onboarding(account if user is None else user, fact, at))
        events: list[Envelope] = [accepted(fact, clocks.now)]
        if fired:
            cause = Cause(origin, fact.id, fact.type, at)
            events.extend(decide(fired, self._situation(fact.subject, account, clocks, user), cause))
        return events

    def _stands(self, account: AccountSlice, fact: MeterSet) -> tuple[MeterDefinition, MeterState | None]:
        """The meter and what it stands at by ``fact``; None when that is of a billing period other than the present."""
        meter = self.rules.product.meters.get(fact.data.meter)
        if meter is None or meter.by_user:
            raise Impossible(DeadLetterReason.INVALID, "data.meter: no meter of accounts has this name")
        if meter.span is Span.EVER:
            return meter, baseline(meter, fact.data.value, None)
        period = account.period()
        present = period is not None and period.holds(to_us(fact.data.as_of))
        return meter, baseline(meter, fact.data.value, period.starts) if period is not None and present else None

    def _stand(self, account: AccountSlice, meter: MeterDefinition, state: MeterState | None) -> None:
        """Stand where another system had counted to. Milestones below it are old news and pass silently."""
        if state is None:
            return
        account.meters[meter.key] = state
        for moment in self.rules.moments.values():
            if isinstance(moment, MilestoneMoment) and moment.meter == meter.name and state.value >= moment.reaches:
                account.moments[moment.name] = milestone.MilestoneState(passed=True)

    def _new_period(self, account: AccountSlice) -> None:
        """Begin again the meters that count by billing period, when another one was announced."""
        period = account.period()
        if period is None:
            return
        for meter in self.rules.product.meters.values():
            if meter.span is not Span.BILLING_PERIOD or meter.by_user:
                continue
            state = account.meters.get(meter.key)
            if state is None or state.period != period.starts:
                account.meters[meter.key] = MeterState(period=period.starts)

    def _told_onboarding(self, holder: AccountSlice | UserSlice, fact: Fact, at: int) -> list[Passed]:
        """The customer's own word completes, gives up or begins what was detected."""
        if not isinstance(fact, OnboardingStarted | OnboardingCompleted | OnboardingAbandoned) or fact.data.product:
            return []  # nothing here watches the onboarding of a product yet
        of = OnboardingOf.ACCOUNT if isinstance(holder, AccountSlice) else OnboardingOf.USER
        status = onboarding.OnboardingStatus(str(holder.facts[facts.onboarding_slot(fact.data)].value))
        fired = []
        for moment in self.rules.onboardings:
            if moment.of is of:
                state, completes = onboarding.told(_onboarding(holder, moment), status)
                holder.moments[moment.name] = state
                if completes:
                    fired.append(Passed(moment, at, fact.data.user))
        return fired

    # --- responses and time ---------------------------------------------------------------------

    def on_response(self, slices: Slices, response: Responded, origin: Origin, clocks: Clocks) -> list[Envelope]:
        """Judge what a person did with an offer; raises `Impossible` when the account never had it."""
        del origin
        return life.respond(self._situation(response.subject, slices.account(response.subject), clocks), response)

    def on_timer(self, slices: Slices, account: str, part: Part | None, reached: int, clocks: Clocks) -> list[Envelope]:
        """Let time pass for the account, or for one part of it: all that was due by ``reached``."""
        state = part_of(slices, account, part)
        for moment in self.rules.onboardings:
            known = state.moments.get(moment.name)
            if isinstance(known, onboarding.OnboardingState):
                state.moments[moment.name] = onboarding.timed_out(moment, known, reached)
        if isinstance(state, AccountSlice):
            return list(life.expire(self._situation(account, state, clocks), reached))
        return []

    def is_outdated(self, state: AccountSlice) -> bool:
        """Whether the account has an open offer that this version of the set does not make any more."""
        return any(life.why_gone(offer, self.rules) is not None for offer in state.open_offers())

    def on_switch(self, slices: Slices, account: str, clocks: Clocks) -> list[Envelope]:
        """Bring an account over to this version of the set: offers that it does not make any more are taken back."""
        return list(life.revoke_gone(self._situation(account, slices.account(account), clocks)))

    def due(self, account: AccountSlice, state: AccountSlice | UserSlice) -> int | None:
        """When `on_timer` next has something to do for ``state``: the ``account``'s own, or that of a part of it.

        Microseconds since 1970 UTC; None when never.
        """
        del account
        times = [
            deadline
            for moment in self.rules.onboardings
            if (deadline := _onboarding(state, moment).deadline(moment)) is not None
        ]
        if isinstance(state, AccountSlice):
            times.extend(offer.expires_at for offer in state.open_offers())
        return min(times, default=None)

    def _situation(self, name: str, account: AccountSlice, clocks: Clocks, user: UserSlice | None = None) -> Situation:
        return Situation(name, account, self.rules, clocks.now, user, clocks.floor)


def part_of(slices: Slices, account: str, part: Part | None) -> AccountSlice | UserSlice:
    """The slice of the account, or of one part of it."""
    if part is None:
        return slices.account(account)
    return slices.user(account, part.name) if part.prop is None else slices.group(account, part.prop, part.name)


def _notice(account: AccountSlice, clocks: Clocks) -> None:
    if account.first_seen is None:
        account.first_seen = clocks.now


def _onboarding(holder: AccountSlice | UserSlice, moment: OnboardingMoment) -> onboarding.OnboardingState:
    state = holder.moments.get(moment.name)
    return state if isinstance(state, onboarding.OnboardingState) else onboarding.OnboardingState()
