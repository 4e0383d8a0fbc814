"""An engine that was deployed before the sink that reads it: told of, and made good as the page says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from schemas import dead_letters, topics
from schemas.outcomes import Change
from tests.flow.watching import SHORT, watching
from tests.kit.ports import free_port
from tests.kit.waiting import until
from tests.metrics_sink.events import life
from tests.metrics_sink.processes import process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.flow.watching import Prometheus
    from tests.metrics_sink.place import Place

ALERT = "OwnRecordsUnreadable"
TABLES = "outcomes, facts, decisions, erasures, outcome_positions, decision_positions"


@pytest.mark.follows("OwnRecordsUnreadable")
async def test_outcomes_that_an_older_sink_could_not_read_are_told_of_and_counted_by_the_newer(
    place: Place, tmp_path: Path
) -> None:
    log, port = tmp_path / "sink.log", free_port()
    async with watching(tmp_path, {"metrics_sink": port}, patient=False, instead=SHORT) as prometheus:
        with process(place, log, port, program="tests.metrics_sink.older_sink"):
            await place.outcomes(life("o-1", Change.MADE))
            await place.folded("outcomes", 1)
            await until("Prometheus reads it", lambda: reads(prometheus))
            assert not await fires(prometheus)
            await place.outcomes(life("o-2", Change.MADE, Change.PRESENTED, Change.SNOOZED, Change.DISMISSED))
            await place.folded("outcomes", 4)
            await until("it is told of", lambda: fires(prometheus))
        # 1. the log line names what was set aside, and why; the record lies in rung.dead-letters with the same
        (line,) = [told for told in lines(log) if told["event"] == "set aside"]
        assert line["topic"] == topics.OUTCOMES.under(place.prefix)
        assert "snoozed" in line["detail"]
        (letter,) = await place.dead_letters()
        headers = dict(letter.headers)
        origin = (headers[dead_letters.PARTITION], headers[dead_letters.OFFSET])
        assert origin == (str(line["partition"]).encode(), str(line["offset"]).encode())
        # 2. deploy the reader that knows; 3. rebuild its tables, since what was set aside is not read again
        async with place.database.writing() as session:
            await session.execute(text(f"truncate {TABLES}"))
        with process(place, log, port):
            await place.folded("outcomes", 5)
            await until("over when there is no new one", lambda: is_over(prometheus))
    assert await place.rows("select snoozed from offer_funnel") == [(1,)]


async def reads(prometheus: Prometheus) -> bool:
    return await prometheus.ask("sum(rung_sink_outcomes_total)") == [1]


async def fires(prometheus: Prometheus) -> bool:
    return ALERT in await prometheus.firing()


async def is_over(prometheus: Prometheus) -> bool:
    return await prometheus.ask("up") == [1] and not await fires(prometheus)


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
