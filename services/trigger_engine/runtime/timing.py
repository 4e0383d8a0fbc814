"""Time passes for accounts that nothing happens to: timers fire, and another version of the set comes into force."""

from collections.abc import Sequence
from typing import Final, Literal

from schemas.envelope import Envelope
from schemas.journal import Segment
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Clocks, Origin
from services.trigger_engine.metrics import Stream
from services.trigger_engine.runtime.looking import Looking
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.outbox import Outbox, public
from services.trigger_engine.runtime.pacing import MOST, Pace
from services.trigger_engine.runtime.rules import Rules, Told

ENDLESS: Final = 2**62


class Timing:
    """Lets time pass for one partition.

    ``pace``: how many timers fire in one go. Any number may be due at one instant, midnight above all. ``fired``: how
    many did before the last input, or in the last tick. ``apart``: what they lead to must stand in a transaction of its
    own, so an input waits also when all before it have fired.
    """

    def __init__(self, rules: Rules, memory: Memory, outbox: Outbox, told: Told) -> None:
        self.pace = Pace(rules.most_timers or MOST)
        self.fired = 0
        self.apart = False
        self._went = 0
        self._took_s = 0.0
        self._rules = rules
        self._slices = memory.slices
        self._looking = Looking(memory.slices)
        self._progress = memory.progress
        self._outbox = outbox
        self._clock = told.clock
        self._metrics = told.metrics

    # --- timers ---------------------------------------------------------------------------------

    def begin(self) -> None:
        """A go begins: so many timers may fire in it, whatever they fire before."""
        self._went, self._took_s = 0, 0.0

    def end(self) -> None:
        """It is over."""
        self.pace.took(self._went, self._took_s)

    def tick(self, core: Core) -> bool:
        """Let time pass for silent accounts: both inputs are read to their end, so now is the time. Journaled.

        Whether more is due than fits into one go: another tick should follow.
        """
        if self._rules.by_log:
            return False
        reached = max(self._progress.now, self._clock.now_us())
        if not self._is_due(reached):
            return False
        self._progress.now = reached
        self.begin()
        is_cut = self._fire(core, reached)
        self.end()
        timers = self.fired if is_cut else None
        self._outbox.segments.append(Segment(stream=Stream.TICK.value, now=reached, timers=timers))
        return is_cut

    def is_spent(self, reached: int) -> bool:
        """Whether as many fired in this go as may, and more are due: then the input is not even looked at."""
        if self._left:
            return False
        self.fired = 0
        return self._is_due(reached)

    def fire(self, core: Core, reached: int) -> bool:
        """Run the timers that are due by ``reached``, before the input that gets us there, each at its own time.

        Whether the input has to wait: more of them are due than fit into this go.
        """
        is_cut = self._fire(core, reached)
        return is_cut or (self.apart and self.fired > 0)

    def _fire(self, core: Core, reached: int) -> bool:
        origin, fired, began = Origin("timer", self._rules.partition), 0, self._clock.monotonic()
        for due in self._slices.fire(core, reached, self._left):
            judge = core.of(due.account)
            clocks = self._progress.clocks(due.at, by_log=self._rules.by_log)
            self._tell(judge.on_timer(self._slices, due, origin, clocks))
            fired += 1
        self.fired = fired
        self._went += fired
        self._took_s += self._clock.monotonic() - began
        return self._is_due(reached)

    @property
    def _left(self) -> int:
        """How many more may fire in this go."""
        return ENDLESS if self._rules.most_timers is None else self.pace.size - self._went

    def _is_due(self, reached: int) -> bool:
        due = self._slices.next_due()
        return due is not None and due <= reached

    # --- another version of the set -------------------------------------------------------------

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
            self._tell(judge.on_switch(self._slices, account, origin, clocks))
            touched.append(account)
            self._slices.reschedule(core, account)
        if touched:
            journaled: int | Literal["log"] = "log" if self._rules.by_log else now
            self._outbox.segments.append(Segment(stream=Stream.SWEEP.value, now=journaled, accounts=tuple(touched)))

    def _is_behind(self, core: Core, account: str, seen: AccountSlice, clocks: Clocks) -> bool:
        """Whether the version in force means something for an account that nothing happens to."""
        behind = core.is_outdated(account, seen, self._looking, clocks)
        return behind or not self._slices.is_due(account, core.due(seen, seen))

    def _tell(self, events: Sequence[Envelope]) -> None:
        for event in public(events):
            self._outbox.event(event)
            self._metrics.told(event)
