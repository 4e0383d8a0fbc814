"""Stop the client from asking twice for the end of a transaction.

When the answer to EndTxn is lost, aiokafka sends it again under the same epoch, for as long as it takes, and says
nothing. The first copy may still be on its way, and may then end a *later* transaction of that epoch, half written.
So the first lost answer is told at once, the producer is given up, and the next fence moves the epoch: a late copy is
void.
Repeats of the other requests are harmless: produce requests are numbered, and partitions are added to a transaction
once or twice with the same effect.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, NodeNotReadyError
from aiokafka.protocol.transaction import EndTxnRequest

Send = Callable[..., Awaitable[Any]]


class AnswerLost(Exception):
    """Nobody can say whether the transaction ended. No error of the client's kind: those it would swallow."""


class OnlyOnce:
    """Stands before a client's ``send``."""

    def __init__(self, send: Send) -> None:
        self.send = send

    async def __call__(self, node_id: int, request: object, **more: object) -> Any:
        """Send; an end of a transaction without an answer raises `AnswerLost`."""
        try:
            return await self.send(node_id, request, **more)
        except NodeNotReadyError:  # it was not sent at all
            raise
        except (KafkaError, TimeoutError) as error:
            if isinstance(request, EndTxnRequest):
                raise AnswerLost from error
            raise


def ask_only_once(producer: AIOKafkaProducer) -> OnlyOnce:
    """Have ``producer`` never repeat the end of a transaction. Call it before its start."""
    guard = OnlyOnce(producer.client.send)
    producer.client.send = guard  # type: ignore[method-assign]  # that is the point
    return guard
