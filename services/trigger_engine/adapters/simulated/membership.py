"""Membership in a simulated group."""

import asyncio
from collections.abc import Mapping
from typing import Final

from typing_extensions import override

from services.trigger_engine.adapters.simulated.broker import Retriable
from services.trigger_engine.adapters.simulated.group import Group, UnknownMember
from services.trigger_engine.adapters.simulated.network import Network, Request, Unanswered
from services.trigger_engine.ports import Assignment, Membership

POLL_S: Final = 0.2
CALL_LIMIT_S: Final = 1.0


class SimulatedMembership(Membership):
    """A member that tells by each poll that it lives. Whoever sleeps past its session learns of it after waking."""

    def __init__(self, network: Network, group: Group, member: str) -> None:
        self._network = network
        self._group = group
        self._member = member
        self._given: Assignment | None = None
        self._joined = False

    @override
    async def start(self) -> None:
        """Join, or else with the next poll."""
        await self._beat()

    @override
    async def poll(self) -> Assignment | None:
        """The assignment told last, also when nobody answers."""
        await asyncio.sleep(POLL_S)
        await self._beat()
        return self._given

    @override
    async def tell(self, positions: Mapping[int, int]) -> None:
        """Nobody looks at it here."""

    @override
    async def stop(self) -> None:
        """Leave, or be expelled when nobody hears of it."""
        try:
            await self._network.call(self._member, Request.GROUP, lambda: self._group.leave(self._member), CALL_LIMIT_S)
        except (Unanswered, Retriable):
            return

    async def _beat(self) -> None:
        try:
            told = await self._network.call(self._member, Request.GROUP, self._tell, CALL_LIMIT_S)
        except UnknownMember:
            self._joined = False
        except (Unanswered, Retriable):
            return
        else:
            if told is not None and (self._given is None or told.generation != self._given.generation):
                self._given = told

    def _tell(self) -> Assignment | None:
        if not self._joined:
            self._group.join(self._member)
            self._joined = True
        return self._group.beat(self._member)
