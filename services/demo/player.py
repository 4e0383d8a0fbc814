"""Play the stories, each at its own pace, all at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx
from aiokafka.errors import KafkaError

from schemas.decisions import Decision, Reason
from schemas.topics import USAGE
from services.demo import events
from services.demo.acts import Act, Broken, Earns, Gone, Respond, Send, Story, Withheld
from services.demo.front_end import FrontEnd, Offer, response
from services.demo.tally import Kind, Tally
from services.demo.watching import Seen
from services.kit.clock import Clock
from services.kit.kafka.sender import Sender

PATIENCE_S: Final = 15.0
"""A story that waits longer for something is told as missing, and ends."""

BREATH_S: Final = 0.25
"""Between two acts: people do one thing after the other."""

LOOK_EVERY_S: Final = 0.01
LOOK_SHARE: Final = 0.05
"""Between two GETs of somebody who waits for an offer: 10 ms, and more the longer it takes, or else those who wait
would keep busy what they wait for. What is measured may be so much too long, and 5 %."""

AT_ONCE: Final = 8
"""Stories that are told at the same time; the next waits, as on a slow machine many would come together."""


class NotCome(Exception):
    """What a story waited for did not come; ``str()`` says what."""


class Told:
    """Sends what happens, numbered by account."""

    def __init__(self, sender: Sender, clock: Clock, tally: Tally) -> None:
        self._sender = sender
        self._clock = clock
        self._tally = tally
        self._numbers: dict[str, int] = {}

    async def send(self, account: str, send: Send) -> tuple[str, datetime]:
        """Id and time of the event, once the broker has it."""
        number = self._numbers[account] = self._numbers.get(account, 0) + 1
        event = events.made(account, number, send, self._clock.now_us())
        await self._sender.send(USAGE, event)
        self._tally.events += 1
        return event.id, event.time

    async def send_broken(self, account: str, value: bytes) -> tuple[str, str, str]:
        """Topic, partition and offset of a message that is no event."""
        sent = await self._sender.send_raw(USAGE, account, value)
        self._tally.events += 1
        return sent.topic, str(sent.partition), str(sent.offset)


@dataclass(frozen=True)
class World:
    """What stories happen in."""

    told: Told
    front_end: FrontEnd
    seen: Seen
    clock: Clock
    tally: Tally


class Player:
    """Plays stories; any number at once are asked for, `AT_ONCE` are played."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._told = world.told
        self._tally = world.tally
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def play(self, story: Story, *, by_stream: bool) -> None:
        """All acts of ``story``, in order; ``by_stream``: offers are awaited on a stream, else by GET alone."""
        await asyncio.sleep(story.starts_s)
        async with self._at_once:
            await self._play(Scene(self._world, story.account, by_stream=by_stream), story)

    async def _play(self, scene: "Scene", story: Story) -> None:
        try:
            for act in story.acts:
                await self._act(scene, act)
                await asyncio.sleep(BREATH_S)
        except NotCome as missing:
            self._tally.failed(story.account, str(missing))
        except (httpx.HTTPError, KafkaError) as fault:
            self._tally.failed(story.account, f"{type(fault).__name__} {fault}")

    async def _act(self, scene: "Scene", act: Act) -> None:
        match act:
            case Send():
                await self._told.send(scene.account, act)
            case Earns():
                await self._earn(scene, act)
            case Withheld():
                await scene.withheld(act)
            case Respond():
                await scene.respond(act)
            case Gone():
                await scene.gone()
                self._tally.stayed_away += 1
                self._tally.say(Kind.STAYS_AWAY, scene.account, str(scene.offer["offer"] if scene.offer else ""))
            case Broken():
                await scene.broken(act)

    async def _earn(self, scene: "Scene", act: Earns) -> None:
        """Measure from just before the event is sent."""
        user = act.by.data.get("user")
        scene.user = str(user) if user is not None else None
        waits, monotonic = self._tally.waits, self._world.clock.monotonic
        if not scene.by_stream:
            began = monotonic()
            _, at = await self._told.send(scene.account, act.by)
            await scene.fetchable(act.offer, at)
            waits.fetchable.append(monotonic() - began)
            return
        async with self._world.front_end.following(scene.account, scene.user) as offers:
            began = monotonic()
            _, at = await self._told.send(scene.account, act.by)
            await scene.pushed(offers, act.offer, at)
            waits.pushed.append(monotonic() - began)
        await scene.fetchable(act.offer, at)
        waits.fetchable.append(monotonic() - began)


class Scene:
    """One account's side of a story: what it holds, and what it waits for."""

    def __init__(self, world: World, account: str, *, by_stream: bool) -> None:
        self.account = account
        self.by_stream = by_stream
        self.user: str | None = None
        self.offer: Offer | None = None
        self._told = world.told
        self._front_end = world.front_end
        self._seen = world.seen
        self._clock = world.clock
        self._responses = 0

    async def fetchable(self, name: str, at: datetime) -> None:
        """Look until the offer ``name``, earned by what happened at ``at``, can be fetched."""
        began = self._clock.monotonic()
        async with _patience(f"{name} can not be fetched"):
            while True:
                for offer in await self._front_end.offers(self.account, self.user):
                    if _is(offer, name, at):
                        self.offer = offer
                        return
                await asyncio.sleep(max(LOOK_EVERY_S, LOOK_SHARE * (self._clock.monotonic() - began)))

    async def pushed(self, offers: AsyncIterator[Offer], name: str, at: datetime) -> None:
        """Listen until it comes."""
        async with _patience(f"{name} does not come down the stream"):
            async for offer in offers:
                if _is(offer, name, at):
                    return
            raise NotCome(f"the stream ended before {name} came")

    async def withheld(self, act: Withheld) -> None:
        """Send, and wait for the decision that leaves the offer out for that reason."""
        event_id, _ = await self._told.send(self.account, act.by)
        decision: Decision = await self._come(("decision", event_id), f"no decision on {act.by.type}")
        reasons: set[Reason | None] = {left.reason for left in decision.candidates if left.offer == act.offer}
        if act.reason not in reasons:
            raise NotCome(f"{act.offer} was not withheld for {act.reason} but {', '.join(map(str, reasons))}")

    async def respond(self, act: Respond) -> None:
        """Report it, and wait for the engine's word on it."""
        if self.offer is None:
            raise NotCome("there is no offer to respond to")
        self._responses += 1
        response_id = f"{self.account}-response-{self._responses}"
        await self._front_end.respond(self.account, self.user, response(response_id, self.offer, act.response))
        await self._come(("judged", response_id), f"no word on {act.response}")

    async def gone(self) -> None:
        """Look, once: the engine's word is older than this."""
        held = self.offer["id"] if self.offer is not None else None
        if held in [offer["id"] for offer in await self._front_end.offers(self.account, self.user)]:
            raise NotCome("an offer that is over is still handed out")

    async def broken(self, act: Broken) -> None:
        """Send it, and wait until it is set aside."""
        lies = await self._told.send_broken(self.account, act.value)
        await self._come(("dead", *lies), "a broken message was not set aside")

    async def _come(self, key: tuple[str, ...], otherwise: str) -> Decision:
        try:
            found: Decision = await self._seen.get(key, PATIENCE_S)
        except TimeoutError:
            raise NotCome(otherwise) from None
        return found


@asynccontextmanager
async def _patience(otherwise: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield
    except TimeoutError:
        raise NotCome(otherwise) from None


def _is(offer: Offer, name: str, at: datetime) -> bool:
    """Whether ``offer`` is the one called ``name`` that was made of what happened at ``at``, or was held until then."""
    return bool(offer["offer"] == name) and datetime.fromisoformat(offer["made_at"]) >= at
