"""One trace from a backend's event through Kafka to the offer that somebody sees, on the real stack."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

from rung_client import Emitter, usage
from schemas import topics
from schemas.stages import Stage
from schemas.traces import told_trace
from services.kit.clock import SystemClock
from services.kit.signing import Signer
from services.local_stack.parts import SERVICES
from tests.flow.deployment import Deployment
from tests.flow.test_logs import CANARY, USER, lines
from tests.flow.watching import watching
from tests.kit.waiting import until
from tests.offer_api.sse import reading

if TYPE_CHECKING:
    from pathlib import Path

    from services.local_stack.stack import LocalStack
    from tests.kit.telemetry.collector import Collector, Told

WAY: Final = ("decide", "publish", "store", "deliver", "present")
"""The spans of an offer that somebody watched for and saw, each of which begins no earlier than the one before."""

SERVICE_OF: Final = {
    "decide": "trigger_engine",
    "publish": "trigger_engine",
    "store": "offer_api",
    "deliver": "offer_api",
    "present": "offer_api",
}

TIMED: Final = {Stage.CONSUMED, Stage.DECIDED, Stage.PUBLISHED, Stage.STORED, Stage.DELIVERED}

TOLD: Final = {"published", "stored", "delivered", "presented"}
"""Lines of the logs that belong to a trace."""


class Emitted(NamedTuple):
    """A backend's span in which an event was emitted."""

    trace_id: str
    span_id: str


@pytest.fixture
def deployment(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> Deployment:
    return Deployment(kafka_bootstrap, topic_prefix, tmp_path, partitions=12)


def emit(deployment: Deployment, account: str, *, sampled: bool = True) -> Emitted:
    """What a backend does that uses OpenTelemetry: it emits within a span of its own."""
    backend = TracerProvider(sampler=ALWAYS_ON if sampled else ALWAYS_OFF).get_tracer("backend")
    topic = topics.USAGE.under(deployment.prefix)
    with (
        Emitter(deployment.bootstrap, f"//{CANARY}.example", topic=topic) as emitter,
        backend.start_as_current_span("POST /files") as span,
    ):
        emitter.emit(usage("file.stored", account, user=USER, properties={"size_gb": 1.7, "email": USER}))
    context = span.get_span_context()
    return Emitted(f"{context.trace_id:032x}", f"{context.span_id:016x}")


class Front:
    """The front end of one account: it watches, and reports what is seen."""

    def __init__(self, http: httpx.AsyncClient, account: str, token: str) -> None:
        self.account = account
        self.headers = {"Authorization": f"Bearer {token}"}
        self.http = http

    async def sees(self, deployment: Deployment, *, sampled: bool = True) -> Emitted:
        """An event is emitted while the front end watches; it shows the offer and says so."""
        async with reading(self.http, f"/v1/accounts/{self.account}/offers/stream", self.headers) as stream:
            emitted = await asyncio.to_thread(emit, deployment, self.account, sampled=sampled)
            offer = (await stream.next()).data["id"]
        await self.is_stored(offer)
        said = {"id": f"{self.account}-seen", "offer": offer, "response": "presented", "user": USER}
        answer = await self.http.post(f"/v1/accounts/{self.account}/responses", json=said, headers=self.headers)
        answer.raise_for_status()
        return emitted

    async def is_stored(self, offer: str) -> None:
        async def there() -> bool:
            told = await self.http.get(f"/v1/accounts/{self.account}/offers", headers=self.headers)
            return offer in {one["id"] for one in told.raise_for_status().json()["offers"]}

        await until("the offer can be fetched", there)


def assert_chained(spans: list[Told], emitted: Emitted) -> None:
    """Parents and order as the flow has them."""
    by_name = {span.name: span for span in spans}
    assert [span.name for span in spans if span.name in WAY] == [span.name for span in spans]
    assert set(by_name) == set(WAY)
    assert {name: span.service for name, span in by_name.items()} == SERVICE_OF
    published = by_name["publish"].span_id
    parents = {"decide": emitted.span_id, "publish": by_name["decide"].span_id}
    assert {span.name: span.parent for span in spans} == {**dict.fromkeys(WAY, published), **parents}
    begins = [by_name[name].began for name in ("decide", "publish", "store", "present")]
    assert begins == sorted(begins)
    assert by_name["deliver"].began >= by_name["publish"].began
    assert all(span.began <= span.ended and not span.fault for span in spans)


@pytest.mark.timeout(180)
async def test_one_trace_leads_from_a_backends_event_to_the_offer_that_somebody_sees(
    collector: Collector, services: LocalStack, deployment: Deployment, tmp_path: Path
) -> None:
    signer = Signer(services.private_key, "rung-dev", "rung", SystemClock())
    url = f"http://127.0.0.1:{services.port('offer_api', 'RUNG_API_PORT')}"
    ports = {part.name: services.port(part.name, part.health) for part in SERVICES}
    async with AsyncExitStack() as exits:
        prometheus = await exits.enter_async_context(watching(tmp_path, ports))
        http = await exits.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20))
        kept = await Front(http, "acme", signer.token("acme")).sees(deployment)

        async def is_told() -> bool:
            return {span.name for span in collector.spans(kept.trace_id)} == set(WAY)

        await until("all spans are told", is_told)
        assert_chained(collector.spans(kept.trace_id), kept)

        # nobody keeps the second one
        dropped = await Front(http, "globex", signer.token("globex")).sees(deployment, sampled=False)
        # and of the third it can not be told what trace it belongs to
        broken = deployment.event("initech", "file.stored", properties={"size_gb": 1.7})
        await deployment.send({**broken, "traceparent": "00-0-0-01"})
        await deployment.until_events(topics.OFFERS, 3)

        async def are_counted() -> bool:
            found = await prometheus.ask("rung_engine_malformed_traces_total")
            seen = await prometheus.ask("rung_api_presented_seconds_count")
            return found == [1] and seen == [2]

        await until("the malformed one is counted", are_counted)
        assert collector.spans() == collector.spans(kept.trace_id)
        assert await _carried(deployment) == {
            "acme": kept.trace_id,
            "globex": None,
            "initech": None,
        }, dropped

        latencies = await prometheus.exemplars("rung_stage_latency_seconds_bucket")
        assert {Stage(series["stage"]) for series, _ in latencies} == TIMED
        seen = await prometheus.exemplars("rung_api_presented_seconds_bucket")
        assert {trace for _, trace in (*latencies, *seen)} == {kept.trace_id}
        assert seen != []
    assert_nobody_is_known(collector, signer.token("acme"))
    assert_lines(tmp_path, kept)


async def _carried(deployment: Deployment) -> dict[str, str | None]:
    """Per account, the trace on all records that its event led to; fails when they differ."""
    found: dict[str, set[str | None]] = {}
    for topic in (topics.OFFERS, topics.DECISIONS, topics.OUTCOMES):
        for record in await deployment.read(topic):
            body = json.loads(record.value or b"")
            if body["type"] in {"rung.offer_made", "rung.decided"} or body["data"].get("change") == "made":
                told = told_trace(record.headers)
                found.setdefault(body["subject"], set()).add(None if told is None else told.split("-")[1])
    return {account: one for account, (one,) in found.items()}


def assert_nobody_is_known(collector: Collector, token: str) -> None:
    """No user, token, account or source is in what a collector was told."""
    for body in collector.bodies:
        assert not [word for word in (CANARY, "acme", token.rsplit(".", 1)[1]) if word.encode() in body]


def assert_lines(home: Path, kept: Emitted) -> None:
    """Each line of an offer's way tells its account, its trace, and where in which log it came from."""
    found: dict[str, dict[str, Any]] = {
        line["event"]: line for _, line in lines(home) if line.get("trace") == kept.trace_id
    }
    assert set(found) == TOLD
    assert {line["account"] for line in found.values()} == {"acme"}
    assert all("offset" in line for line in found.values())
    assert {name for name, line in found.items() if "partition" in line} == TOLD - {"presented"}
    others = [line for _, line in lines(home) if "trace" in line and line["trace"] != kept.trace_id]
    assert others == []
