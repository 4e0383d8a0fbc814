"""The lines of the table. Each measures its reference and ours by turns, on topics of their own."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import (
    deciding,
    folding,
    idling,
    job,
    latency,
    members,
    midnight,
    processes,
    restoring,
    serving,
    verifying,
)
from benchmarks.cluster import Cluster
from benchmarks.engine import work_through
from benchmarks.kafka_streams import build
from benchmarks.processes import own_python, python_of_references
from benchmarks.rates import Rate, Spread, percentile, percentiles
from benchmarks.table import Goal, Row
from schemas import topics

HOT: Final = 100
EVEN: Final = 100_000
EVEN_EVENTS: Final = 1_600_000
"""Four rounds over all pairs of account and type of event; the first, in which each is new, is not measured.

With three, that was so of the sum alone: one partition was ahead of the others, and those were still in their first.
"""

FEW: Final = 2_000
"""Accounts where neither slices nor one account's fate may matter."""

QUIET: Final = 2_000
"""Events a second of ordinary accounts beside a hot one."""

SESSION_S: Final = 10.0
BACK_S: Final = 1.0
"""Seconds: a session of the group; how soon a restarted engine should have its partitions again."""

REFERENCE_LIMIT_S: Final = 60.0
THRESHOLD: Final = 1_000
THOUSAND: Final = 1_000.0

GETS: Final = 1_200.0
GET_MS: Final = 10.0
"""What one core should answer in a second, and within which time 95 of 100 of them."""

VERIFIED: Final = 1_000 / 60
"""Thousands of events a second: a million in a minute."""


@dataclass(frozen=True)
class Bench:
    """What every line is given. ``scale`` shrinks the runs while trying things out; ``rounds`` is how many pairs."""

    cluster: Cluster
    home: Path
    rounds: int
    scale: float

    def events(self, count: int) -> int:
        """So many, scaled."""
        return max(20_000, round(count * self.scale))

    @property
    def many(self) -> int:
        """Accounts of the even job, scaled with the events so that each is met as often."""
        return self.events(EVEN)

    async def waiting(self, events: int, accounts: int, offers: int = 20) -> str:
        """A prefix with the 20-moment set and so many events on it."""
        prefix = await self.cluster.fresh(job.files(offers))
        made = job.messages(events, job.Accounts(accounts), self.cluster.start_us())
        await self.cluster.load(topics.USAGE.under(prefix), made)
        return prefix

    async def counting(self, events: int, accounts: int) -> str:
        """A prefix with the set of one count and one threshold."""
        prefix = await self.cluster.fresh(job.counting_files(THRESHOLD))
        made = job.messages(events, job.Accounts(accounts), self.cluster.start_us(), job.KINDS[:1])
        await self.cluster.load(topics.USAGE.under(prefix), made)
        return prefix

    async def ours(self, prefix: str, events: int, count: int = 1) -> Rate:
        """The engine on what waits there."""
        return await work_through(self.cluster.bootstrap, prefix, self.home, events, count)

    async def raw(self, topic: str, events: int, *, tuned: bool = True) -> Rate:
        """`getmany` on a topic, made as fast as we know how, or as it comes."""
        told = [self.cluster.bootstrap, topic, str(job.PARTITIONS), str(events), *(["--tuned"] if tuned else [])]
        command = [own_python(), "-m", "benchmarks.raw", *told]
        return await processes.reference(command, self.home / "raw.log", events, REFERENCE_LIMIT_S)

    async def other(self, command: list[str], prefix: str, arguments: list[str], events: int) -> Rate:
        """Another engine on what waits there, its state in a directory that is new."""
        state = self.home / f"{prefix}-state"
        told = [self.cluster.bootstrap, topics.USAGE.under(prefix), topics.DECISIONS.under(prefix)]
        full = [*command, *told, *arguments, str(state), str(events)]
        try:
            return await processes.reference(full, self.home / f"{prefix}-other.log", events, REFERENCE_LIMIT_S)
        finally:
            shutil.rmtree(state, ignore_errors=True)


Line = Callable[[Bench], Awaitable[list[Row]]]
Pair = tuple[float, float]


def _row(name: str, pairs: list[Pair], told: str, goal: Goal, bound: float = 0.0) -> Row:
    """A row of pairs (reference, ours), both in thousands of ``told``."""
    reference, ours = Spread(tuple(pair[0] for pair in pairs)), Spread(tuple(pair[1] for pair in pairs))
    ratio = Spread(tuple(pair[1] / pair[0] for pair in pairs))
    units = (ours.told(1, THOUSAND, f"k {told}"), reference.told(1, THOUSAND, f"k {told}"))
    return Row(name, ratio, *units, goal, bound)


# --- raw speed ----------------------------------------------------------------------------------


async def _against_raw(bench: Bench, name: str, accounts: int, events: int, goal: float) -> list[Row]:
    plain, tuned = [], []
    for _ in range(bench.rounds):
        prefix = await bench.waiting(events, accounts)
        topic = topics.USAGE.under(prefix)
        references = await bench.raw(topic, events, tuned=False), await bench.raw(topic, events)
        own = await bench.ours(prefix, events)
        plain.append((references[0], own))
        tuned.append((references[1], own))
    told = "events/CPU s"
    return [
        _row(f"{name}; aiokafka `getmany`", _by_time(plain), "events/s", Goal.AT_LEAST, goal),
        _row(f"{name}; `getmany`, by CPU", _by_cpu(plain), told, Goal.REPORTED),
        _row(f"{name}; `getmany` tuned, 500 at a time", _by_time(tuned), "events/s", Goal.REPORTED),
        _row(f"{name}; `getmany` tuned, by CPU", _by_cpu(tuned), told, Goal.REPORTED),
    ]


def _by_time(pairs: list[tuple[Rate, Rate]]) -> list[Pair]:
    return [(raw.per_second, own.per_second) for raw, own in pairs]


def _by_cpu(pairs: list[tuple[Rate, Rate]]) -> list[Pair]:
    return [(raw.per_cpu_second or 0.0, own.per_cpu_second or 0.0) for raw, own in pairs]


async def hot(bench: Bench) -> list[Row]:
    """100 hot accounts against `getmany`."""
    return await _against_raw(bench, "20 moments, 100 hot accounts", HOT, bench.events(800_000), 0.50)


async def even(bench: Bench) -> list[Row]:
    """100,000 accounts against `getmany`."""
    return await _against_raw(
        bench, f"20 moments, {bench.many:,} accounts evenly", bench.many, bench.events(EVEN_EVENTS), 0.25
    )


# --- other engines ------------------------------------------------------------------------------


async def _counting(bench: Bench, app: str, called: str, goals: Pair) -> list[Row]:
    """Count and threshold against ``app``; ``goals`` for hot accounts and for evenly spread ones."""
    command = [python_of_references(), f"benchmarks/references/{app}_app.py"]
    theirs, mine = bench.events(200_000), bench.events(600_000)
    rows = []
    for told, accounts, goal in (
        ("100 hot accounts", HOT, goals[0]),
        (f"{bench.many:,} accounts evenly", bench.many, goals[1]),
    ):
        pairs = []
        for _ in range(bench.rounds):
            prefix = await bench.counting(theirs, accounts)
            other = await bench.other(command, prefix, [str(THRESHOLD)], theirs)
            own = await bench.ours(await bench.counting(mine, accounts), mine)
            pairs.append((other.per_second, own.per_second))
        rows.append(_row(f"count + threshold, {told}; {called}", pairs, "events/s", Goal.AT_LEAST, goal))
    return rows


async def quix(bench: Bench) -> list[Row]:
    """Count and threshold against Quix Streams."""
    return await _counting(bench, "quix", "Quix Streams, exactly once", (5.0, 6.0))


async def bytewax(bench: Bench) -> list[Row]:
    """Count and threshold against Bytewax."""
    return await _counting(bench, "bytewax", "Bytewax with recovery", (2.0, 5.0))


async def streams(bench: Bench) -> list[Row]:
    """The 20-moment job against Kafka Streams, by the CPU it takes."""
    events = bench.events(EVEN_EVENTS)
    pairs: dict[str, list[Pair]] = {"memory": [], "rocksdb": []}
    for _ in range(bench.rounds):
        for store, found in pairs.items():
            theirs = await bench.other(build.command(), await bench.waiting(events, bench.many), [store], events)
            mine = await bench.ours(await bench.waiting(events, bench.many), events)
            found.append((theirs.per_cpu_second or 0.0, mine.per_cpu_second or 0.0))
    name, told = f"20 moments, {bench.many:,} accounts evenly; Kafka Streams", "events/CPU s"
    return [
        _row(f"{name} in memory", pairs["memory"], told, Goal.AT_LEAST, 1.0),
        _row(f"{name} on RocksDB", pairs["rocksdb"], told, Goal.AT_LEAST, 1.5),
    ]


# --- restore, latency ---------------------------------------------------------------------------


async def restore(bench: Bench) -> list[Row]:
    """100,000 and 1,000,000 accounts, against reading the same log with `getmany`."""
    rows = []
    for accounts in (bench.events(100_000), bench.events(1_000_000)):
        prefix = await restoring.prepared(bench.cluster, bench.home, accounts)
        pairs, memory = [], 0.0
        for _ in range(bench.rounds):
            raw = await bench.raw(topics.ENGINE_STATE.under(prefix), accounts)
            seconds, memory = await restoring.restored(bench.cluster, prefix, bench.home)
            pairs.append((raw.per_second, accounts / seconds))
        row = _row(f"restore of {accounts:,} accounts; aiokafka `getmany`", pairs, "accounts/s", Goal.AT_LEAST)
        rate = Spread(tuple(pair[1] for pair in pairs)).median / THOUSAND
        ours = f"{row.ours}, {memory:.0f} MiB"
        rows.append(Row(row.name, row.ratio, ours, row.reference, Goal.AT_LEAST, 200.0, rate, "k/s"))
    return rows


async def oracle(bench: Bench) -> list[Row]:
    """`rung verify` over what the engine did, against `getmany` on the same events."""
    events = bench.events(1_000_000)
    rows = []
    for told, accounts in (("100 hot accounts", HOT), (f"{bench.many:,} accounts evenly", bench.many)):
        pairs, mib = [], 0.0
        for _ in range(bench.rounds):
            prefix = await bench.waiting(events, accounts)
            raw = await bench.raw(topics.USAGE.under(prefix), events)
            await bench.ours(prefix, events)
            found = await verifying.verified(bench.cluster.bootstrap, prefix, bench.home)
            pairs.append((raw.per_second, found.per_second))
            mib = max(mib, found.mib)
        row = _row(f"`rung verify`, {told}; aiokafka `getmany`", pairs, "events/s", Goal.AT_LEAST)
        rate = Spread(tuple(pair[1] for pair in pairs)).median / THOUSAND
        ours = f"{row.ours}, {mib:.0f} MiB"
        rows.append(Row(row.name, row.ratio, ours, row.reference, Goal.AT_LEAST, VERIFIED, rate, "k/s"))
    return rows


async def to_readable(bench: Bench) -> list[Row]:
    """Produced to readable, against aiokafka copying the same events in transactions of 100 ms."""
    rows = []
    for per_second in (2_000, 10_000):
        seconds = max(5.0, 30 * bench.scale)
        ends: list[Pair] = []
        told: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(bench.rounds):
            found = []
            for run in (latency.echo, latency.ours):
                prefix = await bench.cluster.fresh(job.files())
                async with run(bench.cluster, prefix, bench.home):
                    found.append(await latency.measured(bench.cluster, prefix, per_second, seconds))
                told[run is latency.ours].extend(found[-1])
            ends.append((percentile(found[0], 0.99), percentile(found[1], 0.99)))
        name = f"produced → offer readable, {per_second:,} events/s, p99; aiokafka echo in transactions"
        ratio = Spread(tuple(pair[1] / pair[0] for pair in ends))
        worst = Spread(tuple(pair[1] for pair in ends)).median
        told_as = percentiles(told[True]), percentiles(told[False])
        rows.append(Row(name, ratio, *told_as, Goal.AT_MOST, 200.0, worst, " ms"))
    return rows


# --- size of the playbook, number of processes --------------------------------------------------


async def offers(bench: Bench) -> list[Row]:
    """Cost per event with 200 and 1,000 offers against that with 20."""
    events = bench.events(400_000)
    rows = []
    for many in (200, 1_000):
        pairs = []
        for _ in range(bench.rounds):
            few = await bench.ours(await bench.waiting(events, FEW, 20), events)
            more = await bench.ours(await bench.waiting(events, FEW, many), events)
            pairs.append((1e9 / (few.per_cpu_second or 1.0), 1e9 / (more.per_cpu_second or 1.0)))
        told = "ns of CPU an event"
        rows.append(_row(f"{many:,} offers in the playbook; 20 offers", pairs, told, Goal.AT_MOST, 2.0))
    return rows


async def two(bench: Bench) -> list[Row]:
    """Two processes against one."""
    events = bench.events(800_000)
    pairs = []
    for _ in range(bench.rounds):
        one = await bench.ours(await bench.waiting(events, HOT), events)
        both = await bench.ours(await bench.waiting(events, HOT), events, 2)
        pairs.append((one.per_second, both.per_second))
    return [_row("two processes, hot; one process", pairs, "events/s", Goal.REPORTED)]


async def neighbours(bench: Bench) -> list[Row]:
    """Offers of other partitions while one account has nine of ten events, against the same without that account."""
    seconds = max(5.0, 30 * bench.scale)
    ends: list[float] = []
    told: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(bench.rounds):
        for beside_hot, found in told.items():
            prefix = await bench.cluster.fresh(job.files())
            async with latency.ours(bench.cluster, prefix, bench.home):
                taken = await latency.measured(bench.cluster, prefix, QUIET, seconds, beside_hot=beside_hot)
            found.extend(taken)
            ends.append(percentile(taken, 0.99))
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    ratio = Spread(tuple(pair[1] / pair[0] for pair in pairs))
    name = f"produced → offer readable, p99, {QUIET:,} events/s beside {9 * QUIET:,} of one account; without those"
    return [Row(name, ratio, percentiles(told[True]), percentiles(told[False]), Goal.REPORTED)]


async def midnights(bench: Bench) -> list[Row]:
    """How long nobody else has their turn while a timer fires for each account, and while usage is read."""
    accounts = max(4_000, round(midnight.ACCOUNTS * bench.scale))
    return [await midnight.row(bench.cluster, bench.home, bench.rounds, accounts)]


async def comings(bench: Bench) -> list[Row]:
    """Handing over when an engine stops, and coming back under the same name, in seconds."""
    rows = []
    for name, measure, goal in (
        ("stopped → all its partitions at work in another engine", members.handed_over, SESSION_S),
        ("restarted under its name → its partitions given again", members.back_again, BACK_S),
    ):
        found = [await measure(bench.cluster, bench.home) for _ in range(bench.rounds)]
        ratio = Spread(tuple(seconds / SESSION_S for seconds in found))
        took = Spread(tuple(found))
        reference = f"session {SESSION_S:g} s"
        rows.append(Row(name, ratio, took.told(2, 1.0, " s"), reference, Goal.AT_MOST, goal, took.median, " s"))
    return rows


async def decisions(bench: Bench) -> list[Row]:
    """CPU of one decision with 1,000 offers in the playbook, against one with 20."""
    return deciding.rows(bench.rounds, max(20, round(1_000 * bench.scale)))


async def getting(bench: Bench) -> list[Row]:
    """GETs of offers by CPU against a uvicorn that says the same bytes; and how soon they are answered."""
    ours, bare = await serving.measured(bench.home, bench.rounds, max(1_000, round(20_000 * bench.scale)))
    by_cpu = [Spread(tuple(load.per_cpu_second for load in side)) for side in (bare, ours)]
    p95s = [[percentile(load.times_ms, 0.95) for load in side] for side in (bare, ours)]
    more, longer = serving.ratio(by_cpu[0].readings, by_cpu[1].readings), serving.ratio(p95s[0], p95s[1])
    told = [percentiles([one for load in side for one in load.times_ms], 1) for side in (bare, ours)]
    told_cpu = [one.told(0, 1.0, " /CPU s") for one in by_cpu]
    name, p95 = "GET offers; uvicorn that says the same", Spread(tuple(p95s[1])).median
    return [
        Row(f"{name}, by CPU", more, told_cpu[1], told_cpu[0], Goal.AT_LEAST, GETS, by_cpu[1].median, " /CPU s"),
        Row(f"{name}, p95", longer, told[1], told[0], Goal.AT_MOST, GET_MS, p95, " ms"),
    ]


async def sink(bench: Bench) -> list[Row]:
    """Outcomes folded into PostgreSQL against a bare COPY of them."""
    return await folding.rows(bench.home, bench.rounds, bench.events(1_000_000))


async def idle(bench: Bench) -> list[Row]:
    """Memory of an idle stream, and how soon a change is on one of many."""
    return await idling.rows(bench.home, bench.rounds, max(500, round(idling.STREAMS * bench.scale)))


LINES: Final[dict[str, Line]] = {
    "hot": hot,
    "even": even,
    "quix": quix,
    "bytewax": bytewax,
    "streams": streams,
    "restore": restore,
    "oracle": oracle,
    "latency": to_readable,
    "offers": offers,
    "processes": two,
    "neighbours": neighbours,
    "comings": comings,
    "midnight": midnights,
    "deciding": decisions,
    "serving": getting,
    "idling": idle,
    "folding": sink,
}

WITHOUT_BROKER: Final = frozenset({"deciding", "serving", "folding", "idling"})
"""Lines of pure CPU, in the very process that measures; and those that have a stack of their own, with PostgreSQL."""
