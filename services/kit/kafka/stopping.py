"""A producer of the broker ends."""

import asyncio
from itertools import chain
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from services.kit.tasks import cancel

AGAIN_S: Final = 1.0
"""When it is cancelled, the client's sender waits for what it has under way. Sending is over in less than this; looking
for a coordinator never is, and is cancelled then."""


async def stopped(producer: AIOKafkaProducer, timeout_s: float) -> None:
    """Send what is left to be sent, and disconnect. Raises what the producer's ``stop`` raises, and ``TimeoutError``.

    In any case nothing of it goes on when this returns or raises. Cut short by itself, as without a broker, the client
    would go on trying to send, and once the broker is back keep its connections.
    """
    stopping = asyncio.create_task(producer.stop())
    try:
        await asyncio.wait_for(asyncio.shield(stopping), timeout_s)
    except BaseException:
        await _give_up(producer, stopping)
        raise
    finally:
        _hear(producer)


async def _give_up(producer: AIOKafkaProducer, stopping: asyncio.Task[None]) -> None:
    sending = producer._sender.sender_task  # noqa: SLF001 - the client has no way to be stopped without a broker
    await cancel(stopping, *([] if sending is None else [sending]), again_s=AGAIN_S)
    producer._message_accumulator.fail_all(KafkaConnectionError("the producer was stopped"))  # noqa: SLF001 - as above
    await producer.client.close()


def _hear(producer: AIOKafkaProducer) -> None:
    """Have told why nothing more is sent: who sent it knows, and asyncio would log each that nobody has asked."""
    accumulator, transactions = producer._message_accumulator, producer._txn_manager  # noqa: SLF001 - as above
    batches = [*accumulator._pending_batches, *chain.from_iterable(accumulator._batches.values())]  # noqa: SLF001 - as above
    waiting = [batch._drain_waiter for batch in batches]  # noqa: SLF001 - as above
    if transactions is not None:
        waiting.append(transactions._transaction_waiter)  # noqa: SLF001 - as above
    for told in waiting:
        if told is not None and told.done() and not told.cancelled():
            told.exception()
