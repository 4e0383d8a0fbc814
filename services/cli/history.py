"""The log of sets, read as the engine reads it: every version, what became of it, and what is in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiokafka.errors import KafkaConnectionError

from schemas.codec import UnreadableEvent, decode_playbook
from schemas.playbooks import PlaybookEvent, SourceFile, WholeSet
from schemas.topics import PLAYBOOKS
from services.kit.kafka.faults import KafkaUnreachable
from services.kit.kafka.reader import Log, Reader
from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.playbook.succession import NotInForce, following

if TYPE_CHECKING:
    from services.kit.kafka.reader import Record
    from services.kit.settings import KafkaSettings

CLIENT: Final = "rung-sets"
READ_MS: Final = 1_000

Progress = Callable[[int, int], None]
"""Told how far a log is read: the offset of the next record, and where the end was."""


@dataclass(frozen=True)
class InForce:
    """A set in force: compiled under its version, and as it was written."""

    rules: CompiledSet
    files: tuple[SourceFile, ...]


@dataclass(frozen=True)
class Version:
    """One record, at offset ``number``. ``event`` is None when it can not be read.

    ``refused`` is why the engine passes it over; ``after`` is what is in force once it was read, None before the first.
    """

    number: int
    event: PlaybookEvent | None
    refused: str | None
    after: InForce | None


@dataclass(frozen=True)
class History:
    """All versions, oldest first."""

    versions: tuple[Version, ...] = ()

    @property
    def in_force(self) -> InForce | None:
        """What all records together put in force; None when nothing was published."""
        return self.versions[-1].after if self.versions else None

    def version(self, number: int) -> Version | None:
        """The record at this offset."""
        return next((version for version in self.versions if version.number == number), None)


async def read(kafka: KafkaSettings, known: History | None = None, progress: Progress | None = None) -> History:
    """All that lies on the log now, behind what is ``known``; empty when there is no such topic.

    Raises `KafkaUnreachable`, and the client's own faults.
    """
    versions = list(known.versions) if known is not None else []
    log = Log(PLAYBOOKS.under(kafka.topic_prefix), 0)
    try:
        async with Reader(kafka.bootstrap_servers, CLIENT) as reader:
            if await reader.partitions(log.topic) == 0:
                return History()
            end = (await reader.ends([log]))[log]
            start = versions[-1].number + 1 if versions else (await reader.starts([log]))[log]
            if start < end:
                reader.assign({log: start})
            while start < end and (reader.position(log) or 0) < end:
                for record in (await reader.read(READ_MS)).get(log, []):
                    versions.append(_next(versions[-1].after if versions else None, record))
                if progress is not None:
                    progress(reader.position(log) or 0, end)
    except (KafkaConnectionError, TimeoutError) as error:
        raise KafkaUnreachable(kafka.bootstrap_servers, str(error) or "no answer") from error
    return History(tuple(versions))


def _next(before: InForce | None, record: Record) -> Version:
    event = None
    try:
        event = decode_playbook(record.value, record.headers)
        rules = following(before.rules if before is not None else None, event, record.offset)
    except UnreadableEvent as fault:
        return Version(record.offset, event, fault.detail, before)
    except SetRefused as refused:
        return Version(record.offset, event, str(refused), before)
    except NotInForce as refused:
        return Version(record.offset, event, refused.why, before)
    files = before.files if before is not None else ()
    return Version(
        record.offset, event, None, InForce(rules, event.data.files if isinstance(event.data, WholeSet) else files)
    )
