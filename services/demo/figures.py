"""What the services say of themselves: the API's latency histogram, the sink's funnel."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import httpx
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from schemas.stages import Stage
from services.kit.db.sessions import Database
from services.kit.telemetry.stages import STAGE_LATENCY

Buckets = Sequence[tuple[float, float]]
"""Upper bounds in seconds, rising, each with how many values are at most that."""

SINK_WITHIN_S: Final = 10.0
"""How long the funnel may lag behind the last outcome."""

LOOK_EVERY_S: Final = 0.2


@dataclass(frozen=True)
class FunnelRow:
    """One offer, and how many of those made came how far."""

    offer: str
    made: int
    presented: int
    clicked: int
    accepted: int
    dismissed: int
    snoozed: int


async def stage_buckets(metrics_url: str, stage: Stage) -> Buckets:
    """The buckets of one stage of the latency histogram, as the service at ``metrics_url`` tells them."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(metrics_url)
        answer.raise_for_status()
    return buckets_of(answer.text, stage)


def buckets_of(exposition: str, stage: Stage) -> Buckets:
    """As `stage_buckets`, of a text in Prometheus' format."""
    samples = [
        sample
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name == f"{STAGE_LATENCY.name}_bucket" and sample.labels.get("stage") == stage.value
    ]
    return sorted((float(sample.labels["le"]), sample.value) for sample in samples)


def quantile_of(buckets: Buckets, share: float) -> float | None:
    """As Prometheus' ``histogram_quantile``: evenly spread within a bucket; None of nothing."""
    total = buckets[-1][1] if buckets else 0
    if not total:
        return None
    lower, below = 0.0, 0.0
    for upper, at_most in buckets:
        if at_most >= share * total:
            if upper == float("inf"):
                return lower
            return lower + (upper - lower) * (share * total - below) / (at_most - below)
        lower, below = upper, at_most
    return lower


async def funnel(database: Database, made: int) -> list[FunnelRow]:
    """The view ``offer_funnel``, once it holds at least ``made`` offers, or has had the time to."""
    give_up = asyncio.get_running_loop().time() + SINK_WITHIN_S
    while True:
        rows = await _funnel(database)
        if sum(row.made for row in rows) >= made or asyncio.get_running_loop().time() > give_up:
            return rows
        await asyncio.sleep(LOOK_EVERY_S)


async def _funnel(database: Database) -> list[FunnelRow]:
    names = ", ".join(FunnelRow.__dataclass_fields__)
    statement = text(f"select {names} from offer_funnel order by made desc, offer")  # noqa: S608 - names of our own
    async with database.reading() as session:
        return [FunnelRow(**row) for row in (await session.execute(statement)).mappings()]
