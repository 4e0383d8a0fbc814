"""Whether this process is alive, and whether to send anybody here."""

import asyncio
from typing import Final

from services.kit.db.faults import DatabaseAway
from services.kit.kafka.projection import Projection
from services.offer_api.feed.tail import Tail
from services.offer_api.metrics import Metrics
from services.offer_api.ports import Offers

LOOK_S: Final = 1.0
"""Between two looks at the database: how soon a load balancer can know."""

HUNG_S: Final = 60.0
"""A reader that has not asked its log for this long hangs; a broker's restart takes up to 25 s."""


class Health:
    """What `/healthz` and `/readyz` answer."""

    def __init__(
        self, offers: Offers, projection: Projection, decisions: Projection, tail: Tail, metrics: Metrics
    ) -> None:
        """``projection``: of offers; nobody waits for that of decisions."""
        self._offers = offers
        self._projection = projection
        self._decisions = decisions
        self._tail = tail
        self._metrics = metrics
        self._database: str | None = "the database was not looked at yet"
        self._draining = False

    def drain(self) -> None:
        """From now on this process is not ready."""
        self._draining = True

    def alive(self) -> str | None:
        """None unless a restart would help."""
        if self._projection.last_poll_age_s > HUNG_S:
            return "the projection hangs"
        if self._decisions.last_poll_age_s > HUNG_S:
            return "the projection of decisions hangs"
        if self._tail.last_read_age_s > HUNG_S:
            return "the tail hangs"
        return None

    def ready(self) -> str | None:
        """None when requests may be sent here. Kafka may be away: reading works without it."""
        if self._draining:
            return "stopping"
        if self._database is not None:
            return self._database
        return None if self._projection.caught_up else "the projection has not caught up yet"

    async def run(self) -> None:
        """Look at the database again and again, until cancelled."""
        while True:
            try:
                await self._offers.positions()
                self._database = None
            except DatabaseAway as away:
                self._database = f"the database does not answer: {away.why}"
            self._metrics.lag.set(self._projection.lag())
            self._metrics.decisions_lag.set(self._decisions.lag())
            await asyncio.sleep(LOOK_S)
