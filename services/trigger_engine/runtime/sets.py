"""The set in force: read from the log of sets from its beginning, and kept up with."""

import asyncio
from typing import Final

import structlog

from schemas import topics
from schemas.codec import UnreadableEvent, decode_playbook
from services.kit.kafka.reader import Log, Record, record_at
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.succession import NotInForce, following
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.ports import Away, LogFactory, Logs

log = structlog.get_logger()

POLL_MS: Final = 500
RETRY_S: Final = 1.0


class Sets:
    """``current`` is the core that decides by the newest accepted set; None before the first.

    A record that can not be compiled, or that expects another predecessor than the newest accepted one, is refused: the
    set before it stays in force. What is refused depends on the log alone, so every engine refuses the same.
    ``in_backfill``: history is replayed under it.
    """

    def __init__(self, logs: LogFactory, prefix: str, metrics: EngineMetrics, *, in_backfill: bool = False) -> None:
        self.current: Core | None = None
        self.caught_up = asyncio.Event()
        self._logs = logs
        self._log = Log(topics.PLAYBOOKS.under(prefix), 0)
        self._metrics = metrics
        self._read_to = 0
        self._in_backfill = in_backfill

    async def run(self) -> None:
        """Keep up with the log until cancelled; while the broker is away, the set that is in force stays so."""
        while True:
            try:
                await self._follow()
            except Away as away:
                log.warning("the log of sets can not be read now", why=str(away))
                await asyncio.sleep(RETRY_S)

    async def knows(self, version: int) -> bool:
        """Whether all is read that the log holds up to ``version``. A log that was made anew may end before it."""
        if self._read_to > version:
            return True
        async with self._logs("sets") as reader:
            return (await reader.bounds(self._log)).committed <= self._read_to

    async def _follow(self) -> None:
        async with self._logs("sets") as reader:
            bounds = await reader.bounds(self._log)
            reader.assign({self._log: max(bounds.first, self._read_to)})
            while (reader.position(self._log) or 0) < bounds.committed:
                await self._take(reader)
            self.caught_up.set()
            if self.current is None:
                log.warning("no set is published yet: nothing is read until `rung publish` has run")
            while True:
                await self._take(reader)

    async def _take(self, reader: Logs) -> None:
        for record in (await reader.read(POLL_MS)).get(self._log, []):
            self._consider(record_at(self._log, record))
            self._read_to = record.offset + 1

    def _consider(self, record: Record) -> None:
        try:
            event = decode_playbook(record.value, record.headers)
            before = self.current.rules if self.current is not None else None
            rules = following(before, event, record.offset, in_backfill=self._in_backfill)
        except UnreadableEvent as fault:
            self._refuse(record.offset, fault.detail)
        except SetRefused as refused:
            self._refuse(record.offset, str(refused))
        except NotInForce as refused:
            self._refuse(record.offset, refused.why)
        else:
            self.current = Core(rules)
            self._metrics.set_version.set(record.offset)
            log.info("set in force", version=record.offset, product=rules.product.name, paused=sorted(rules.paused))

    def _refuse(self, version: int, why: str) -> None:
        self._metrics.sets_refused.inc()
        log.error("set refused", version=version, why=why)
