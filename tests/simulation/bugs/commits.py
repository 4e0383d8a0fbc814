"""Bugs in how a transaction is ended, and in what is believed of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from services.kit.kafka.reader import Log
from services.trigger_engine.adapters.simulated.broker import Credentials, Refused
from services.trigger_engine.adapters.simulated.log import Fate
from services.trigger_engine.adapters.simulated.network import Request, Unanswered
from services.trigger_engine.ports import Batch, Doubt, TooLarge
from tests.simulation.shell import Shell, WatchedTransactions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.trigger_engine.ports import Outgoing, Transactions
    from tests.simulation.process import Process

SOON_S: Final = 0.6
AGAIN_S: Final = 0.2
"""How long an impatient client waits for an answer."""


class _Variant(Shell):
    made: type[WatchedTransactions]

    @override
    def transactions(self, process: Process, partition: int) -> Transactions:
        return self.made(self.world, process, self.transactional_id(partition), partition)


class _Reused(WatchedTransactions):
    """Keeps its epoch, and gives up soon, so that more is still under way."""

    kept: Credentials | None = None

    @override
    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + SOON_S

    @override
    async def fence(self) -> None:
        if self.kept is None:
            await super().fence()
            self.kept = self.credentials
            return
        self.credentials = self.kept
        with suppress(Doubt):
            await self._end(self.kept, Fate.ABORTED, self._deadline())
        self._sequences = dict(self._broker.owner(self._id).sequences)


class ReusedAfterDoubt(_Variant):
    """After doubt the producer aborts and goes on under its epoch, while its late frames are still under way."""

    made: type[WatchedTransactions] = _Reused


class _Impatient(WatchedTransactions):
    @override
    async def _end(self, who: Credentials, fate: Fate, deadline: float) -> None:
        while asyncio.get_running_loop().time() < deadline:
            try:
                await self._network.call(self._client, Request.END, lambda: self._broker.end(who, fate), AGAIN_S)
            except (Unanswered, Refused):
                continue
            return
        raise Doubt("END: no answer")


class EndSentAgain(_Variant):
    """The client itself sends the end again when nobody answers, and goes on with the second answer."""

    made: type[WatchedTransactions] = _Impatient


class _Again(WatchedTransactions):
    @override
    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        try:
            return await super().commit(batches)
        except Doubt:
            await self.fence()
            return await super().commit(batches)


class CommitTriedAgain(_Variant):
    """A commit in doubt is taken for lost, and made again."""

    made: type[WatchedTransactions] = _Again


class _Believing(WatchedTransactions):
    @override
    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        try:
            return await super().commit(batches)
        except Doubt:
            await self.fence()
            return {topic: self._broker.log(Log(topic, self._partition)).end for topic in batches}


class LostTakenForDone(_Variant):
    """A commit in doubt is taken for done."""

    made: type[WatchedTransactions] = _Believing


class _Unawaited(WatchedTransactions):
    @override
    async def _send(
        self,
        who: Credentials,
        batches: Mapping[Log, Sequence[Outgoing]],
        deadline: float,
    ) -> dict[Log, int]:
        written: dict[Log, int] = dict.fromkeys(batches, 0)
        for log, batch in batches.items():
            # a failed send is forgotten, as the client does that is asked for nothing but the end
            with suppress(Unanswered, Refused):
                act = self._request(who, {log: batch})
                written |= await self._network.call(self._client, Request.PRODUCE, act, AGAIN_S)
                self._sequences[log] = self._sequences.get(log, 0) + len(batch)
        return written


class SendsNotAwaited(_Variant):
    """The transaction is ended though a send of it failed."""

    made: type[WatchedTransactions] = _Unawaited


class _NotAborted(WatchedTransactions):
    kept: Credentials | None = None

    @override
    async def fence(self) -> None:
        if self.kept is None:
            await super().fence()
        else:
            self.credentials, self.kept = self.kept, None
            self._sequences = dict(self._broker.owner(self._id).sequences)

    @override
    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        who = self.credentials
        try:
            return await super().commit(batches)
        except TooLarge:
            self.kept = who
            raise


class NotAborted(_Variant):
    """A transaction that the broker did not take whole is left open, and the next one ends it."""

    made: type[WatchedTransactions] = _NotAborted


class _Dropping(WatchedTransactions):
    @override
    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        try:
            return await super().commit(batches)
        except TooLarge:
            return await super().commit({topic: self._small(batch) for topic, batch in batches.items()})

    def _small(self, batch: Batch) -> Batch:
        small = Batch()
        for key, value, headers in zip(batch.keys, batch.values, batch.headers, strict=True):
            if len(value or b"") < self._broker.max_message_bytes // 2:
                small.add(key, value, headers)
        return small


class OversizeDropped(_Variant):
    """What is too large is left out, and the rest is committed."""

    made: type[WatchedTransactions] = _Dropping


BUGS: Final[dict[str, type[Shell]]] = {
    "producer-reused-after-doubt": ReusedAfterDoubt,
    "end-sent-again": EndSentAgain,
    "committed-taken-for-lost": CommitTriedAgain,
    "lost-taken-for-committed": LostTakenForDone,
    "sends-not-awaited": SendsNotAwaited,
    "not-aborted": NotAborted,
    "oversize-dropped": OversizeDropped,
}
