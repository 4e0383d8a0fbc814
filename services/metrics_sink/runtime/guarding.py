"""Watch over offers that have a guard, and stop those that broke it for certain."""

import asyncio

import structlog
from aiokafka.errors import KafkaError

from services.kit.db.faults import DatabaseAway
from services.kit.kafka.faults import KafkaUnreachable
from services.metrics_sink.domain.guard import broken
from services.metrics_sink.metrics import Look, SinkMetrics
from services.metrics_sink.ports import Pauses, Reactions, Sets

log = structlog.get_logger()


class Guarding:
    """Each sink looks for itself: two that stop the same offer at once say the same under the same id.

    Each step of `look`, and what a crash after it costs:

    1. read which offers are guarded, and not paused     crash: nothing happened
    2. ask the database what accounts did about them     crash: nothing happened
    3. tell the engine to pause those that broke it      crash: the log has it, or the next look tells it
    """

    def __init__(self, sets: Sets, reactions: Reactions, pauses: Pauses, metrics: SinkMetrics, every_s: float) -> None:
        self._sets = sets
        self._reactions = reactions
        self._pauses = pauses
        self._metrics = metrics
        self._every_s = every_s

    async def run(self) -> None:
        """Look again and again until cancelled; while Kafka or the database are away, nothing is stopped."""
        while True:
            try:
                await self.look()
                self._metrics.looked(Look.DONE)
            except (DatabaseAway, KafkaError, KafkaUnreachable) as away:
                self._metrics.looked(Look.AWAY)
                log.warning("guards are not looked at now", why=str(away))
            await asyncio.sleep(self._every_s)

    async def look(self) -> None:
        """Stop what is to be stopped. Raises what the ports raise."""
        in_force = await self._sets.in_force()
        if in_force is None:
            return
        guarded = {offer: guard for offer, guard in in_force.guards.items() if offer not in in_force.paused}
        self._metrics.guarding(len(guarded))
        for offer, guard in sorted(guarded.items()):
            why = broken(guard, await self._reactions.of(offer, in_force))
            if why is not None:
                await self._pauses.pause(offer, why, in_force)
                self._metrics.stopped()
                log.warning("offer paused", offer=offer, why=why)
