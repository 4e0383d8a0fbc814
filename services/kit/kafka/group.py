"""Membership of a consumer group on one topic: who reads which partition. Where to read from is the caller's to say.

The group's own committed offsets are written for lag tools and never read.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from typing_extensions import override

from services.kit.kafka.faults import GroupFault, PositionLost
from services.kit.kafka.reader import CALL_TIMEOUT_S, FETCH_BYTES, Record, record_of
from services.kit.kafka.starting import connected

SESSION_MS: Final = 10_000
"""A killed member's partitions go to another after this long; a stopped one's at once."""

HEARTBEATS: Final = 5
"""Heartbeats in a session: as many tries to stay in the group."""

LEAVE_S: Final = 2.0
"""For each of the two calls of a stop: with the broker gone neither returns, and a supervisor waits 10 s."""

POLL_GRACE_S: Final = 2.0
"""Beyond its time-out the client's poll may wait for a rebalance without end; then we go on and ask again."""

PLACEHOLDER: Final = 0
"""An offset that is never read from: it stops the client from asking for the group's own."""


class Chunk(NamedTuple):
    """What one poll gave of one partition: the next records, and the position after all that was read or passed over.

    ``after`` moves without records over aborted transactions and their markers.
    """

    records: list[Record]
    after: int


class Group(ConsumerRebalanceListener):
    """A member of ``group`` reading ``topic``, committed records only.

    A partition that was just given to this member is *waiting*: it is read only once `place` has said from where. Any
    rebalance makes every partition wait again. ``given`` is the assignment told last, which a rebalance under way does
    not touch; None before the first. ``generation`` counts the assignments.
    """

    def __init__(
        self,
        bootstrap: str,
        group: str,
        topic: str,
        client_id: str,
        session_ms: int = SESSION_MS,
        instance: str | None = None,
    ) -> None:
        """``instance``: a name that stays over restarts, such as the pod's; then a restart moves no partition."""
        self.topic = topic
        self.waiting: set[int] = set()
        self.joined = False
        self.given: tuple[int, ...] | None = None
        self.generation = 0
        self._group = group
        self._bootstrap = bootstrap
        self._placed: set[int] = set()
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            group_id=group,
            group_instance_id=instance,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_partition_fetch_bytes=FETCH_BYTES,
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // HEARTBEATS,
        )

    async def start(self) -> None:
        """Join. Raises `KafkaUnreachable`."""
        self._consumer.subscribe([self.topic], listener=self)
        await connected(self._bootstrap, self._consumer.start(), lambda: self.leave({}), CALL_TIMEOUT_S)

    async def leave(self, positions: Mapping[int, int]) -> None:
        """Tell ``positions`` and leave: others take over at once, or without a broker after the session."""
        await self.tell(positions, LEAVE_S)
        with suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(self._consumer.stop(), LEAVE_S)

    @override
    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """All partitions are let go; a batch in flight is settled by the store, not here."""
        self._placed.clear()
        self.waiting.clear()

    @override
    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Make every partition wait. Heartbeats stand still during this call, so nothing here takes time."""
        self._placed.clear()
        self.waiting = {tp.partition for tp in assigned}
        self.given = tuple(sorted(self.waiting))
        self.generation += 1
        for tp in assigned:
            self._consumer.pause(tp)
            self._consumer.seek(tp, PLACEHOLDER)
        self.joined = True

    def holds(self, partition: int) -> bool:
        """Whether ``partition`` is this member's, and was placed since it was given."""
        return partition in self._placed

    def place(self, partition: int, offset: int) -> None:
        """Read ``partition`` from ``offset``; nothing when it was taken away meanwhile."""
        tp = self._tp(partition)
        if tp not in self._consumer.assignment():
            return
        self._consumer.seek(tp, offset)
        self._consumer.resume(tp)
        self.waiting.discard(partition)
        self._placed.add(partition)

    def hold(self, partitions: Iterable[int]) -> None:
        """Stop reading ``partitions`` until they are placed again."""
        for partition in partitions:
            tp = self._tp(partition)
            self._placed.discard(partition)
            if tp in self._consumer.assignment():
                self._consumer.pause(tp)
                self.waiting.add(partition)

    @property
    def placed(self) -> tuple[int, ...]:
        """Partitions being read."""
        return tuple(sorted(self._placed))

    async def poll(self, timeout_ms: int, limit: int) -> dict[int, Chunk]:
        """The next at most ``limit`` records, and how far each partition being read now is.

        Must be called often, also when nothing is being read: a member that does not poll is expelled. Raises
        `PositionLost`, `GroupFault`.
        """
        wait_s = timeout_ms / 1_000 + POLL_GRACE_S
        try:
            chunks = await asyncio.wait_for(self._consumer.getmany(timeout_ms=timeout_ms, max_records=limit), wait_s)
        except TimeoutError:
            return {}
        except OffsetOutOfRangeError as error:
            lost = {tp.partition: offset for tp, offset in error.args[0].items()}
            # reported late, of a position that was given up meanwhile
            if not any(self.holds(partition) for partition in lost):
                return {}
            raise PositionLost(self.topic, lost) from error
        except NoOffsetForPartitionError:
            # asked for in the instant before the assignment was told; the partition waits to be placed
            return {}
        except KafkaError as error:
            raise GroupFault(self._group, f"{type(error).__name__}: {error}") from error
        return {
            partition: Chunk([record_of(raw) for raw in chunks.get(self._tp(partition), ())], after)
            for partition, after in self._positions().items()
        }

    def _positions(self) -> dict[int, int]:
        assignment = self._consumer._subscription.subscription.assignment  # noqa: SLF001 - `position()` of the client is a coroutine that may wait for ever
        states = {partition: assignment.state_value(self._tp(partition)) for partition in self.placed}
        return {
            partition: int(state.position)
            for partition, state in states.items()
            if state is not None and state.has_valid_position
        }

    async def starts(self, partitions: Collection[int]) -> dict[int, int]:
        """Offset of the first record still kept. Raises ``KafkaError`` or ``TimeoutError``."""
        found = await asyncio.wait_for(self._consumer.beginning_offsets(self._tps(partitions)), CALL_TIMEOUT_S)
        return {tp.partition: offset for tp, offset in found.items()}

    async def ends(self, partitions: Collection[int]) -> dict[int, int]:
        """One past the last committed record. Raises ``KafkaError`` or ``TimeoutError``."""
        found = await asyncio.wait_for(self._consumer.end_offsets(self._tps(partitions)), CALL_TIMEOUT_S)
        return {tp.partition: offset for tp, offset in found.items()}

    async def tell(self, positions: Mapping[int, int], timeout_s: float = CALL_TIMEOUT_S) -> None:
        """Commit to the group those ``positions`` that are this member's, for lag tools; a failure means nothing."""
        mine = self._consumer.assignment()
        offsets = {tp: offset for partition, offset in positions.items() if (tp := self._tp(partition)) in mine}
        if not offsets:
            return
        with suppress(KafkaError, IllegalStateError, TimeoutError):
            await asyncio.wait_for(self._consumer.commit(offsets), timeout_s)

    def _tp(self, partition: int) -> TopicPartition:
        return TopicPartition(self.topic, partition)

    def _tps(self, partitions: Collection[int]) -> list[TopicPartition]:
        return [self._tp(partition) for partition in partitions]
