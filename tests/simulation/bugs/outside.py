"""Bugs in what belongs to a transaction: something is written beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from schemas import topics
from services.kit.kafka.reader import Log
from services.trigger_engine.adapters.simulated.network import Request, Unanswered
from services.trigger_engine.ports import Doubt
from tests.simulation.shell import Shell, WatchedTransactions
from tests.simulation.workload import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.topics import Topic
    from services.trigger_engine.ports import Batch, Transactions
    from tests.simulation.process import Process


class _Beside(WatchedTransactions):
    beside: Topic

    @override
    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        name = self.beside.under(PREFIX)
        apart = batches[name].rows(name) if name in batches else []

        def act() -> dict[str, int]:
            where = Log(name, self._partition)
            offsets = [self._broker.append(where, r.key, r.value, list(r.headers)) for r in apart]
            return {name: offsets[-1]} if offsets else {}

        try:
            written = await self._network.call(self._client, Request.PRODUCE, act, 1.0)
        except Unanswered as error:
            raise Doubt("beside") from error
        return {**await super().commit({topic: batch for topic, batch in batches.items() if topic != name}), **written}


class _Beside1(_Beside):
    beside = topics.DEAD_LETTERS


class _Beside2(_Beside):
    beside = topics.ENGINE_SEEN


class _Beside3(_Beside):
    beside = topics.ENGINE_STATE


class _Variant(Shell):
    made: type[_Beside]

    @override
    def transactions(self, process: Process, partition: int) -> Transactions:
        return self.made(self.world, process, self.transactional_id(partition), partition)


class DeadLetterOutside(_Variant):
    """Dead letters are sent first, and then the transaction."""

    made: type[_Beside] = _Beside1


class SeenOutside(_Variant):
    """Ids seen are stored first, and then the transaction."""

    made: type[_Beside] = _Beside2


class StateOutside(_Variant):
    """State and position are stored first, and then what they led to."""

    made: type[_Beside] = _Beside3


BUGS: Final[dict[str, type[Shell]]] = {
    "dead-letter-outside": DeadLetterOutside,
    "seen-outside": SeenOutside,
    "state-outside": StateOutside,
}
