"""One account in memory, and the clock: what the runtime does around the core, done for a single story."""

from schemas.dead_letters import DeadLetterReason
from schemas.envelope import Envelope
from schemas.facts import Fact
from schemas.responses import Responded
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.bounds import Reached
from services.trigger_engine.domain.core import Core, Due
from services.trigger_engine.domain.inputs import Clocks, Impossible, Origin, Usage
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.playbook.sets import CompiledSet


class World:
    """The account as an engine with nothing else to do would keep it. The clock moves by `wait_until` alone.

    ``lateness_us``: how far usage may lag behind the clock, microseconds. What the engine would set aside as a dead
    letter raises `Impossible`, and nothing has changed.
    """

    def __init__(self, rules: CompiledSet, account: str, begins_us: int, lateness_us: int) -> None:
        self.rules = rules
        self.id = account
        self.bounds: Reached = Reached()
        self.now = begins_us
        self._core = Core(rules)
        self._lateness_us = lateness_us
        self._account = AccountSlice()
        self._users: dict[str, UserSlice] = {}
        self._groups: dict[tuple[str, str], UserSlice] = {}
        self._erased_at: int | None = None
        self._taken = 0

    # --- what the core asks for -----------------------------------------------------------------

    def account(self, account: str = "") -> AccountSlice:
        """The account's slice; there is one account, whatever it is called."""
        del account
        return self._account

    def user(self, account: str, user: str) -> UserSlice:
        """The slice of one user."""
        del account
        return self._users.setdefault(user, UserSlice())

    def group(self, account: str, prop: str, value: str) -> UserSlice:
        """The slice of those of whom the property is ``value``."""
        del account
        return self._groups.setdefault((prop, value), UserSlice())

    def erase(self, account: str, at: int) -> None:
        """Forget all but the time before which nothing is taken any more."""
        del account
        self._erased_at = at if self._erased_at is None else max(at, self._erased_at)
        self._account = AccountSlice(erased_at=self._erased_at)
        self._users.clear()
        self._groups.clear()

    # --- what happens ---------------------------------------------------------------------------

    def use(self, usage: Usage) -> list[Envelope]:
        """A usage event arrives."""
        if usage.at < self.now - self._lateness_us:
            raise Impossible(DeadLetterReason.LATE, "time: further back than the allowed lateness")
        if self._is_erased(usage.at):
            return []
        return self._core.on_usage(self, usage, self._origin("usage"), self._clocks())

    def tell(self, fact: Fact) -> list[Envelope]:
        """An account fact arrives."""
        if self._is_erased(to_us(fact.time)):
            return []
        return self._core.on_fact(self, fact, self._origin("usage"), self._clocks())

    def respond(self, response: Responded) -> list[Envelope]:
        """A response arrives."""
        if self._is_erased(to_us(response.time)):
            return []
        return self._core.on_response(self, response, self._origin("responses"), self._clocks())

    def wait_until(self, at: int) -> list[Envelope]:
        """Time passes up to ``at``, and each timer fires when it is due; nothing when that is past."""
        events: list[Envelope] = []
        while (timer := self._next_timer()) is not None and timer[0] <= at:
            self.now = max(self.now, timer[0])
            due = Due(self.id, timer[1], timer[0])
            events.extend(self._core.on_timer(self, due, Origin("timer", 0), self._clocks()))
        self.now = max(self.now, at)
        return events

    def users(self) -> dict[str, UserSlice]:
        """Every user that was seen, by name."""
        return dict(sorted(self._users.items()))

    def _clocks(self) -> Clocks:
        return Clocks(self.now, self.now - self._lateness_us)

    def _next_timer(self) -> tuple[int, Part | None] | None:
        """When the next is due and whose it is (None: the account's); at one time the account's goes first."""
        timers: list[tuple[int, Part | None]] = []
        holders: list[tuple[Part | None, AccountSlice | UserSlice]] = [
            (None, self._account),
            *((Part(value, prop), held) for (prop, value), held in sorted(self._groups.items())),
            *((Part(name), held) for name, held in sorted(self._users.items())),
        ]
        for part, holder in holders:
            due = self._core.due(self._account, holder)
            if due is not None:
                timers.append((due, part))
        return min(timers, key=lambda timer: timer[0], default=None)

    def _is_erased(self, at: int) -> bool:
        return self._erased_at is not None and at <= self._erased_at

    def _origin(self, stream: str) -> Origin:
        self._taken += 1
        return Origin(stream, 0, self._taken - 1)
