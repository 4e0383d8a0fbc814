"""Transactions of one partition's owner on aiokafka, with the client's habits that lose data kept in check."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import aiokafka.producer.sender
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import (
    IllegalOperation,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerFenced,
    RecordListTooLargeError,
    RecordTooLargeError,
)
from aiokafka.structs import RecordMetadata
from typing_extensions import override

from services.kit.kafka.admin import MAX_MESSAGE_BYTES
from services.kit.kafka.starting import begun
from services.kit.kafka.stopping import stopped
from services.trigger_engine.adapters.answers import ask_only_once
from services.trigger_engine.adapters.packing import packed
from services.trigger_engine.ports import Batch, Doubt, Fenced, TooLarge, Transactions

CALL_LIMIT_S: Final = 7.0
"""For each call: with the broker gone, a commit or a stop of the client may never return. Below the time after which
the broker ends a transaction by itself: that looks as if another owner had come."""

STOP_LIMIT_S: Final = 2.0
TRANSACTION_TIMEOUT_MS: Final = 8_000
"""The broker ends what a dead owner left open; below the group's session, so that it is over before a takeover."""

CLIENT_FAULTS: Final = (KafkaError, IllegalOperation, TimeoutError, AssertionError)
"""What the client raises when a call did not work out; it asserts on its own states."""

BATCH_BYTES: Final = 1024 * 1024

# Back-to-back transactions wait for the former one's markers; the client asks again after 20 ms, and 3 ms halve the
# latency of a commit (13 against 31 ms at the median).
aiokafka.producer.sender.BACKOFF_OVERRIDE = 0.003


class KafkaTransactions(Transactions):
    """Writes to partition ``partition`` under a transactional id that belongs to it alone."""

    def __init__(self, bootstrap: str, transactional_id: str, partition: int) -> None:
        self._bootstrap = bootstrap
        self._id = transactional_id
        self._partition = partition
        self._producer: AIOKafkaProducer | None = None

    @override
    async def fence(self) -> None:
        """Start a new producer under the same id: the broker moves the epoch and aborts what was open."""
        await self.close()
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._id,
            transactional_id=self._id,
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            compression_type="zstd",
            max_batch_size=BATCH_BYTES,
            max_request_size=MAX_MESSAGE_BYTES,
        )
        ask_only_once(producer)
        self._producer = producer
        try:  # cut short when nobody waits for it any more: going on, it might shut out who has come since
            await asyncio.wait_for(producer.start(), CALL_LIMIT_S)
        except CLIENT_FAULTS as error:
            raise Doubt(f"fence: {error!r}") from error

    @override
    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        """1. begin  2. send the batches  3. await every one: a failed send does not fail the transaction  4. commit."""
        producer = self._producer
        if producer is None:
            raise Doubt("no producer: fence first")
        try:
            async with asyncio.timeout(CALL_LIMIT_S):
                await producer.begin_transaction()
                # each is queued before the next, which keeps the order; all are awaited before the end
                full = [(topic, one) for topic, batch in batches.items() for one in packed(producer, batch)]
                queued = [
                    _heard(await producer.send_batch(one, topic, partition=self._partition)) for topic, one in full
                ]
                written = await asyncio.gather(*queued)
                await producer.commit_transaction()
        except ProducerFenced as error:
            raise Fenced from error
        except (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError) as error:
            # no abort: the client has counted the refused batch in its sequence numbers and is of no use any more
            raise TooLarge from error
        except CLIENT_FAULTS as error:
            if _is_fenced(producer):
                raise Fenced from error
            raise Doubt(f"commit: {error!r}") from error
        return {
            topic: metadata.offset + one.record_count() - 1
            for (topic, one), metadata in zip(full, written, strict=True)
        }

    @override
    async def trim(self, topic: str, before: int) -> None:
        """Ask the broker once; it is asked again anyway."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, client_id=self._id)

        async def ask() -> None:
            await admin.start()
            await admin.delete_records({TopicPartition(topic, self._partition): RecordsToDelete(before)})

        try:
            with suppress(*CLIENT_FAULTS):
                await begun(ask(), STOP_LIMIT_S)
        finally:
            with suppress(*CLIENT_FAULTS):
                await asyncio.wait_for(admin.close(), STOP_LIMIT_S)

    @override
    async def close(self) -> None:
        """Let go of the producer, however it is."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(*CLIENT_FAULTS):
                await stopped(producer, STOP_LIMIT_S)


def _heard(sending: asyncio.Future[RecordMetadata]) -> asyncio.Future[RecordMetadata]:
    """The same; whoever is shut out between two batches waits for none, and asyncio would log each as an error."""
    sending.add_done_callback(lambda done: done.cancelled() or done.exception())
    return sending


def _is_fenced(producer: AIOKafkaProducer) -> bool:
    """Whether the client has learned, maybe between two calls, that another owner came: then its sender has ended."""
    sender = producer._sender.sender_task  # noqa: SLF001 - the client tells it in no other way
    return (
        sender is not None
        and sender.done()
        and not sender.cancelled()
        and isinstance(sender.exception(), ProducerFenced)
    )
