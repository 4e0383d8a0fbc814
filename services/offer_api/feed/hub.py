"""Who is looking just now, and what they have not been told yet."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schemas.offers import OfferEvent
from services.offer_api.domain.row import UNKNOWN, Way
from services.offer_api.metrics import StreamEnd

MAX_WAITING: Final = 64
"""Changes that may wait for one reader: an account has a few offers, each with at most a handful of changes in life."""


class TailLost(Exception):
    """The log is not being followed just now, so a stream would miss changes."""


class Draining(Exception):
    """This process is about to stop; another one takes new streams."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One event from the tail, and how it came about if it made an offer fetchable."""

    event: OfferEvent
    offset: int
    way: Way = UNKNOWN


class Subscription:
    """One reader's queue. ``cut`` says why nothing more will come; what waits is then of no use any more."""

    __slots__ = ("_waiting", "_wake", "cut")

    def __init__(self) -> None:
        # a list, and a future and a timer while somebody waits: thousands are idle, and an empty deque, an event or a
        # time-out has 0.6 KiB
        self._waiting: list[Heard] = []
        self._wake: asyncio.Future[None] | None = None
        self.cut: StreamEnd | None = None

    def hear(self, heard: Heard) -> None:
        """Queue one event; the queue of a reader that does not keep up is cut."""
        if len(self._waiting) >= MAX_WAITING:
            self.end(StreamEnd.SLOW)
            return
        self._waiting.append(heard)
        self._wake_up()

    def end(self, why: StreamEnd) -> None:
        """Nothing more will come."""
        self.cut = self.cut or why
        self._wake_up()

    async def next(self, timeout_s: float) -> Heard | None:
        """The next event; None when there is none within ``timeout_s``, or when the queue is cut."""
        if not self._waiting and self.cut is None:
            loop = asyncio.get_running_loop()
            self._wake = loop.create_future()
            timer = loop.call_later(timeout_s, self._wake_up)
            try:
                await self._wake
            finally:
                timer.cancel()
                self._wake = None
        if self.cut is not None or not self._waiting:
            return None
        return self._waiting.pop(0)

    def _wake_up(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


class Hub:
    """Hands what the tail reads to those who look at its account. One event loop: no call here waits."""

    def __init__(self) -> None:
        self._readers: dict[str, set[Subscription]] = {}
        self._heads: dict[int, int] | None = None
        self._firsts: dict[int, int] = {}
        self._draining = False

    def subscribe(self, account: str, partition: int) -> tuple[Subscription, int]:
        """A queue of all that comes from now on, and the offset in ``partition`` from which that is.

        Raises `TailLost`, `Draining`.
        """
        if self._draining:
            raise Draining
        if self._heads is None:
            raise TailLost
        subscription = Subscription()
        self._readers.setdefault(account, set()).add(subscription)
        return subscription, self._heads.get(partition, 0)

    def leave(self, account: str, subscription: Subscription) -> None:
        """Forget a reader. Does nothing when it is not known any more."""
        readers = self._readers.get(account, set())
        readers.discard(subscription)
        if not readers:
            self._readers.pop(account, None)

    def is_looking(self, account: str) -> bool:
        """Whether anyone looks at ``account``; if not, there is no need to read what is said of it."""
        return account in self._readers

    def tell(self, account: str, heard: Heard) -> None:
        """Hand ``heard`` to everyone who looks at ``account``."""
        for subscription in self._readers.get(account, ()):
            subscription.hear(heard)

    def passed(self, partition: int, next_offset: int) -> None:
        """All before ``next_offset`` has been told."""
        if self._heads is not None:
            self._heads[partition] = next_offset

    def begin(self, firsts: Mapping[int, int]) -> None:
        """The log is being followed, from a position that the database has reached.

        ``firsts``: partition to the offset of the first record that the log still keeps.
        """
        self._heads = {}
        self._firsts = dict(firsts)

    def first(self, partition: int) -> int:
        """Offset of the first record that was kept when following began."""
        return self._firsts.get(partition, 0)

    def lose(self) -> None:
        """The log is not being followed any more: everybody has to come back."""
        self._heads = None
        self._end_all(StreamEnd.TAIL_LOST)

    def drain(self) -> None:
        """End every stream and take no new ones."""
        self._draining = True
        self._end_all(StreamEnd.DRAINED)

    def _end_all(self, why: StreamEnd) -> None:
        for readers in self._readers.values():
            for subscription in readers:
                subscription.end(why)
