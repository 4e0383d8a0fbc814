"""The demo from start to end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvloop
from rich.console import Console
from rich.live import Live
from rich.text import Text

from schemas.stages import Stage
from services.demo import figures
from services.demo.crowd import Busy
from services.demo.doors import print_doors
from services.demo.front_end import FrontEnd, SignFor
from services.demo.generator import Play, Size, Today, play
from services.demo.live import LEAST_HEIGHT, LEAST_WIDTH, Picture, plain
from services.demo.page.door import PREFERRED_PORT, Door
from services.demo.page.site import Site
from services.demo.player import Player, Told, World
from services.demo.starting import running
from services.demo.summary import Outcome, print_summary
from services.demo.tally import Tally
from services.demo.watching import CLIENT, Seen, Watching
from services.kit.clock import Clock
from services.kit.db.sessions import Database
from services.kit.kafka.sender import Sender
from services.kit.settings import DatabaseSettings, KafkaSettings
from services.kit.telemetry.listener import serving
from services.local_stack.ports import Ports
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack

REPORT: Final = "report.html"
"""Where the show leaves its report, beside what is kept of stacks."""

REFRESH_PER_S: Final = 4
SETTLE_S: Final = 1.0
"""For the last outcomes to be told once all stories are over."""


@dataclass(frozen=True)
class Wish:
    """What was asked for. ``signer`` makes, of a private key's path, what signs tokens; ``report`` writes one."""

    size: Size
    stay: bool
    signer: Callable[[Path], SignFor]
    report: Callable[[KafkaSettings, DatabaseSettings, Path], Awaitable[None]]


def run(wish: Wish, console: Console, clock: Clock) -> int:
    """Show it; returns the exit code: 0 when everything that had to happen did. Raises ``StackError``."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    console.print("starting Kafka, PostgreSQL and the services")
    ports = Ports()  # the page's stays ours until the end
    door = Door(ports.choose(PREFERRED_PORT))
    with running(console, clock, door.origins) as (stack, place):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            outcome = runner.run(_visited(Show(wish, console, clock, stack, place), door))
        return 1 if outcome.tally.missing else 0


async def _visited(show: "Show", door: Door) -> Outcome:
    """The show, while the page is open."""
    async with show.page(door):
        show.say(f"the product is a page, too: {door.url}")
        outcome = await show.run()
        await show.end(outcome, door)
        return outcome


class Show:
    """One show on a running stack. ``place``: prefix of the topics and schema of the tables."""

    def __init__(self, wish: Wish, console: Console, clock: Clock, stack: LocalStack, place: str) -> None:
        self._wish = wish
        self._console = console
        self._clock = clock
        self._stack = stack
        self._place = place
        began = clock.monotonic()
        self._tally = Tally(since=lambda: clock.monotonic() - began)
        self._seen = Seen()

    @asynccontextmanager
    async def page(self, door: Door) -> AsyncIterator[None]:
        """The page, as long as the context is open."""
        sign = self._wish.signer(self._stack.private_key)
        async with Sender(self._stack.kafka_bootstrap, self._place, f"{CLIENT}-page") as sender:
            told = Told(
                sender, self._clock, Tally(since=self._clock.monotonic)
            )  # what visitors do is no part of the show
            async with serving(Site(self._api(), told.send, sign).app, door.host, door.port):
                yield

    def say(self, words: str) -> None:
        """One line for whoever watches."""
        self._console.print(Text(words), soft_wrap=True)

    async def end(self, outcome: Outcome, door: Door) -> None:
        """Sum it up, and stay if that was wished for."""
        print_summary(self._console, outcome)
        page = StackSettings().home() / REPORT
        await self._wish.report(
            KafkaSettings(bootstrap_servers=self._stack.kafka_bootstrap, topic_prefix=self._place),
            DatabaseSettings(url=self._stack.database_url, db_schema=self._place),
            page,
        )
        self.say(f"what the offers did: {page}")
        if self._wish.stay:
            print_doors(self._console, self._stack, door.url)
            await asyncio.Event().wait()

    def _api(self) -> str:
        return f"http://127.0.0.1:{self._stack.port('offer_api', 'RUNG_API_PORT')}"

    async def run(self) -> Outcome:
        """Play everything, and gather the figures."""
        played = play(self._wish.size, Today.at(self._clock.now_us()))
        sign = self._wish.signer(self._stack.private_key)
        async with AsyncExitStack() as exits:
            front_end = await exits.enter_async_context(FrontEnd(self._api(), sign))
            sender = await exits.enter_async_context(Sender(self._stack.kafka_bootstrap, self._place, CLIENT))
            told = Told(sender, self._clock, self._tally)
            busy = Busy(played.crowd, told, front_end, self._clock, self._tally)
            watching = Watching(self._stack.kafka_bootstrap, self._place, self._tally, self._seen, busy.visit)
            started = asyncio.Event()
            reading = asyncio.create_task(watching.run(started))
            exits.push_async_callback(_end, reading)
            await _first(started.wait(), reading)
            await exits.enter_async_context(self._view(played.rate))
            await _first(self._play(played, told, front_end, busy), reading)
        return await self._outcome()

    async def _play(self, played: Play, told: Told, front_end: FrontEnd, busy: Busy) -> None:
        player = Player(World(told, front_end, self._seen, self._clock, self._tally))
        async with asyncio.TaskGroup() as all_of_it:
            all_of_it.create_task(busy.work(played.rate))
            for number, story in enumerate(played.stories):
                all_of_it.create_task(player.play(story, by_stream=number % 2 == 0))
        await busy.leave()
        await asyncio.sleep(SETTLE_S)

    @asynccontextmanager
    async def _view(self, rate: float) -> AsyncIterator[None]:
        """A picture where there is room for one, else a line for everything that happens."""
        console = self._console
        if (
            not console.is_terminal
            or console.is_dumb_terminal
            or console.width < LEAST_WIDTH
            or console.height < LEAST_HEIGHT
        ):
            self._tally.told = lambda line: console.print(Text(plain(line)), soft_wrap=True)
            yield
            return
        picture = Picture(self._tally, rate)
        with Live(picture, console=console, screen=True, auto_refresh=False) as live:
            drawing = asyncio.create_task(_draw(live))
            try:
                yield
            finally:
                await _end(drawing)

    async def _outcome(self) -> Outcome:
        metrics = f"http://127.0.0.1:{self._stack.port('offer_api', 'RUNG_API_HTTP_PORT')}/metrics"
        database = Database(self._stack.database_url, self._place, CLIENT)
        try:
            return Outcome(
                tally=self._tally,
                stored=await figures.stage_buckets(metrics, Stage.STORED),
                funnel=await figures.funnel(database, self._tally.made.total()),
                accounts=self._wish.size.accounts,
            )
        finally:
            await database.close()


async def _draw(live: Live) -> None:
    # from this loop, which also counts: a thread would read the counts while they change
    while True:
        live.refresh()
        await asyncio.sleep(1 / REFRESH_PER_S)


async def _first(work: Coroutine[Any, Any, Any], reading: asyncio.Task[None]) -> None:
    """Do ``work``; when ``reading`` ends before it, which it only does by a fault, raise that."""
    working = asyncio.create_task(work)
    try:
        await asyncio.wait({working, reading}, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()
        await working
    finally:
        await _end(working)


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
