"""The logs on Kafka, read by a client that the product does not share."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, Self

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, TopicPartition
from typing_extensions import override

from oracle.faults import CannotVerify
from oracle.records import USAGE, Bounds, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confluent_kafka import Message

CALL_S: Final = 15.0
"""For each question to the broker."""

SILENCE_S: Final = 30.0
"""Longest wait for a record that is known to be there."""

BATCH: Final = 5_000
QUEUE_KIB: Final = 16 * 1024
"""Bytes fetched ahead of each log; some eight are open at a time."""


class KafkaLogs:
    """Committed records of the deployment under ``prefix``. Use as a context manager, or call `close`.

    Sent to another process it connects anew there.
    """

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.prefix = prefix
        self._bootstrap = bootstrap
        self._asking = self._consumer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @override
    def __reduce__(self) -> tuple[type[KafkaLogs], tuple[str, str]]:
        return KafkaLogs, (self._bootstrap, self.prefix)

    def close(self) -> None:
        """Let go of the broker."""
        self._asking.close()

    def partitions(self) -> int:
        """How many partitions the topics of accounts have. Raises `CannotVerify`."""
        name = self._name(USAGE)
        try:
            found = self._asking.list_topics(name, timeout=CALL_S).topics[name]
        except KafkaException as error:
            raise CannotVerify(f"Kafka at {self._bootstrap} does not answer: {error}") from None
        if found.error is not None or not found.partitions:
            raise CannotVerify(f"there is no topic {name} at {self._bootstrap}: is this the right prefix?")
        return len(found.partitions)

    def bounds(self, topic: str, partition: int) -> Bounds:
        """What there is of a log; its end is the last stable offset. Raises `CannotVerify`."""
        try:
            first, end = self._asking.get_watermark_offsets(
                TopicPartition(self._name(topic), partition), timeout=CALL_S, cached=False
            )
        except KafkaException as error:
            raise CannotVerify(f"{self._name(topic)}[{partition}] can not be read: {error}") from None
        return Bounds(first, end)

    def read(self, topic: str, partition: int, start: int, end: int) -> Iterator[Record]:
        """Records from ``start``, or the first one kept, up to ``end``. Raises `CannotVerify` when they do not come."""
        first = self.bounds(topic, partition).first
        position = max(start, first)
        if position >= end:
            return
        with closing(self._consumer()) as consumer:
            consumer.assign([TopicPartition(self._name(topic), partition, position)])
            while True:
                first_message = consumer.poll(SILENCE_S)  # alone: a batch would be waited for until it is full
                if first_message is None:
                    raise CannotVerify(f"{self._name(topic)}[{partition}] says nothing below offset {end}")
                for message in (first_message, *consumer.consume(BATCH, timeout=0)):
                    error = message.error()
                    if error is not None:
                        position = _end_of(message, error)
                    else:
                        record = _record(message)
                        position = record.offset + 1
                        if position <= end:
                            yield record
                    if position >= end:
                        return

    def _name(self, topic: str) -> str:
        return f"{self.prefix}.{topic}"

    def _consumer(self) -> Consumer:
        settings: dict[str, Any] = {
            "bootstrap.servers": self._bootstrap,
            "group.id": f"{self.prefix}-oracle",  # asked for, and never used: nothing is subscribed to or committed
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "check.crcs": True,
            "queued.max.messages.kbytes": QUEUE_KIB,
            "fetch.wait.max.ms": 20,
            "log_level": 3,
        }
        return Consumer(settings, logger=logging.getLogger(__name__))


def _record(message: Any) -> Record:
    """The client types keys, values and headers as what they might be; as it is set up here they are bytes."""
    headers = message.headers()
    return Record(
        message.offset(),
        message.key(),
        message.value(),
        tuple(headers) if headers else (),
        message.timestamp()[1],
    )


def _end_of(message: Message, error: KafkaError) -> int:
    """Where the log ends, as the client tells; what is there before may be markers. Raises `CannotVerify`."""
    if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - that is its name
        raise CannotVerify(f"{message.topic()}[{message.partition()}]: {error}")
    offset = message.offset()
    return -1 if offset is None or offset == OFFSET_INVALID else offset
