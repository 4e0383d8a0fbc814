"""Put a record on `rung.playbooks`: a set, an older one again, or word that an offer stops or goes on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import MessageSizeTooLargeError

from schemas.codec import encode
from schemas.playbooks import (
    OfferPaused,
    OfferResumed,
    OldSet,
    SetPublished,
    SetRolledBack,
    SourceFile,
    Switch,
    WholeSet,
)
from schemas.topics import PLAYBOOKS
from services.cli import history
from services.kit.clock import to_datetime
from services.kit.errors import Fatal
from services.kit.kafka.admin import MAX_MESSAGE_BYTES, create_topics
from services.kit.kafka.sender import Sender
from services.trigger_engine.domain.playbook.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.playbooks import PlaybookEvent
    from services.cli.documents import Document
    from services.cli.history import History, InForce, Version
    from services.kit.clock import Clock
    from services.kit.settings import KafkaSettings

SOURCE: Final = "rung.cli"
CLIENT: Final = "rung-publish"


@dataclass(frozen=True)
class Words:
    """Who does it, and why, as far as that was said; kept with the record."""

    by: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class Put:
    """``version`` is in force; ``fresh`` when it took a record to make it so."""

    version: int
    fresh: bool


class NothingInForce(Fatal):
    """There is no set yet, so there is nothing to change."""

    def __init__(self) -> None:
        super().__init__("no set is in force: put one in force with `rung publish`")


class UnknownOffer(Fatal):
    """No offer of the set in force has this name.

    Attributes:
        offer: The name.
    """

    def __init__(self, offer: str, force: InForce) -> None:
        self.offer = offer
        hint = did_you_mean(offer, offers_of(force))
        told = f"set {force.rules.version} has no offer {offer!r}"
        super().__init__(f"{told}: {hint}" if hint else f"{told}; it has {', '.join(offers_of(force))}")


class UnknownVersion(Fatal):
    """There is no set that can be rolled back to under this number.

    Attributes:
        version: The number.
    """

    def __init__(self, version: int, why: str) -> None:
        self.version = version
        super().__init__(f"can not roll back to {version}: {why}; `rung versions` lists all")


class Overtaken(Fatal):
    """Somebody else changed the set between our look at it and our record, which the engine therefore refuses.

    Attributes:
        version: Offset of our record.
    """

    def __init__(self, version: int, why: str) -> None:
        self.version = version
        super().__init__(
            f"record {version} is refused: {why}; somebody was faster: look at `rung versions`, and do it again"
        )


class TooLarge(Fatal):
    """The set is larger than a message may be."""

    def __init__(self) -> None:
        super().__init__(f"the documents are larger than {MAX_MESSAGE_BYTES} bytes together")


class Publisher:
    """Changes what is in force. Each change looks at the log first, and looks again whether the engine takes it.

    Every method raises `Overtaken`, `TooLarge`, and the faults of reaching Kafka.
    """

    def __init__(self, kafka: KafkaSettings, clock: Clock, words: Words, known: History | None = None) -> None:
        """``known`` is what was read of the log before; without it the log is read."""
        self._kafka = kafka
        self._clock = clock
        self._words = words
        self._known = known

    async def publish(
        self, product: str, documents: Sequence[Document], *, first: bool = False, backfill: bool = False
    ) -> Put:
        """Make ``documents`` the set in force, unless they are already; with ``first``, only when none is in force.

        The documents must have passed the check. Topics that are missing are made. With ``backfill``, what is new in
        the set counts as published before all time; that is told even when the documents are in force already.
        """
        await create_topics(self._kafka.bootstrap_servers, self._kafka.topic_prefix)
        force = (await self._look()).in_force
        files = tuple(SourceFile(path=document.name, text=document.text) for document in documents)
        same = force is not None and not backfill and force.rules.product.name == product and force.files == files
        if force is not None and (first or same):
            return Put(force.rules.version, fresh=False)
        expects = force.rules.version if force is not None else None
        data = WholeSet(files=files, expects=expects, by=self._words.by, why=self._words.why, backfill=backfill)
        return await self._put(SetPublished(data=data, **self._envelope(product)))

    async def roll_back(self, version: int) -> Put:
        """Make the set that was in force at ``version`` that again; raises `UnknownVersion`."""
        known = await self._look()
        force = known.in_force
        if force is None:
            raise NothingInForce
        old = _old(known.version(version), version)
        if old.files == force.files:
            return Put(force.rules.version, fresh=False)
        words = self._words
        data = OldSet(files=old.files, to=version, expects=force.rules.version, by=words.by, why=words.why)
        return await self._put(SetRolledBack(data=data, **self._envelope(old.rules.product.name)))

    async def pause(self, offer: str) -> Put:
        """Stop this offer, unless it is; raises `UnknownOffer`."""
        force = await self._force_with(offer)
        if offer in force.rules.paused:
            return Put(force.rules.version, fresh=False)
        return await self._put(OfferPaused(data=self._switch(offer), **self._envelope(force.rules.product.name)))

    async def resume(self, offer: str) -> Put:
        """Let this offer go on, unless it does; raises `UnknownOffer`."""
        force = await self._force_with(offer)
        if offer not in force.rules.paused:
            return Put(force.rules.version, fresh=False)
        return await self._put(OfferResumed(data=self._switch(offer), **self._envelope(force.rules.product.name)))

    async def _look(self) -> History:
        if self._known is None:
            self._known = await history.read(self._kafka)
        return self._known

    async def _force_with(self, offer: str) -> InForce:
        force = (await self._look()).in_force
        if force is None:
            raise NothingInForce
        if not force.rules.has_offer(offer):
            raise UnknownOffer(offer, force)
        return force

    def _switch(self, offer: str) -> Switch:
        return Switch(offer=offer, by=self._words.by, why=self._words.why)

    async def _put(self, event: PlaybookEvent) -> Put:
        if len(encode(event)[0]) > MAX_MESSAGE_BYTES:
            raise TooLarge
        try:
            async with Sender(self._kafka.bootstrap_servers, self._kafka.topic_prefix, CLIENT) as sender:
                sent = await sender.send(PLAYBOOKS, event)
        except MessageSizeTooLargeError:
            raise TooLarge from None
        self._known = await history.read(self._kafka, self._known)
        ours = self._known.version(sent.offset)
        if ours is not None and ours.refused is not None:
            raise Overtaken(sent.offset, ours.refused)
        return Put(sent.offset, fresh=True)

    def _envelope(self, product: str) -> dict[str, Any]:
        return {
            "id": f"{product}-{secrets.token_hex(8)}",
            "source": SOURCE,
            "subject": product,
            "time": to_datetime(self._clock.now_us()),
        }


def offers_of(force: InForce) -> list[str]:
    """The names of the offers of a set, in the order of its moments."""
    return list(dict.fromkeys(offer.name for made in force.rules.offers.values() for offer in made))


def _old(found: Version | None, version: int) -> InForce:
    if found is None:
        raise UnknownVersion(version, "there is no such version")
    if found.refused is not None or found.after is None:
        raise UnknownVersion(version, f"it never was in force, as it was refused: {found.refused}")
    return found.after
