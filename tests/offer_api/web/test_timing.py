"""Requests that have a door are timed, up to the head of their answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from services.offer_api.metrics import Metrics
from services.offer_api.web.timing import Timed

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send


@dataclass
class Slow:
    """An application that takes 0.2 s to answer with ``status``, and as long again for the body; its own clock."""

    status: int
    now_s: float = 100.0

    def now_us(self) -> int:
        return int(self.now_s * 1_000_000)

    def monotonic(self) -> float:
        return self.now_s

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        self.now_s += 0.2
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        self.now_s += 0.2
        await send({"type": "http.response.body", "body": b""})


async def asked(method: str, path: str, status: int) -> Metrics:
    metrics, app = Metrics(), Slow(status)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await Timed(app, app, metrics)({"type": "http", "method": method, "path": path}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return metrics


@pytest.mark.parametrize(
    ("method", "path", "status", "door", "answer"),
    [
        ("GET", "/v1/accounts/acme/offers", 200, "offers", "given"),
        ("GET", "/v1/accounts/acme/offers", 304, "offers", "given"),
        ("GET", "/v1/accounts/acme/offers", 401, "offers", "refused"),
        ("GET", "/v1/accounts/acme/offers", 503, "offers", "failed"),
        ("POST", "/v1/accounts/acme/responses", 202, "responses", "given"),
        ("POST", "/v1/accounts/acme/offers/o1/check", 200, "check", "given"),
    ],
)
async def test_a_request_is_timed_up_to_its_answer(method: str, path: str, status: int, door: str, answer: str) -> None:
    registry = (await asked(method, path, status)).registry
    labels = {"door": door, "answer": answer}
    assert registry.get_sample_value("rung_api_request_seconds_count", labels) == 1
    assert registry.get_sample_value("rung_api_request_seconds_sum", labels) == pytest.approx(0.2)


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/accounts/acme/offers/stream"), ("POST", "/v1/x/offers")])
async def test_a_stream_and_what_there_is_not_are_not_timed(method: str, path: str) -> None:
    registry = (await asked(method, path, 200)).registry
    counted = [s.value for f in registry.collect() for s in f.samples if s.name == "rung_api_request_seconds_count"]
    assert sum(counted) == 0
