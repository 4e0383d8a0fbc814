"""Membership by a Kafka consumer group on the usage topic. It decides who works on what, and reads nothing."""

from collections.abc import Mapping
from typing import Final

from typing_extensions import override

from services.kit.kafka.group import Group
from services.trigger_engine.ports import Assignment, Membership

POLL_MS: Final = 200
TELL_S: Final = 1.0


class GroupMembership(Membership):
    """All partitions stay paused: each task reads with a consumer of its own, from the position in its state."""

    def __init__(self, group: Group) -> None:
        self._group = group

    @override
    async def start(self) -> None:
        """Join."""
        await self._group.start()

    @override
    async def poll(self) -> Assignment | None:
        """The assignment told last."""
        await self._group.poll(POLL_MS, 1)
        given = self._group.given
        return None if given is None else Assignment(given, self._group.generation)

    @override
    async def tell(self, positions: Mapping[int, int]) -> None:
        """Commit them to the group."""
        await self._group.tell(positions, TELL_S)

    @override
    async def stop(self) -> None:
        """Leave."""
        await self._group.leave({})
