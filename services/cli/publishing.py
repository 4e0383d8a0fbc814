"""Put a set on `rung.playbooks`: one record, whose offset is the set's version."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from aiokafka.errors import MessageSizeTooLargeError

from schemas.codec import UnreadableEvent, decode_playbook, encode
from schemas.playbooks import SetPublished, SourceFile, WholeSet
from schemas.topics import PLAYBOOKS
from services.kit.clock import to_datetime
from services.kit.errors import Fatal
from services.kit.kafka.admin import MAX_MESSAGE_BYTES, create_topics
from services.kit.kafka.reader import Log, Reader
from services.kit.kafka.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.cli.documents import Document
    from services.kit.clock import Clock
    from services.kit.kafka.reader import Record
    from services.kit.settings import KafkaSettings

SOURCE: Final = "rung.cli"
CLIENT: Final = "rung-publish"
READ_MS: Final = 1_000


@dataclass(frozen=True)
class Newest:
    """What is in force: the version (of the newest record), the product, the set, and the id of its record."""

    version: int
    product: str
    whole: WholeSet
    event_id: str


@dataclass(frozen=True)
class Published:
    """``version`` is in force; ``fresh`` when it took a record to make it so."""

    version: int
    fresh: bool


class Overtaken(Fatal):
    """Somebody else published between our look at the newest set and our record, which the engine therefore refuses.

    Attributes:
        version: Offset of our record.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"record {version} is refused: another set was published meanwhile; look at it, publish again")


class TooLarge(Fatal):
    """The set is larger than a message may be."""

    def __init__(self) -> None:
        super().__init__(f"the documents are larger than {MAX_MESSAGE_BYTES} bytes together")


async def publish(
    kafka: KafkaSettings,
    product: str,
    documents: Sequence[Document],
    clock: Clock,
    words: tuple[str | None, str | None] = (None, None),
    *,
    first: bool = False,
) -> Published:
    """Make ``documents`` the set in force, unless they are already; ``words``: who, and why.

    With ``first``, only when none is in force yet. The documents must have passed the check. Topics that are missing
    are made. Raises `Overtaken`, `TooLarge`, and the faults of reaching Kafka.
    """
    by, why = words
    await create_topics(kafka.bootstrap_servers, kafka.topic_prefix)
    newest = await in_force(kafka)
    files = tuple(SourceFile(path=document.name, text=document.text) for document in documents)
    if newest is not None and (first or (newest.product == product and newest.whole.files == files)):
        return Published(newest.version, fresh=False)
    event = SetPublished(
        id=f"{product}-{secrets.token_hex(8)}",
        source=SOURCE,
        subject=product,
        time=to_datetime(clock.now_us()),
        data=WholeSet(files=files, expects=newest.version if newest is not None else None, by=by, why=why),
    )
    if len(encode(event)[0]) > MAX_MESSAGE_BYTES:
        raise TooLarge
    try:
        async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, CLIENT) as sender:
            sent = await sender.send(PLAYBOOKS, event)
    except MessageSizeTooLargeError:
        raise TooLarge from None
    now = await in_force(kafka)
    if now is None or now.version < sent.offset or now.event_id != event.id:
        raise Overtaken(sent.offset)
    return Published(sent.offset, fresh=True)


async def in_force(kafka: KafkaSettings) -> Newest | None:
    """What all records together put in force; None when nothing was published.

    A set that expected another version before it than there was, is passed over, as the engine does.
    """
    log = Log(PLAYBOOKS.under(kafka.topic_prefix), 0)
    newest: Newest | None = None
    async with Reader(kafka.bootstrap_servers, CLIENT) as reader:
        start, end = (await reader.starts([log]))[log], (await reader.ends([log]))[log]
        reader.assign({log: start})
        while start < end and (reader.position(log) or 0) < end:
            for record in (await reader.read(READ_MS)).get(log, []):
                newest = _after(newest, record)
    return newest


def _after(newest: Newest | None, record: Record) -> Newest | None:
    try:
        event = decode_playbook(record.value, record.headers)
    except UnreadableEvent:
        return newest
    if isinstance(event.data, WholeSet):
        expected = event.data.expects
        if expected is None or (newest is not None and expected == newest.version):
            return Newest(record.offset, event.subject, event.data, event.id)
        return newest
    return None if newest is None else replace(newest, version=record.offset)  # an offer paused or resumed
