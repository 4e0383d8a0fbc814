"""The broker: logs, and the coordinator of transactions. Every method is one request, carried out at once."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from services.kit.kafka.reader import Log
from services.trigger_engine.adapters.simulated.log import Fate, PartitionLog, Span
from services.trigger_engine.ports import Outgoing

MAX_MESSAGE_BYTES: Final = 1024 * 1024
"""Kafka's default for the largest batch of records; here it is held against each record."""

RECORD_OVERHEAD: Final = 70
"""Bytes that Kafka adds to a batch of one record, about."""


class Refused(Exception):
    """The broker's no: the request is not possible as things stand."""


class Retriable(Refused):
    """Not now: the coordinator is busy or elsewhere; the client asks again by itself."""


class Outdated(Refused):
    """The producer's epoch is not the present one: it was fenced."""


class OversizeRecord(Refused):
    """A record is larger than the broker takes, ever.

    Attributes:
        size: Its bytes.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"{size} bytes")


class Stage(Enum):
    """Where the transaction of one id stands."""

    NONE = auto()
    OPEN = auto()
    ENDING = auto()


class Credentials(NamedTuple):
    """What a producer shows with each request."""

    transactional_id: str
    epoch: int


class Owner:
    """What the coordinator knows of one transactional id."""

    def __init__(self) -> None:
        self.epoch = -1
        self.timeout_s = 0.0
        self.stage = Stage.NONE
        self.ended: Fate | None = None
        self.number = 0
        self.spans: dict[Log, Span] = {}
        self.sequences: dict[Log, int] = {}
        """Number of the next record in each log: a copy of what came before is taken for what it is."""


class Broker:
    """Logs by name, made when first named. ``marker_delay`` tells how long each marker takes to be written.

    ``expiry_delay`` tells how much later than due a transaction is looked at that nobody ends: the broker looks at
    intervals.
    """

    def __init__(
        self,
        now_ms: Callable[[], int],
        marker_delay: Callable[[], float] = lambda: 0.0,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        expiry_delay: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.logs: dict[Log, PartitionLog] = {}
        self.coordinator_away = False
        self._now_ms = now_ms
        self._marker_delay = marker_delay
        self._expiry_delay = expiry_delay
        self.max_message_bytes = max_message_bytes
        self._owners: dict[str, Owner] = {}
        self._waiting: dict[Log, dict[asyncio.Future[None], None]] = {}

    def log(self, where: Log) -> PartitionLog:
        """One partition."""
        found = self.logs.get(where)
        if found is None:
            found = self.logs[where] = PartitionLog(where)
        return found

    def owner(self, transactional_id: str) -> Owner:
        """What is known of an id, for those who look on."""
        return self._owners.setdefault(transactional_id, Owner())

    # --- without a transaction ------------------------------------------------------------------

    def append(self, where: Log, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> int:
        """Write one record; its offset."""
        offset = self.log(where).append(key, value, headers, self._now_ms())
        self._wake(where)
        return offset

    # --- transactions ---------------------------------------------------------------------------

    def initialise(self, transactional_id: str, timeout_s: float) -> Credentials:
        """Raise the id's epoch: whoever had it is shut out, and what it left open is undone first."""
        self._check_coordinator()
        owner = self.owner(transactional_id)
        if owner.stage is Stage.OPEN:
            owner.epoch += 1
            self._end(owner, Fate.ABORTED)
        if owner.stage is Stage.ENDING:
            raise Retriable("the transaction before is still being ended")
        owner.epoch += 1
        owner.timeout_s = timeout_s
        owner.ended = None
        owner.sequences.clear()
        return Credentials(transactional_id, owner.epoch)

    def add(self, who: Credentials, logs: Sequence[Log]) -> None:
        """These logs are part of the transaction, which begins with the first of them."""
        self._check_coordinator()
        owner = self._owner(who)
        if owner.stage is Stage.ENDING:
            raise Retriable("the transaction before is still being ended")
        if owner.stage is Stage.NONE:
            owner.stage = Stage.OPEN
            owner.number += 1
            expiry = owner.timeout_s + self._expiry_delay()
            asyncio.get_running_loop().call_later(expiry, self._expire, owner, owner.number)
        for where in logs:
            if where not in owner.spans:
                owner.spans[where] = self.log(where).begin()

    def produce(self, who: Credentials, where: Log, first: int, records: Sequence[Outgoing]) -> int:
        """Write records as part of the transaction; the offset of the last. ``first`` numbers the first of them."""
        owner = self._owner(who)
        expected = owner.sequences.get(where, 0)
        if first + len(records) <= expected:
            return self.log(where).end - 1  # a copy of a frame that came through before
        if first != expected:
            raise Refused(f"out of order: {first} instead of {expected}")
        span = owner.spans.get(where)
        if owner.stage is not Stage.OPEN or span is None:
            raise Refused("the log is not part of an open transaction")
        owner.sequences[where] = first + len(records)
        log, now = self.log(where), self._now_ms()
        return [log.append(record.key, record.value, record.headers, now, span) for record in records][-1]

    def check_sizes(self, batches: Iterable[Sequence[Outgoing]]) -> None:
        """Raise `OversizeRecord` when one of the records is more than the broker takes."""
        for batch in batches:
            for record in batch:
                if size_of(record) > self.max_message_bytes:
                    raise OversizeRecord(size_of(record))

    def end(self, who: Credentials, fate: Fate) -> None:
        """Decide the transaction; its markers are written soon."""
        self._check_coordinator()
        owner = self._owner(who)
        if owner.stage is Stage.OPEN:
            self._end(owner, fate)
        elif owner.stage is Stage.ENDING:
            raise Retriable("it is being ended")
        elif owner.ended is not fate:
            raise Refused(f"no transaction is open, and the last one ended as {owner.ended}")

    def _check_coordinator(self) -> None:
        if self.coordinator_away:
            raise Retriable("the coordinator is elsewhere")

    def _owner(self, who: Credentials) -> Owner:
        owner = self.owner(who.transactional_id)
        if who.epoch != owner.epoch:
            raise Outdated
        return owner

    def _end(self, owner: Owner, fate: Fate) -> None:
        owner.stage = Stage.ENDING
        owner.ended = fate
        for where, span in list(owner.spans.items()):
            delay = self._marker_delay()
            if delay > 0:
                asyncio.get_running_loop().call_later(delay, self._mark, owner, where, span, fate)
            else:
                self._mark(owner, where, span, fate)

    def _mark(self, owner: Owner, where: Log, span: Span, fate: Fate) -> None:
        self.log(where).mark(span, fate, self._now_ms())
        del owner.spans[where]
        if not owner.spans:
            owner.stage = Stage.NONE
        self._wake(where)

    def _expire(self, owner: Owner, number: int) -> None:
        # a transaction that nobody ends is undone, and whoever held it is shut out
        if owner.stage is Stage.OPEN and owner.number == number:
            owner.epoch += 1
            self._end(owner, Fate.ABORTED)

    # --- waiting --------------------------------------------------------------------------------

    def watch(self, logs: Sequence[Log], woken: asyncio.Future[None]) -> None:
        """Resolve ``woken`` when one of ``logs`` can be read further."""
        for where in logs:
            self._waiting.setdefault(where, {})[woken] = None

    def unwatch(self, logs: Sequence[Log], woken: asyncio.Future[None]) -> None:
        """Take back `watch`."""
        for where in logs:
            self._waiting.get(where, {}).pop(woken, None)

    def _wake(self, where: Log) -> None:
        # a dictionary, since the order of a set of futures differs from run to run
        for woken in self._waiting.pop(where, ()):
            if not woken.done():
                woken.set_result(None)


def size_of(record: Outgoing) -> int:
    """Bytes of a record on the wire, about."""
    headers = sum(len(name) + len(value) for name, value in record.headers)
    return RECORD_OVERHEAD + len(record.key or b"") + len(record.value or b"") + headers
