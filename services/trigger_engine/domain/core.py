"""The core: what one input does to an account, and what there is to tell. No await, clock, chance or I/O.

The shell hands in the slices that the input names, the input, and the time; it gets back events, in order. The slices
are changed in place; whoever wants to take that back keeps their bytes.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.envelope import Envelope
from schemas.facts import AccountErased, Fact, MeterSet
from schemas.probe import is_probe
from schemas.responses import Responded
from services.trigger_engine.domain import facts, life
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.deciding import holding
from services.trigger_engine.domain.deciding.candidate import Cause
from services.trigger_engine.domain.deciding.deciding import decide
from services.trigger_engine.domain.ending import Changes
from services.trigger_engine.domain.inputs import Clocks, Origin, Usage
from services.trigger_engine.domain.instants import earliest, to_us
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.playbook.moments import BecomesMoment, TenureMoment
from services.trigger_engine.domain.playbook.probe import probe_set
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.pricing import paid, paid_once
from services.trigger_engine.domain.quiet import draw_lane, draws_lane, forget_lanes
from services.trigger_engine.domain.situation import Parts, Situation
from services.trigger_engine.domain.slices import Holder, Slices
from services.trigger_engine.domain.telling import accepted, erased
from services.trigger_engine.domain.watching import (
    becoming,
    counting,
    limits,
    on_events,
    on_facts,
    on_meters,
    onboardings,
    timers,
)
from services.trigger_engine.domain.watching.outcomes import outcomes
from services.trigger_engine.domain.watching.scene import Scene


class Due(NamedTuple):
    """Something is due, of the account or of a part of it, at ``at`` (microseconds since 1970 UTC)."""

    account: str
    part: Part | None
    at: int


class Core:
    """Detects and decides by one version of the set; `of` says who does so for an account."""

    def __init__(self, rules: CompiledSet, *, for_probe: bool = False) -> None:
        self.rules = rules
        self._probe = self if for_probe else Core(probe_set(rules.version), for_probe=True)
        self._begins = self.times_all or any(moment.starts for moment in rules.onboardings)
        self._repeats = frozenset(name for name, sold in rules.product.products.items() if sold.repeat)

    def of(self, account: str) -> "Core":
        """Who judges this account: those of the probe have a set of their own, under the version in force."""
        return self._probe if is_probe(account) else self

    @property
    def times_all(self) -> bool:
        """Whether a timer may run for an account of which nothing is kept that says so."""
        by_time = any(moment.by_time for moment in self.rules.every(BecomesMoment))
        return by_time or bool(self.rules.every(TenureMoment))

    # --- usage ----------------------------------------------------------------------------------

    def feeds(self, event_type: str) -> bool:
        """Whether an event of this type can change anything."""
        feed = self.rules.feeds.get(event_type)
        return feed is not None and not feed.is_empty

    def sets_timers(self, event_type: str) -> bool:
        """Whether an event of this type can set or stop a timer even when nothing comes of it.

        Where a timer runs from when an account began, each can: it may be the first that is heard of it.
        """
        feed = self.rules.feeds.get(event_type)
        return feed is not None and (feed.sets_timers or self._begins)

    def parts(self, usage: Usage) -> Iterable[Part]:
        """The parts of its account that this event, which was counted, may mean something for."""
        feed = self.rules.feeds.get(usage.type)
        return () if feed is None else counting.parts_of(feed, usage)

    def draws_lane(self, account: AccountSlice, event_type: str) -> bool:
        """Whether events of this type may be counted without asking, as far as the account tells by itself."""
        feed = self.rules.feeds.get(event_type)
        # who sends usage of the probe is looked at each time, which the quick way does not
        return feed is not None and self._probe is not self and draws_lane(self.rules, feed, account, event_type)

    def check(self, slices: Slices, usage: Usage, clocks: Clocks) -> None:
        """Raise `Impossible` when `on_usage` would: what is refused must not even move a clock."""
        feed = self.rules.feeds.get(usage.type)
        if feed is not None:
            counting.count(self._scene(slices, usage.account, clocks), feed, usage)

    def on_usage(self, slices: Slices, usage: Usage, origin: Origin, clocks: Clocks) -> list[Envelope]:
        """Count a usage event; raises `Impossible`, with nothing changed, when a meter can not read it."""
        feed = self.rules.feeds.get(usage.type)
        if feed is None:
            return []
        scene = self._scene(slices, usage.account, clocks)
        counted = counting.count(scene, feed, usage)
        fired = onboardings.created(scene) if not feed.is_empty and scene.notice() else []
        fired.extend(limits.attempts(scene, feed, usage))
        asked = becoming.asked(scene, feed.becomes)
        for one in counted:
            counting.keep(scene, one)
            fired.extend(on_meters.watch(scene, one, usage.at))
        was = onboardings.under_way(scene, feed, usage)
        fired.extend(onboardings.steps(scene, feed, usage))
        begins = any(name not in was for name in onboardings.under_way(scene, feed, usage))
        fired.extend(on_events.sequences(scene, feed, usage))
        undone = on_events.answer(scene, feed, usage)
        fired.extend(becoming.look(scene, feed.becomes, asked, usage.at))
        user = slices.user(usage.account, usage.user) if feed.by_user and usage.user is not None else None
        if self._probe is not self:  # who sends usage of the probe is looked at each time, which the quick way does not
            draw_lane(self.rules, feed, scene.account, user, (usage.type, usage.user))
        looks = begins or undone or (feed.quiets and bool(scene.account.open_offers()))
        if not (fired or looks or scene.account.held):
            return []
        revoked = life.revoke_unfit(scene.situation(user)) if looks else Changes()
        return _settled(scene, fired, revoked, Cause(origin, usage.id, usage.type, usage.at), user)

    # --- facts ----------------------------------------------------------------------------------

    def on_fact(self, slices: Slices, fact: Fact, origin: Origin, clocks: Clocks) -> list[Envelope]:
        """Take an account fact; raises `Impossible`, with nothing changed, when it can not be kept."""
        if isinstance(fact, AccountErased):
            slices.erase(fact.subject, to_us(fact.time))
            return [erased(fact, clocks.now), accepted(fact, clocks.now)]
        scene, about = self._scene(slices, fact.subject, clocks), facts.whose(fact)
        part = None if about is None else Part(about)
        stands = on_facts.stands(scene, fact) if isinstance(fact, MeterSet) else None
        becomes = self.rules.every(BecomesMoment)
        asked = becoming.asked(scene, becomes) if scene.account.first_seen is not None else {}
        holder = scene.holder(part)
        before = holder.facts
        changed = facts.fold(holder, fact, self._repeats)
        if not changed:
            return []
        scene = scene.fresh()
        scene.reached(Bound.TICKET_FORGOTTEN, facts.tickets_forgotten(before, changed, holder.facts))
        began = scene.notice() or "created" in changed
        forget_lanes(scene.account)
        if stands is not None:
            on_facts.stand(scene, stands)
        on_facts.begin_period(scene)
        fired = [*(onboardings.created(scene) if began else []), *on_facts.watch(scene, fact, changed, part)]
        fired.extend(becoming.look(scene, becomes, asked, to_us(fact.time)))
        user = slices.user(fact.subject, about) if about is not None else None
        situation = scene.situation(user)
        pays, once = paid(situation).told, paid_once(situation, fact)
        told = accepted(fact, clocks.now, self.rules.product.currency, monthly=pays, once=once)
        revoked = life.revoke_unfit(situation)
        cause = Cause(origin, fact.id, fact.type, to_us(fact.time))
        return [told, *_settled(scene, fired, revoked, cause, user)]

    # --- responses and time ---------------------------------------------------------------------

    def on_response(self, slices: Slices, response: Responded, origin: Origin, clocks: Clocks) -> list[Envelope]:
        """Judge what a person did with an offer; raises `Impossible` when the account never had it."""
        scene = self._scene(slices, response.subject, clocks)
        judged = life.respond(scene.situation(), response)
        if not judged.events:
            return []
        changes = judged.also(life.revoke_unfit(scene.situation()))
        return _settled(scene, [], changes, Cause(origin, response.id, response.type, to_us(response.time)))

    def on_timer(self, slices: Slices, due: Due, origin: Origin, clocks: Clocks) -> list[Envelope]:
        """Let time pass for an account, or for one part of it, up to when something was ``due``."""
        scene = self._scene(slices, due.account, Clocks(max(clocks.now, due.at), clocks.floor))
        before = dict(scene.holder(due.part).moments)
        fired = timers.fire(scene, due.part, due.at)
        user = slices.user(due.account, due.part.name) if due.part is not None and due.part.prop is None else None
        ended = life.pass_time(scene.situation(user), due.at) if due.part is None else Changes()
        alone = not ended.events and before == scene.holder(due.part).moments
        return _settled(scene, fired, ended, Cause(origin, alone=alone), user)

    def is_outdated(self, account: str, state: AccountSlice, parts: Parts, clocks: Clocks) -> bool:
        """Whether `on_switch` would mean something for its open offers, or for a moment that is held."""
        situation = Situation(account, state, self.rules, clocks.now, None, clocks.floor, parts)
        return life.is_unfit(situation) or holding.stands_otherwise(situation)

    def on_switch(self, slices: Slices, account: str, origin: Origin, clocks: Clocks) -> list[Envelope]:
        """Bring an account over to this version of the set: what it does not offer any more is taken back.

        What is held is looked at, and decided where this version has other reasons.
        """
        scene = self._scene(slices, account, clocks)
        return _settled(scene, [], life.revoke_unfit(scene.situation()), Cause(origin))

    def due(self, account: AccountSlice, state: Holder) -> int | None:
        """When `on_timer` next has something to do for ``state``: the ``account``'s own, or that of a part of it.

        Microseconds since 1970 UTC; None when never.
        """
        times = [timers.due(self.rules, account, state)]
        if isinstance(state, AccountSlice):
            times.append(life.due(state, self.rules))
        return earliest(times)

    # --- what all of them need ------------------------------------------------------------------

    def _scene(self, slices: Slices, account: str, clocks: Clocks) -> Scene:
        return Scene.of(account, slices, self.rules, clocks)


def _settled(
    scene: Scene, fired: Sequence[Passed], changes: Changes, cause: Cause, user: UserSlice | None = None
) -> list[Envelope]:
    """All that one input comes to: what became of offers, and one decision of all that it fired."""
    of_offers = outcomes(scene, changes.judged)
    return [*changes.events, *decide([*fired, *of_offers], scene.situation(user), cause)]
