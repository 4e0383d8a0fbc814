"""What a replay in memory makes of the log of a deployment."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from schemas.codec import encode
from schemas.decisions import Decided
from services.cli.event_log import IntakeTopics
from services.kit.clock import US_PER_S, SystemClock
from services.kit.settings import KafkaSettings
from services.trigger_engine.adapters.wire import EventWire
from services.trigger_engine.domain.playbook.sets import compile_set
from services.trigger_engine.runtime.replay import Part, Replay

if TYPE_CHECKING:
    from schemas.envelope import Envelope
    from tests.flow.deployment import Deployment

DAY_S: Final = 24 * 3_600


async def replayed(
    deployment: Deployment, product: str, playbook: str, lateness_s: int = DAY_S
) -> dict[str, list[dict[str, Any]]]:
    """What a replay in memory decides of all that the deployment keeps, by account."""
    told: list[dict[str, Any]] = []

    class Audience:
        def event(self, event: Envelope) -> None:
            if isinstance(event, Decided):
                told.append(json.loads(encode(event)[0]))

        def refused(self, offset: int, reason: str, detail: str) -> None:
            raise AssertionError(f"{offset}: {reason}: {detail}")

    rules = compile_set([("product.yaml", product), ("playbook.yaml", playbook)], 0)
    kafka = KafkaSettings(bootstrap_servers=deployment.bootstrap, topic_prefix=deployment.prefix)
    async with IntakeTopics(kafka) as kept:
        for partition in range(kept.partitions):
            part, late_us = Part(partition, kept.partitions), lateness_s * US_PER_S
            replay = Replay(rules, part, late_us, (SystemClock(), EventWire()), Audience())
            async for piece in kept.pieces(partition):
                replay.usages(piece.records)
    return by_account(told)


def by_account(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Events of each account, in their order."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        found[event["subject"]].append(event)
    return found
