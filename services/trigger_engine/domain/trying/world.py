"""One account in memory, and the clock: what the runtime does around the core, done for a single story."""

from schemas.dead_letters import DeadLetterReason
from schemas.envelope import Envelope
from schemas.facts import Fact
from schemas.responses import Responded
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Impossible, Origin, Usage
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.playbook.sets import CompiledSet


class World:
    """The account as an engine with nothing else to do would keep it. The clock moves by `wait_until` alone.

    ``lateness_us``: how far usage may lag behind the clock, microseconds. What the engine would set aside as a dead
    letter raises `Impossible`, and nothing has changed.
    """

    def __init__(self, rules: CompiledSet, account: str, begins_us: int, lateness_us: int) -> None:
        self.rules = rules
        self.id = account
        self.now = begins_us
        self._core = Core(rules)
        self._lateness_us = lateness_us
        self._account = AccountSlice()
        self._users: dict[str, UserSlice] = {}
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

    def erase(self, account: str, at: int) -> None:
        """Forget all but the time before which nothing is taken any more."""
        del account
        self._erased_at = at if self._erased_at is None else max(at, self._erased_at)
        self._account = AccountSlice(erased_at=self._erased_at)
        self._users.clear()

    # --- what happens ---------------------------------------------------------------------------

    def use(self, usage: Usage) -> list[Envelope]:
        """A usage event arrives."""
        if usage.at < self.now - self._lateness_us:
            raise Impossible(DeadLetterReason.LATE, "time: further back than the allowed lateness")
        if self._is_erased(usage.at):
            return []
        return self._core.on_usage(self, usage, self._origin("usage"), self.now)

    def tell(self, fact: Fact) -> list[Envelope]:
        """An account fact arrives."""
        if self._is_erased(to_us(fact.time)):
            return []
        return self._core.on_fact(self, fact, self._origin("usage"), self.now)

    def respond(self, response: Responded) -> list[Envelope]:
        """A response arrives."""
        if self._is_erased(to_us(response.time)):
            return []
        return self._core.on_response(self, response, self.now)

    def wait_until(self, at: int) -> list[Envelope]:
        """Time passes up to ``at``, and each timer fires when it is due; nothing when that is past."""
        events: list[Envelope] = []
        while (timer := self._next_timer()) is not None and timer[0] <= at:
            due, name = timer
            self.now = max(self.now, due)
            holder = self._account if name is None else self._users[name]
            events.extend(self._core.on_timer(self.id, holder, self.now, self.now))
        self.now = max(self.now, at)
        return events

    def users(self) -> dict[str, UserSlice]:
        """Every user that was seen, by name."""
        return dict(sorted(self._users.items()))

    def _next_timer(self) -> tuple[int, str | None] | None:
        """When the next is due and whose it is (None: the account's); at one time the account's goes first."""
        timers: list[tuple[int, str | None]] = []
        holders: list[tuple[str | None, AccountSlice | UserSlice]] = [
            (None, self._account),
            *sorted(self._users.items()),
        ]
        for name, holder in holders:
            due = self._core.due(holder)
            if due is not None:
                timers.append((due, name))
        return min(timers, key=lambda timer: timer[0], default=None)

    def _is_erased(self, at: int) -> bool:
        return self._erased_at is not None and at <= self._erased_at

    def _origin(self, stream: str) -> Origin:
        self._taken += 1
        return Origin(stream, 0, self._taken - 1)
