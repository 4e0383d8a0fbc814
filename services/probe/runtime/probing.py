"""Passes for ever: each partition in turn, at equal distances."""

import asyncio
from collections.abc import Sequence
from itertools import cycle

import structlog

from services.kit.clock import US_PER_S, Clock
from services.probe.domain.passes import Pass
from services.probe.metrics import ProbeMetrics
from services.probe.runtime.passing import Passing

log = structlog.get_logger()


class Probing:
    """``accounts`` in the order of their partitions; a pass begins every ``every_s`` seconds."""

    def __init__(
        self, passing: Passing, accounts: Sequence[str], clock: Clock, metrics: ProbeMetrics, every_s: float
    ) -> None:
        self._passing = passing
        self._accounts = accounts
        self._clock = clock
        self._metrics = metrics
        self._every_s = every_s
        self._failing: set[int] = set()
        self.newest_at = clock.monotonic()
        """When a pass last ended, whatever came of it."""

    async def run(self, stop: asyncio.Event) -> None:
        """Probe until ``stop`` is set."""
        self._metrics.begins(len(self._accounts))
        for partition, account in cycle(enumerate(self._accounts)):
            next_at = self._clock.monotonic() + self._every_s
            passing = asyncio.create_task(self._passing.make(partition, account))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({passing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                passing.cancel()
                await asyncio.gather(passing, return_exceptions=True)
                return
            self._note(await passing)
            try:
                await asyncio.wait_for(asyncio.shield(stopping), max(0.0, next_at - self._clock.monotonic()))
            except TimeoutError:
                stopping.cancel()
            else:
                return

    def _note(self, one: Pass) -> None:
        self.newest_at = self._clock.monotonic()
        if one.failed is None:
            self._failing.discard(one.partition)
            log.info("passed", partition=one.partition, fetchable_s=one.fetchable_s, pushed_s=one.pushed_s)
        else:
            self._failing.add(one.partition)
            log.warning(
                "failed",
                partition=one.partition,
                account=one.account,
                failure=one.failed.failure.value,
                detail=one.failed.detail,
            )
        self._metrics.passed(one, self._clock.now_us() / US_PER_S, sorted(self._failing))
