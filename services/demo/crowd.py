"""The many who are just busy, and what some of them do with an offer that comes their way."""

import asyncio
import zlib
from collections.abc import Sequence
from typing import Final

import httpx
from aiokafka.errors import KafkaError

from schemas.offers import Offer as MadeOffer
from schemas.offers import Verb
from schemas.responses import ResponseKind
from services.demo.acts import Send
from services.demo.front_end import FrontEnd, Offer, response
from services.demo.generator import Crowd
from services.demo.player import Told
from services.demo.scenes.things import bought, changed_to
from services.demo.tally import Tally
from services.kit.clock import Clock

CHUNK: Final = 50
"""Facts on their way at once, before the show."""

LOOKS_AFTER_S: Final = (0.5, 1.0, 1.5, 2.0)
"""When somebody opens the product after an offer was made."""

HABITS: Final[Sequence[tuple[ResponseKind, ...]]] = (
    (),  # does not come by
    (ResponseKind.PRESENTED,),
    (ResponseKind.PRESENTED,),
    (ResponseKind.PRESENTED, ResponseKind.CLICKED),
    (ResponseKind.PRESENTED, ResponseKind.CLICKED, ResponseKind.ACCEPTED),
    (ResponseKind.PRESENTED, ResponseKind.DISMISSED),
    (ResponseKind.PRESENTED, ResponseKind.SNOOZED),
)
"""What an account of the crowd does with an offer: one habit each, for the whole show."""


class Busy:
    """The crowd at work."""

    def __init__(self, crowd: Crowd, told: Told, front_end: FrontEnd, clock: Clock, tally: Tally) -> None:
        self._crowd = crowd
        self._accounts = {account for account, _ in crowd.begin}
        self._told = told
        self._front_end = front_end
        self._clock = clock
        self._tally = tally
        self._visits: set[asyncio.Task[None]] = set()

    async def work(self, rate: float) -> None:
        """Tell what is true of every account, then use the product, ``rate`` events a second."""
        await self._introduce()
        began = self._clock.monotonic()
        for number, (account, send) in enumerate(self._crowd.usage):
            await asyncio.sleep(max(0.0, began + number / rate - self._clock.monotonic()))
            await self._told.send(account, send)

    async def _introduce(self) -> None:
        facts = self._crowd.begin
        for start in range(0, len(facts), CHUNK):
            await asyncio.gather(*(self._told.send(account, fact) for account, fact in facts[start : start + CHUNK]))

    def visit(self, account: str, offer: MadeOffer) -> None:
        """An offer was made; if it is to one of the crowd, somebody may look at it."""
        if account in self._accounts:
            task = asyncio.create_task(self._visit(account, offer))
            self._visits.add(task)
            task.add_done_callback(self._visits.discard)

    async def leave(self) -> None:
        """Wait for those who are still looking."""
        await asyncio.gather(*self._visits)

    async def _visit(self, account: str, made: MadeOffer) -> None:
        number = zlib.crc32(account.encode())
        habits = HABITS[number % len(HABITS)]
        await asyncio.sleep(LOOKS_AFTER_S[number % len(LOOKS_AFTER_S)])
        try:
            shown = await self._front_end.offers(account, made.user)
            found = next((offer for offer in shown if offer["id"] == made.offer_id), None)
            if found is not None:
                await self._do(account, made, found, habits)
        except (httpx.HTTPError, KafkaError) as fault:
            self._tally.failed(account, f"{type(fault).__name__} {fault}")

    async def _do(self, account: str, made: MadeOffer, found: Offer, habits: Sequence[ResponseKind]) -> None:
        for kind in habits:
            said = response(f"{made.offer_id}-{kind}", found, kind)
            await self._front_end.respond(account, made.user, said)
            await asyncio.sleep(LOOKS_AFTER_S[0])
        if ResponseKind.ACCEPTED in habits:
            await self._told.send(account, _billed(made))


def _billed(made: MadeOffer) -> Send:
    """What billing says when the purchase went through; a browser's yes alone is no conversion."""
    option = made.options[0].id
    return changed_to(option) if made.verb is Verb.UPGRADE_TO else bought(option)
