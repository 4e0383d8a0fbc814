"""Time passes for accounts that nothing happens to: timers fire, and another version of the set comes into force."""

from typing import Literal

from schemas.journal import Segment
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Clocks, Origin
from services.trigger_engine.metrics import Stream
from services.trigger_engine.runtime.looking import Looking
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.outbox import Outbox, public
from services.trigger_engine.runtime.pacing import Pace
from services.trigger_engine.runtime.rules import Rules, Told


class Timing:
    """Lets time pass for one partition.

    ``pace``: how many timers fire in one go. Any number may be due at one instant, midnight above all. ``fired``: how
    many the last go was.
    """

    def __init__(self, rules: Rules, memory: Memory, outbox: Outbox, told: Told) -> None:
        self.pace = Pace(rules.most_timers)
        self.fired = 0
        self._rules = rules
        self._slices = memory.slices
        self._looking = Looking(memory.slices)
        self._progress = memory.progress
        self._outbox = outbox
        self._clock = told.clock
        self._metrics = told.metrics

    def tick(self, core: Core) -> bool:
        """Let time pass for silent accounts: both inputs are read to their end, so now is the time. Journaled.

        Whether more is due than fits into one go: another tick should follow.
        """
        if self._rules.by_log:
            return False
        reached = max(self._progress.now, self._clock.now_us())
        due = self._slices.next_due()
        if due is None or due > reached:
            return False
        self._progress.now = reached
        is_cut = self.fire(core, reached)
        timers = self.fired if is_cut else None
        self._outbox.segments.append(Segment(stream=Stream.TICK.value, now=reached, timers=timers))
        return is_cut

    def sweep(self, core: Core, accounts: list[str]) -> None:
        """Bring these accounts over to the version in force. Journaled are those for which it meant something."""
        if not accounts:
            return
        now = self._progress.stream_time
        if not self._rules.by_log:
            now = self._progress.now = max(self._progress.now, self._clock.now_us())
        clocks, touched = Clocks(now, self._progress.floor), []
        origin = Origin("timer", self._rules.partition)
        for account in accounts:
            seen, judge = self._slices.peek(account), core.of(account)
            if seen is None or not self._is_behind(judge, account, seen, clocks):
                continue
            for event in public(judge.on_switch(self._slices, account, origin, clocks)):
                self._outbox.event(event)
                self._metrics.told(event)
            touched.append(account)
            self._slices.reschedule(core, account)
        if touched:
            journaled: int | Literal["log"] = "log" if self._rules.by_log else now
            self._outbox.segments.append(Segment(stream=Stream.SWEEP.value, now=journaled, accounts=tuple(touched)))

    def _is_behind(self, core: Core, account: str, seen: AccountSlice, clocks: Clocks) -> bool:
        """Whether the version in force means something for an account that nothing happens to."""
        behind = core.is_outdated(account, seen, self._looking, clocks)
        return behind or not self._slices.is_due(account, core.due(seen, seen))

    def fire(self, core: Core, reached: int) -> bool:
        """Run the timers that are due by ``reached``, before the input that got us there, each at its own time.

        As many as fit into one go, `pace`; whether more are due. So many timers are journaled only then.
        """
        origin, fired, began = Origin("timer", self._rules.partition), 0, self._clock.monotonic()
        for due in self._slices.fire(core, reached, self.pace.size):
            judge = core.of(due.account)
            clocks = self._progress.clocks(due.at, by_log=self._rules.by_log)
            for event in public(judge.on_timer(self._slices, due, origin, clocks)):
                self._outbox.event(event)
                self._metrics.told(event)
            fired += 1
        self.fired = fired
        self.pace.took(fired, self._clock.monotonic() - began)
        left = self._slices.next_due()
        return left is not None and left <= reached
