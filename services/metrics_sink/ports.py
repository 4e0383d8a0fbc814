"""What the sink needs of the world, in its own words."""

from typing import Protocol, TypeVar

from schemas.dead_letters import DeadLetterReason
from services.kit.kafka.reader import Record
from services.metrics_sink.domain.funnel import FunnelStage
from services.metrics_sink.domain.guard import Reaction
from services.metrics_sink.domain.sets import InForce

Batch = TypeVar("Batch")


class Ledger(Protocol[Batch]):
    """Rows and the position that they reach, changed together."""

    async def positions(self) -> dict[int, int]:
        """Partition to the offset of the next record. Raises ``DatabaseAway``."""

    async def add(self, batch: Batch, partition: int, before: int, after: int) -> Batch:
        """Add ``batch`` and move the position of ``partition`` from ``before`` to ``after`` in one transaction.

        Returns what was added: without what is from before an erasure of its account.
        Raises ``PositionMoved`` when the position is not ``before``, ``DatabaseAway`` when it may not have happened.
        """


class DeadLetters(Protocol):
    """Where records go that nobody can act on."""

    async def send(self, record: Record, reason: DeadLetterReason, detail: str) -> None:
        """Return once ``record`` is safe. Raises ``KafkaError``; then it may or may not be."""


class Figures(Protocol):
    """Figures that are asked of the database from time to time."""

    async def funnel(self) -> dict[FunnelStage, int]:
        """Offers that reached each stage, all playbooks together. Raises ``DatabaseAway``."""


class Sets(Protocol):
    """The log of sets."""

    async def in_force(self) -> InForce | None:
        """The set that the log puts in force now; None when there is none. Raises ``KafkaError``."""


class Reactions(Protocol):
    """What accounts did about an offer."""

    async def of(self, offer: str, in_force: InForce) -> Reaction:
        """Of the accounts that ``in_force`` judges it by. Raises ``DatabaseAway``."""


class Pauses(Protocol):
    """Word to the engine that an offer stops."""

    async def pause(self, offer: str, why: str, in_force: InForce) -> None:
        """Return once the log of sets has it. Raises ``KafkaError``; then it may or may not."""
