"""What one input means under one version of the set: the slices it changes, and what there is to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle import becoming, fitting, ids, life
from oracle.deciding import prices
from oracle.deciding.decide import Cause, decide
from oracle.detecting import limits, on_events, on_facts, on_meters, onboardings, timers, trends
from oracle.detecting.outcomes import outcomes
from oracle.detecting.scene import Scene
from oracle.detecting.usage import Moved, count, keep, parts_of
from oracle.facts import fold
from oracle.ids import Part
from oracle.language.moment import Becomes
from oracle.life import Changes
from oracle.messages import Refused
from oracle.records import RESPONSES, USAGE
from oracle.state import Account
from oracle.telling import Event, accepted, erased
from oracle.times import told

if TYPE_CHECKING:
    from oracle.at import At
    from oracle.detecting.fired import Fired
    from oracle.holdings import Due, Holdings
    from oracle.language.rules import Rules
    from oracle.messages import Message
    from oracle.state import Slice


class Core:
    """One version of the set, and the slices of one partition."""

    def __init__(self, rules: Rules, holdings: Holdings, partition: int) -> None:
        self.rules = rules
        self.holdings = holdings
        self._partition = partition

    def scene(self, account: str, at: At, held: Account | None = None) -> Scene:
        """One account, as it is kept; or as ``held``."""
        found = self.holdings.account(account) if held is None else held
        return Scene(account, found, self.holdings, self.rules, at)

    # --- usage ----------------------------------------------------------------------------------

    def count(self, usage: Message, at: At) -> tuple[Scene, list[Moved]] | None:
        """What ``usage`` would do to meters, None when it is not of this set; changes nothing.

        Raises `Refused` when a meter can not read it.
        """
        if usage.type not in self.rules.feeds:
            return None
        scene = self.scene(usage.account, at)
        return scene, count(scene, usage)

    def usage(self, usage: Message, scene: Scene, counted: list[Moved]) -> list[Event]:
        """Take what was counted; decide when a moment fires, or one that is held may have waited for it."""
        feed, at = self.rules.feeds[usage.type], usage.at
        if feed.is_empty and not scene.account.held:
            return []
        is_first = not feed.is_empty and scene.notice()
        fired = [*(onboardings.created(scene).fired if is_first else ()), *limits.attempts(scene, feed.attempts, usage)]
        was = becoming.asked(scene, feed.becomes)
        for moved in counted:
            keep(scene, moved)
            if moved.trends:
                trends.add(scene, moved, at)
            if moved.moments:
                fired += on_meters.watch(scene, moved, at)
        changes, looks = Changes([], []), feed.quiets and bool(scene.account.open())
        if not feed.is_plain:
            steps = onboardings.steps(scene, feed.onboardings, usage)
            fired += [*steps.fired, *on_events.sequences(scene, feed.sequences, usage)]
            undone = on_events.answer(scene, feed.absences, usage)
            fired += becoming.look(scene, feed.becomes, was, at)
            looks = looks or undone or steps.begun
        if looks:
            changes = fitting.revoke_unfit(scene)
        if not fired and not changes.events and not changes.judged and not scene.account.held:
            return []
        return _settled(scene, fired, changes, self._cause(USAGE, usage, scene.at))

    def sets_timers(self, usage: Message) -> bool:
        """Whether a timer may run from an event though nothing else comes of it."""
        feed = self.rules.feeds.get(usage.type)
        return feed is not None and (feed.sets_timers or self.rules.runs_from_the_start)

    def parts(self, usage: Message) -> list[Part]:
        """The parts of its account that an event may mean something for."""
        return parts_of(self.rules, usage) if usage.type in self.rules.feeds else []

    def _cause(self, stream: str, message: Message, at: At) -> Cause:
        return {
            "stream": stream,
            "partition": self._partition,
            "offset": at.offset,
            "event_id": message.id,
            "event_type": message.type,
            "event_time": told(message.at),
        }

    # --- facts ----------------------------------------------------------------------------------

    def fact(self, fact: Message, at: At) -> list[Event]:
        """Take an account fact. Raises `Refused` when it can not be true, or kept."""
        if fact.type == "rung.account_erased":
            self.holdings.erase(fact.account, fact.at)
            return [erased(fact, at.now), accepted(fact, at.now)]
        scene, user = self.scene(fact.account, at), fact.data.get("user")
        part = None if user is None else Part(user)
        stands = on_facts.stands(scene, fact) if fact.type == "rung.meter_set" else None
        becomes = self.rules.every(Becomes)
        was = becoming.asked(scene, becomes) if scene.account.first_seen is not None else {}
        changed = fold(scene.holder(part), fact, self.rules.product.repeats)
        if not changed:
            return []
        scene = self.scene(fact.account, at)
        is_known = scene.notice() or "created" in changed
        if stands is not None:
            on_facts.stand(scene, stands)
        on_facts.begin_period(scene)
        fired = [*(onboardings.created(scene).fired if is_known else ()), *on_facts.watch(scene, fact, changed, part)]
        fired += becoming.look(scene, becomes, was, fact.at)
        told_of = self._accepted(scene.account, fact, at)
        changes = fitting.revoke_unfit(scene)
        return [told_of, *_settled(scene, fired, changes, self._cause(USAGE, fact, at))]

    def _accepted(self, account: Account, fact: Message, at: At) -> Event:
        """A fact as told, with the account's bill since, and what was paid once by it."""
        product = self.rules.product
        paid = {"monthly": prices.whole(account, product), "once": prices.once(fact, account, product)}
        bill = {name: None if cost is None else prices.told(cost) for name, cost in paid.items()}
        return accepted(fact, at.now, product.currency, **bill)

    # --- responses, time, another version -------------------------------------------------------

    def response(self, response: Message, at: At) -> list[Event]:
        """Judge what a person did with an offer. Raises `Refused` when the account never had it."""
        if not self.holdings.knows(response.account):
            raise Refused("unknown_offer")
        scene = self.scene(response.account, at)
        judged = life.respond(scene, response)
        if not judged.events:
            return []
        revoked = fitting.revoke_unfit(scene)
        changes = Changes([*judged.events, *revoked.events], [*judged.judged, *revoked.judged])
        return _settled(scene, [], changes, self._cause(RESPONSES, response, at))

    def timer(self, due: Due, at: At) -> list[Event]:
        """Let time pass for an account, or a part of it, up to when something was due."""
        scene = self.scene(due.account, at._replace(now=max(at.now, due.at)))
        holder = scene.holder(due.part)
        before = dict(holder.moments)
        fired = timers.fire(scene, due.part, due.at)
        fired += becoming.fire(scene, due.at) if due.part is None else []
        ended = fitting.pass_time(scene, due.at) if due.part is None else Changes([], [])
        alone = not ended.events and before == holder.moments
        return _settled(scene, fired, ended, self._timer, alone=alone)

    def sweep(self, account: str, at: At, held: Account | None = None) -> list[Event]:
        """Take back what this version does not make any more, and decide again what is held; of ``held``, if given."""
        scene = self.scene(account, at, held)
        return _settled(scene, [], fitting.revoke_unfit(scene), self._timer)

    @property
    def _timer(self) -> Cause:
        return {"stream": "timer", "partition": self._partition}

    def due(self, key: bytes, held: Slice, at: At) -> int | None:
        """When `timer` next has something to do with a slice."""
        account = held if isinstance(held, Account) else None
        scene = self.scene(ids.account_of(key), at, account)
        times = [timers.due(scene, held)]
        if account is not None:
            times += [fitting.due(scene), *becoming.due(scene)]
        return min((time for time in times if time is not None), default=None)


def _settled(scene: Scene, fired: list[Fired], changes: Changes, cause: Cause, *, alone: bool = False) -> list[Event]:
    """What one input comes to: what became of offers, and one decision of all that it fired."""
    of_offers = outcomes(scene, changes.judged)
    return [*changes.events, *decide([*fired, *of_offers], scene, cause, alone=alone)]
