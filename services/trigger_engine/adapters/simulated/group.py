"""The coordinator of one consumer group: who is a member, and which partitions are whose."""

from collections.abc import Callable
from typing import Final

from services.trigger_engine.adapters.simulated.broker import Refused, Retriable
from services.trigger_engine.ports import Assignment

REBALANCE_S: Final = 0.3
"""From a change of members until the new assignment is told."""


class UnknownMember(Refused):
    """The member's session is over; it may join again."""


class Group:
    """Members with sessions. A new assignment is told to each member with its next heartbeat, so some know it late."""

    def __init__(self, partitions: int, session_s: float, now_s: Callable[[], float]) -> None:
        self.away = False
        self.generation = 0
        self._partitions = partitions
        self._session_s = session_s
        self._now_s = now_s
        self._heard: dict[str, float] = {}
        self._assigned: dict[str, Assignment] = {}
        self._due: float | None = None

    def join(self, member: str) -> None:
        """Become a member; one that comes back under its name within the session keeps its partitions."""
        self._settle()
        if member not in self._heard:
            self._changed()
        self._heard[member] = self._now_s()

    def beat(self, member: str) -> Assignment | None:
        """Say that the member lives; its partitions, None before the first assignment. Raises `UnknownMember`."""
        self._settle()
        if member not in self._heard:
            raise UnknownMember
        self._heard[member] = self._now_s()
        return self._assigned.get(member)

    def leave(self, member: str) -> None:
        """Go: the others take over at once."""
        self._settle()
        if self._heard.pop(member, None) is not None:
            self._changed()

    def _changed(self) -> None:
        if self._due is None:
            self._due = self._now_s() + REBALANCE_S

    def _settle(self) -> None:
        """What came to pass since somebody last asked."""
        if self.away:
            raise Retriable("the coordinator is elsewhere")
        now = self._now_s()
        gone = [member for member, heard in self._heard.items() if now - heard > self._session_s]
        for member in gone:
            del self._heard[member]
        if gone:
            self._changed()
        if self._due is not None and now >= self._due:
            self._due = None
            self._assign()

    def _assign(self) -> None:
        self.generation += 1
        members = sorted(self._heard)
        self._assigned = {
            member: Assignment(tuple(range(number, self._partitions, len(members))), self.generation)
            for number, member in enumerate(members)
        }
