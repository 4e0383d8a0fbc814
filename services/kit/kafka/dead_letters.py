"""Set a record aside that nobody can act on: whole, with the reason, and acknowledged before its position is passed."""

import asyncio
import json
import uuid
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from schemas import dead_letters
from schemas.dead_letters import DeadLetterReason
from schemas.topics import DEAD_LETTERS
from services.kit.kafka.admin import MAX_MESSAGE_BYTES
from services.kit.kafka.group import LEAVE_S
from services.kit.kafka.reader import CALL_TIMEOUT_S, Record
from services.kit.kafka.starting import connected
from services.kit.kafka.stopping import stopped

ID_VERSION: Final = "dead-letter/1"
MAX_DETAIL_BYTES: Final = 1_024
"""The detail is for people; the record itself is all there."""


def dead_letter_id(record: Record) -> str:
    """The same for every copy of a dead letter: it says where the record lay."""
    named = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    return str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([ID_VERSION, named], sort_keys=True)))


class DeadLetterSender:
    """Sends to ``dead-letters`` of one deployment. A crash may send a record twice, under one id."""

    def __init__(self, bootstrap: str, prefix: str, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._topic = DEAD_LETTERS.under(prefix)
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            enable_idempotence=True,
            max_request_size=MAX_MESSAGE_BYTES,
        )

    async def start(self) -> None:
        """Connect. Raises `KafkaUnreachable`."""
        await connected(self._bootstrap, self._producer.start(), self.stop, CALL_TIMEOUT_S)

    async def stop(self) -> None:
        """Disconnect; nothing is left unsent, since `send` waits."""
        try:
            await stopped(self._producer, LEAVE_S)
        except TimeoutError:
            return

    async def send(self, record: Record, reason: DeadLetterReason, detail: str) -> None:
        """Return once the broker has the record, in the partition number that it came from.

        Raises ``KafkaError`` when the broker has not, or does not say so in time.
        """
        headers = [
            *record.headers,
            (dead_letters.REASON, reason.encode()),
            (dead_letters.DETAIL, detail.encode(errors="replace")[:MAX_DETAIL_BYTES]),
            (dead_letters.TOPIC, record.topic.encode()),
            (dead_letters.PARTITION, str(record.partition).encode()),
            (dead_letters.OFFSET, str(record.offset).encode()),
            (dead_letters.ID, dead_letter_id(record).encode()),
        ]
        sending = self._producer.send_and_wait(
            self._topic,
            value=record.value,
            key=record.key,
            partition=record.partition,
            headers=headers,
        )
        try:
            await asyncio.wait_for(sending, CALL_TIMEOUT_S)
        except TimeoutError as error:
            raise KafkaTimeoutError(f"no answer of {self._topic} within {CALL_TIMEOUT_S:g} s") from error
