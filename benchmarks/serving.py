"""How many GETs of offers one core of the offer API answers, and how soon, beside a uvicorn that says the same bytes.

The API is the process as it is shipped: token, limits, row security, a real PostgreSQL, offers of a thousand accounts.
A handful of front ends keep a connection each, and ask again as soon as they are answered.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.processes import Child, free_port, own_python, running
from benchmarks.rates import Spread
from schemas.offers import AfterNo, Content, Evidence, MomentKind, Offer, OfferMade, OfferWhole, Option, Verb
from services.kit.clock import SystemClock, to_datetime
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.kit.kafka.admin import create_topics
from services.kit.signing import Signer
from services.local_stack import keys
from services.local_stack.stack import LocalStack, Wanted
from services.offer_api.adapters.postgres import PostgresOffers
from services.offer_api.ports import Change

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

ACCOUNTS: Final = 1_000
PLACES: Final = ("banner", "modal", "upgrade_page")
OFFERS_EACH: Final = len(PLACES)
FRONT_ENDS: Final = 4
WARM_SHARE: Final = 0.2
READY_S: Final = 30.0
YEAR_US: Final = 365 * 86_400 * 1_000_000
SCHEMA: Final = "bench"
PARTITIONS: Final = 4
HOST: Final = "127.0.0.1"
NO_LIMIT: Final = "100000000/second"


class Load(NamedTuple):
    """Requests per second, and per second of the server's CPU; the time of each in milliseconds; one answer's body."""

    per_second: float
    per_cpu_second: float
    times_ms: list[float]
    body: bytes


class Place:
    """A deployment with offers in its database."""

    def __init__(self, stack: LocalStack, home: Path) -> None:
        self._stack = stack
        self._home = home
        self._keys = home / "keys"

    async def prepare(self) -> None:
        """Topics, tables and offers; once."""
        await create_topics(self._stack.kafka_bootstrap, SCHEMA, partitions=PARTITIONS)
        await migrate(self._stack.database_url, SCHEMA)
        keys.ensure(self._keys)
        database = Database(self._stack.database_url, SCHEMA, "benchmarks")
        now_us = SystemClock().now_us()
        told = [
            made(f"offer-{number}", _account(number % ACCOUNTS), now_us, PLACES[number // ACCOUNTS])
            for number in range(ACCOUNTS * OFFERS_EACH)
        ]
        changes = [Change(event, offset) for offset, event in enumerate(told)]
        # a partition of its own, that nobody folds: what is measured is reading
        await PostgresOffers(database).fold(99, changes, 0, len(changes))
        await database.close()

    def token(self, account: str) -> str:
        """For somebody of ``account``."""
        return Signer(self._keys / "private.json", "rung-dev", "rung", SystemClock()).token(account)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[tuple[Child, int]]:
        """The offer API as it is shipped, without limits of number, and its port."""
        port, operators = free_port(), free_port()
        environment = {
            "KAFKA_BOOTSTRAP_SERVERS": self._stack.kafka_bootstrap,
            "DATABASE_URL": self._stack.database_url,
            "RUNG_TOPIC_PREFIX": SCHEMA,
            "RUNG_DATABASE_SCHEMA": SCHEMA,
            "RUNG_API_JWKS": str(self._keys / "jwks.json"),
            "RUNG_API_PORT": str(port),
            "RUNG_API_HTTP_PORT": str(operators),
            "RUNG_API_STREAM_LIFE_S": "3600",
            **{f"RUNG_API_RATE_{per}": NO_LIMIT for per in ("TOKEN", "ACCOUNT", "ADDRESS")},
        }
        command = [own_python(), "-m", "services.offer_api"]
        async with running(command, self._home / "offer_api.log", environment) as child:
            await _ready(child, port, request("/readyz"))
            yield child, port

    async def ours(self, requests: int) -> Load:
        """The offer API."""
        accounts = [_account(number) for number in range(ACCOUNTS)]
        asked = [request(f"/v1/accounts/{one}/offers?placement=banner", self.token(one)) for one in accounts]
        async with self.serving() as (child, port):
            return await _loaded(child, port, asked, requests)

    async def bare(self, requests: int, body: bytes) -> Load:
        """Uvicorn alone, with the same answer."""
        port, answer = free_port(), self._home / "answer.json"
        answer.write_bytes(body)
        command = [own_python(), "-m", "benchmarks.bare", str(port), str(answer)]
        async with running(command, self._home / "bare.log") as child:
            await _ready(child, port, request("/"))
            return await _loaded(child, port, [request("/")], requests)


async def measured(home: Path, rounds: int, requests: int) -> tuple[list[Load], list[Load]]:
    """The API and uvicorn by turns, on a stack of their own."""
    ours, bare = [], []
    with LocalStack.running(Wanted(name="benchmarks-serving", tie_to_parent=True), keep_data=False) as stack:
        place = Place(stack, home)
        await place.prepare()
        for _ in range(rounds):
            ours.append(await place.ours(requests))
            bare.append(await place.bare(requests, ours[-1].body))
    return ours, bare


def ratio(reference: Sequence[float], ours: Sequence[float]) -> Spread:
    """Ours to the reference, pair by pair."""
    return Spread(tuple(own / other for other, own in zip(reference, ours, strict=True)))


async def _loaded(child: Child, port: int, asked: list[bytes], requests: int) -> Load:
    """Ask ``requests`` times by turns; what is before `WARM_SHARE` of them is not measured."""
    numbers = iter(range(requests))
    ends: list[tuple[float, float]] = []

    async def front_end() -> bytes:
        body = b""
        async with _connected(port) as (reader, writer):
            for number in numbers:
                began = time.monotonic()
                body = await _ask(reader, writer, asked[number % len(asked)])
                ends.append((began, time.monotonic()))
        return body

    bodies = await asyncio.gather(*(front_end() for _ in range(FRONT_ENDS)))
    await asyncio.sleep(0.2)  # until its CPU was looked at once more
    measured = ends[int(requests * WARM_SHARE) :]
    first, last = measured[0][1], measured[-1][1]
    cpu = child.cpu.at(last) - child.cpu.at(first)
    times_ms = [(end - began) * 1_000 for began, end in measured]
    return Load(len(measured) / (last - first), len(measured) / cpu, times_ms, next(filter(None, bodies)))


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bytes) -> bytes:
    writer.write(asked)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(int(length.partition(b":")[2]))


async def _ready(child: Child, port: int, asked: bytes) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and child.process.returncode is None:
        with suppress(OSError, RuntimeError, asyncio.IncompleteReadError):
            async with _connected(port) as (reader, writer):
                await _ask(reader, writer, asked)
                return
        await asyncio.sleep(0.1)
    raise child.fault()


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield reader, writer
    finally:
        writer.close()


def request(path: str, token: str | None = None) -> bytes:
    """A whole GET."""
    bearer = "" if token is None else f"authorization: Bearer {token}\r\n"
    return f"GET {path} HTTP/1.1\r\nhost: {HOST}\r\n{bearer}\r\n".encode()


def _account(number: int) -> str:
    return f"account-{number}"


def made(offer_id: str, account: str, now_us: int, place: str = PLACES[0]) -> OfferMade:
    """That an offer was made."""
    at = to_datetime(now_us)
    offer = Offer(
        offer_id=offer_id,
        offer="more_storage",
        playbook="storage",
        family="capacity",
        verb=Verb.UPGRADE_TO,
        placements=(place,),
        content=Content(title="You have used 1.8 of 2 GB", body="Plus has room for 2000 GB."),
        options=(Option(id="plus", kind="plan"),),
        evidence=(Evidence(moment="storage_full", kind=MomentKind.LIMIT, happened_at=at),),
        after_a_no=AfterNo(rule="30d", seconds=2_592_000),
        made_at=at,
        expires_at=to_datetime(now_us + YEAR_US),
        version=1,
        decision_id=f"decision-of-{offer_id}",
    )
    data = OfferWhole(sequence=1, offer=offer)
    return OfferMade(id=f"made-{offer_id}", source="benchmarks", subject=account, time=at, data=data)
