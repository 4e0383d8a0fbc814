"""What everybody else notices of a midnight at which the timers of all accounts are due, and an offer comes of each.

The engine is asked for its page all the while: as long as it has no time to answer, it has none for heartbeats either.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx

from benchmarks import job
from benchmarks.engine import handled, read_all, started, total
from benchmarks.rates import Spread
from benchmarks.table import Goal, Row
from schemas import topics
from schemas.playbooks import SourceFile
from services.kit.clock import MS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.cluster import Cluster

VIEWED: Final = "page.viewed"
VIEWS: Final = ((9, 0), (2, 1), (1, 2))
"""So many days ago an account viewed so many pages; first it was opened."""

PRODUCT: Final = f"""
product: measured
history: starts_empty
default_plan: free
events: {{{VIEWED}: {{}}}}
meters: {{views: {{count: {VIEWED}}}}}
plans: [{{id: free, price: 0}}]
products: [{{id: insights, price: {{month: 6}}}}]
placements: [banner]
"""
PLAYBOOK: Final = """
playbook: measured
moments:
  grows: {growth: views, by: 10%, of: day, periods: 1, from: 1, stale_after: 7d}
offers:
  insights: {on: [grows], add: insights, content: {title: You do more}, placements: [banner]}
"""
ACCOUNTS: Final = 80_000
ANSWER_MS: Final = 1_000.0
"""Within which the engine answers whatever is due; its session is ten times as long."""

ASK_S: Final = 0.02
ANSWER_S: Final = 60.0
LIMIT_S: Final = 240.0


@dataclass
class Midnight:
    """Seconds that each answer took: while usage was read, and while timers fired.

    ``largest``: records of the largest transaction.
    """

    usage: list[float] = field(default_factory=list)
    timers: list[float] = field(default_factory=list)
    largest: int = 0


def files() -> tuple[SourceFile, ...]:
    """A set with one moment, which is looked at when a day is over."""
    return SourceFile(path="product.yaml", text=PRODUCT), SourceFile(path="playbook.yaml", text=PLAYBOOK)


def messages(accounts: int, now_us: int) -> Iterator[job.Message]:
    """Each account was opened some days ago, and did something on the last two."""
    known, midnight = job.Accounts(accounts).known, now_us - now_us % job.DAY_US
    for days, views in VIEWS:
        for round_ in range(max(1, views)):
            for number, account in enumerate(known):
                at_us = midnight - days * job.DAY_US + job.DAY_US // 2 + round_ * accounts + number
                yield _message(f"{days}-{round_}-{number}", account, VIEWED if views else "rung.account_created", at_us)


def _message(id_: str, account: tuple[str, bytes, int], kind: str, at_us: int) -> job.Message:
    name, key, partition = account
    body = {"specversion": "1.0", "id": id_, "source": "pages", "type": kind, "subject": name}
    return job.Message(partition, key, json.dumps({**body, "time": job.written(at_us), "data": {}}).encode())


async def row(cluster: Cluster, home: Path, rounds: int, accounts: int) -> Row:
    """The row of the table."""
    found = [await measured(cluster, home, accounts) for _ in range(rounds)]
    sides = [one.usage for one in found], [one.timers for one in found]
    worst = [Spread(tuple(map(max, side))) for side in sides]
    ratio = Spread(tuple(ours / reference for reference, ours in zip(*(one.readings for one in worst), strict=True)))
    reference, ours = (one.told(0, 1 / MS_PER_S, " ms") for one in worst)
    told = f"{ours}, up to {max(one.largest for one in found):,} records a transaction"
    name = f"longest answer while {accounts:,} timers of one midnight fire, an offer each; while usage is read"
    return Row(name, ratio, told, reference, Goal.AT_MOST, ANSWER_MS, worst[1].median * MS_PER_S, " ms")


async def measured(cluster: Cluster, home: Path, accounts: int) -> Midnight:
    """Start an engine on what waits, and ask until all offers are made."""
    prefix = await cluster.fresh(files(), published_us=cluster.clock.now_us() - 30 * job.DAY_US)
    made = list(messages(accounts, cluster.clock.now_us()))
    await cluster.load(topics.USAGE.under(prefix), made)
    found = Midnight()
    async with started(cluster.bootstrap, prefix, home) as engine, httpx.AsyncClient() as http:
        loop = asyncio.get_running_loop()
        deadline, taken, offers = loop.time() + LIMIT_S, 0, 0
        while offers < accounts:
            if loop.time() > deadline:
                raise TimeoutError(f"{offers} of {accounts} offers were made in {LIMIT_S:g} s")
            await asyncio.sleep(ASK_S)
            began = loop.time()
            try:
                page = await http.get(f"http://127.0.0.1:{engine.port}/metrics", timeout=ANSWER_S)
            except httpx.ConnectError:
                continue
            (found.usage if taken < len(made) else found.timers).append(loop.time() - began)
            taken = handled(page.text)
            offers = total(page.text, "rung_engine_decisions_total{", 'verdict="offered"')
    journal = await read_all(cluster.bootstrap, topics.ENGINE_JOURNAL.under(prefix))
    entries = [json.loads(record.value or b"{}") for record in journal]
    found.largest = max(sum(entry[name] for name in ("slices", "offers", "decisions", "outcomes")) for entry in entries)
    return found
