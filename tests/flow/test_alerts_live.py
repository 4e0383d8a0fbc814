"""Faults of a real engine under a real Prometheus: the alert fires, its page is followed, and it is silent again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from schemas import dead_letters, topics
from services.trigger_engine.runtime.halts import TooManyInvalid
from tests.flow.watching import SHORT, watching
from tests.kit.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.flow.deployment import Deployment
    from tests.flow.watching import Prometheus

DOWN: Final = {"ServiceDown", "EngineIdle"}


async def fires(prometheus: Prometheus, *alerts: str) -> None:
    async def told() -> bool:
        return await prometheus.firing() == set(alerts)

    await until(f"these fire: {alerts}", told)


@pytest.mark.follows("ServiceDown", "EngineIdle")
@pytest.mark.timeout(120)
async def test_an_engine_that_was_killed_is_told_of_until_it_is_started_again(
    deployment: Deployment, tmp_path: Path
) -> None:
    engine = await deployment.engine()
    async with watching(tmp_path, {"trigger_engine": engine.port}, patient=False) as prometheus:

        async def works() -> bool:
            return await prometheus.ask("sum(rung_engine_partitions)") == [deployment.partitions]

        await until("Prometheus knows that it works", works)
        await fires(prometheus)
        await engine.kill()
        await fires(prometheus, *DOWN)
        # the page: is the process there? It is not; what was in the log is worked on when it is there again
        await deployment.send(deployment.event("acme", "report.exported"))
        await deployment.engine(wait=False, RUNG_ENGINE_HTTP_PORT=str(engine.port))
        await deployment.until_events(topics.OFFERS, 1, "acme")
        await until("up is 1, and all partitions are worked on", works)
        await fires(prometheus)


@pytest.mark.follows("DeadLettersMany")
@pytest.mark.timeout(120)
async def test_dead_letters_are_told_of_and_the_page_leads_to_what_is_wrong_with_them(
    deployment: Deployment, tmp_path: Path
) -> None:
    engine = await deployment.engine()
    async with watching(tmp_path, {"trigger_engine": engine.port}, patient=False, instead=SHORT) as prometheus:

        async def seen() -> bool:
            return await prometheus.ask("sum(rung_engine_partitions)") == [deployment.partitions]

        await until("Prometheus knows that it works", seen)
        await deployment.send_raw([("acme", b"not json")] * 20)
        await deployment.send(*(deployment.event("acme", "report.exported") for _ in range(20)))
        await fires(prometheus, "DeadLettersMany")
        by_reason = "sum by (reason) (rate(rung_engine_dead_letters_total[5m])) > 0"
        assert len(await prometheus.ask(by_reason)) == 1
        letters = await deployment.read(topics.DEAD_LETTERS)
        told = [dict(record.headers) for record in letters]
        assert {headers[dead_letters.REASON] for headers in told} == {b"unreadable"}
        assert {headers[dead_letters.TOPIC] for headers in told} == {topics.USAGE.under(deployment.prefix).encode()}
        # 3.: the producer is mended, and sends what is wanted again
        await deployment.send(*(deployment.event("acme", "report.exported") for _ in range(20)))
        await fires(prometheus)


@pytest.mark.follows("EngineHalted")  # the pages of all halts are followed in tests/faults/test_halts.py
@pytest.mark.timeout(120)
async def test_an_engine_that_halts_names_its_page_and_is_silent_when_that_was_followed(
    deployment: Deployment, tmp_path: Path
) -> None:
    engine = await deployment.engine(RUNG_ENGINE_MAX_INVALID_RUN="10", RUNG_ENGINE_HALT_LINGER_S="8")
    async with watching(tmp_path, {"trigger_engine": engine.port}, patient=False, instead=SHORT) as prometheus:
        await deployment.send_raw([("acme", b"not json")] * 30)

        async def halted() -> bool:
            return "EngineHalted" in await prometheus.firing()

        async def works() -> bool:
            partitions = await prometheus.ask("sum(rung_engine_partitions)")
            return partitions == [deployment.partitions] and not await halted()

        await until("the halt is told of", halted)
        (alert,) = await prometheus.alerts("EngineHalted")
        assert alert["annotations"]["runbook"] == f"docs/runbooks/{TooManyInvalid.halt.value}.md"
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"http://127.0.0.1:{engine.port}/readyz")).status_code == 503
        assert await asyncio.wait_for(engine.process.wait(), 30) == TooManyInvalid.exit_code
        # 3. once with a bound above the number of bad records: they go to the dead letters
        await deployment.engine(RUNG_ENGINE_HTTP_PORT=str(engine.port), RUNG_ENGINE_MAX_INVALID_RUN="100")
        await until("it works, and nothing is told any more", works, 60)
    assert len(await deployment.read(topics.DEAD_LETTERS)) == 30
