"""Read what the engine says, as it says it: decisions, offers, dead letters."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, Final

from schemas import dead_letters
from schemas.codec import decode_decision, decode_offer
from schemas.offers import Offer, OfferChanged, OfferEvent, OfferMade, OffersErased
from schemas.topics import DEAD_LETTERS, DECISIONS, OFFERS
from services.demo.tally import Kind, Tally
from services.kit.kafka.reader import Log, Reader, Record

POLL_MS: Final = 200
CLIENT: Final = "rung-demo"


class Seen:
    """What was read, by keys that a story can wait for."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, Any] = {}
        self._waiting: dict[Hashable, asyncio.Future[Any]] = {}

    def put(self, key: Hashable, what: object) -> None:
        """``what`` was read."""
        self._seen[key] = what
        waiting = self._waiting.pop(key, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(what)

    async def get(self, key: Hashable, within_s: float) -> Any:
        """What was, or is going to be, read under ``key``; raises ``TimeoutError``."""
        if key in self._seen:
            return self._seen[key]
        waiting = self._waiting.setdefault(key, asyncio.get_running_loop().create_future())
        return await asyncio.wait_for(asyncio.shield(waiting), within_s)


class Watching:
    """Reads the three logs from their ends at the start on, into a tally and for those who wait.

    ``visit`` is called with the account and the offer, for every new offer.
    """

    def __init__(
        self, bootstrap: str, prefix: str, tally: Tally, seen: Seen, visit: Callable[[str, Offer], None]
    ) -> None:
        self._reader = Reader(bootstrap, CLIENT)
        self._topics = {topic.under(prefix): topic for topic in (DECISIONS, OFFERS, DEAD_LETTERS)}
        self._tally = tally
        self._seen = seen
        self._visit = visit
        self._names: dict[str, str] = {}  # offer id to the operator's name of the offer

    async def run(self, started: asyncio.Event) -> None:
        """Read until cancelled; ``started`` is set once nothing can be missed any more."""
        async with self._reader as reader:
            logs = [Log(name, partition) for name in self._topics for partition in range(await reader.partitions(name))]
            reader.assign(await reader.ends(logs))
            started.set()
            while True:
                for records in (await reader.read(POLL_MS)).values():
                    for record in records:
                        self._take(record)
                await asyncio.sleep(0)

    def _take(self, record: Record) -> None:
        topic = self._topics[record.topic]
        if topic is DECISIONS:
            decided = decode_decision(record.value, record.headers)
            self._tally.decided(decided.subject, decided.data)
            self._seen.put(("decision", decided.data.input.event_id), decided.data)
        elif topic is OFFERS:
            self._offer(decode_offer(record.value, record.headers))
        else:
            self._dead(record)

    def _offer(self, event: OfferEvent) -> None:
        account, tally = event.subject, self._tally
        if isinstance(event, OffersErased):
            return
        if isinstance(event, OfferMade | OfferChanged):
            offer = event.data.offer
            self._names[offer.offer_id] = offer.offer
            fresh = isinstance(event, OfferMade)
            (tally.made if fresh else tally.changed)[offer.offer] += 1
            tally.say(Kind.OFFER if fresh else Kind.RAISED, account, f"{offer.offer}: {offer.content.title}")
            if fresh:
                self._visit(account, offer)
            return
        name = self._names.get(event.data.offer_id, "an offer")
        what = event.type.removeprefix("rung.offer_")
        tally.responses[what] += 1
        tally.responses_of[name, what] += 1
        tally.say(Kind.RESPONSE, account, f"{what} {name}")
        self._seen.put(("judged", event.data.response_id), event)

    def _dead(self, record: Record) -> None:
        headers = {name: value.decode(errors="replace") for name, value in record.headers}
        reason, where = headers.get(dead_letters.REASON, "?"), headers.get(dead_letters.TOPIC, "?")
        origin = (where, headers.get(dead_letters.PARTITION), headers.get(dead_letters.OFFSET))
        account = (record.key or b"").decode(errors="replace")
        self._tally.dead[reason] += 1
        text = f"{reason}: {headers.get(dead_letters.DETAIL, '')} ({origin[0]}[{origin[1]}] at {origin[2]})"
        self._tally.dead_example = text
        self._tally.say(Kind.DEAD_LETTER, account, text)
        self._seen.put(("dead", *origin), reason)
