"""How far the database has come, asked once for all streams that wait for it."""

import asyncio
from collections.abc import Mapping
from typing import Final

from services.kit.clock import Clock
from services.offer_api.ports import Offers

LOOK_S: Final = 0.05
"""Between two looks; storing takes some 10 ms."""


class Reach:
    """Looks at the stored positions while anybody waits, and never twice at once.

    After a process died its streams begin here by the hundred, just when its share of the log waits for a new owner:
    if each of them looked for itself, nobody else would get a connection.
    """

    def __init__(self, offers: Offers, clock: Clock) -> None:
        self._offers = offers
        self._clock = clock
        self._look: asyncio.Task[Mapping[int, int]] | None = None
        self._looked_s = 0.0

    async def comes_to(self, partition: int, offset: int, within_s: float) -> bool:
        """Whether all of ``partition`` before ``offset`` is stored in time. Raises ``DatabaseAway``."""
        give_up_s = self._clock.monotonic() + within_s
        while (await self._positions()).get(partition, 0) < offset:
            if self._clock.monotonic() >= give_up_s:
                return False
            await asyncio.sleep(LOOK_S)
        return True

    async def _positions(self) -> Mapping[int, int]:
        """At most `LOOK_S` old; who asks while somebody looks shares the answer."""
        now_s = self._clock.monotonic()
        if self._look is None or (self._look.done() and now_s >= self._looked_s + LOOK_S):
            self._looked_s = now_s
            self._look = asyncio.create_task(self._offers.positions())
        return await asyncio.shield(self._look)
