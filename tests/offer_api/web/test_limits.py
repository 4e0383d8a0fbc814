"""What a request may bring. Most needs neither Kafka nor PostgreSQL: nothing gets as far."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.telemetry.heads import PromptHeads
from services.offer_api.web.limits import MAX_BODY_BYTES, BoundedRequest, depth
from tests.offer_api.running import LOCALHOST, without_kafka

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from tests.offer_api.running import Api
    from tests.offer_api.signing import Signer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
PATH = "/v1/accounts/acme/responses"
BODY = json.dumps({"id": "r1", "offer": "o1", "response": "clicked"}).encode()


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        pytest.param(b" " * 300_000, None, 413, "too-large", id="too large"),
        pytest.param(deep(100_000), None, 422, "malformed", id="too deep"),
        pytest.param(deep(9), None, 422, "malformed", id="a little too deep"),
        pytest.param(b"[" + b"9" * 5_000 + b"]", None, 400, "http-400", id="a number that is too long"),
        pytest.param(BODY, "br", 415, "encoding-unknown", id="an encoding that is not taken"),
        pytest.param(BODY, "gzip", 422, "malformed", id="not what it says"),
        pytest.param(gzip.compress(BODY)[:-9], "gzip", 422, "malformed", id="cut short"),
        pytest.param(gzip.compress(BODY) * 2, "gzip", 422, "malformed", id="something behind it"),
        pytest.param(gzip.compress(bytes(50_000_000)), "gzip", 413, "too-large", id="a bomb"),
        # a body that is taken gets as far as the database, which is away
        pytest.param(BODY, None, 503, "database-unavailable", id="as it is"),
        pytest.param(gzip.compress(BODY), "gzip", 503, "database-unavailable", id="compressed"),
        pytest.param(gzip.compress(BODY), "GZip", 503, "database-unavailable", id="in capitals"),
    ],
)
async def test_a_body_is_taken_within_bounds(
    body: bytes, encoding: str | None, status: int, code: str, signer: Signer
) -> None:
    named = {} if encoding is None else {"content-encoding": encoding}
    headers = {**signer.headers(), "content-type": "application/json", **named}
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answer = await http.post(PATH, content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:rung:problem:{code}")


async def test_a_body_without_a_length_is_bounded_too(signer: Signer) -> None:
    async def unmeasured() -> Any:
        for _ in range(MAX_BODY_BYTES // 10_000 + 1):
            yield b" " * 10_000

    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answer = await http.post(PATH, content=unmeasured(), headers=signer.headers())
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/v1/accounts/acme/offers?placement=" + "x" * 20_000, {}, 414, id="a long query"),
        pytest.param("/v1/accounts/" + "x" * 20_000 + "/offers", {}, 414, id="a long path"),
        pytest.param("/v1/accounts/acme/offers", {"x-more": "x" * 20_000}, 431, id="long headers"),
        pytest.param("/v1/accounts/acme/offers?" + "placement=banner&" * 33, {}, 422, id="too many placements"),
        pytest.param("/v1/accounts/acme/offers?placement=" + "x" * 257, {}, 422, id="a long placement"),
    ],
)
async def test_an_address_and_headers_have_bounds(
    path: str, headers: dict[str, str], status: int, signer: Signer
) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answer = await http.get(path, headers={**signer.headers(), **headers})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_slow_body_is_cut() -> None:
    async def nobody(_: Scope, __: Receive, ___: Send) -> None:
        pytest.fail("it got through")

    async def dripping() -> Message:
        await asyncio.sleep(0.03)
        return {"type": "http.request", "body": b" ", "more_body": True}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "raw_path": b"/", "query_string": b"", "headers": []}
    await BoundedRequest(nobody, body_s=0.2)(scope, dripping, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_the_depth_of_a_text_is_the_depth_of_what_it_says(value: object) -> None:
    def deepest(one: object) -> int:
        if isinstance(one, dict):
            return 1 + max(map(deepest, one.values()), default=0)
        return 1 + max(map(deepest, one), default=0) if isinstance(one, list) else 0

    assert depth(json.dumps(value).encode()) == depth(json.dumps(value, ensure_ascii=False).encode()) == deepest(value)


def test_what_is_read_compressed_is_bounded_by_what_it_inflates_to() -> None:
    bomb = gzip.compress(bytes(MAX_BODY_BYTES + 1))
    assert len(bomb) < MAX_BODY_BYTES / 100
    assert len(zlib.decompress(bomb, 31)) > MAX_BODY_BYTES


@pytest.mark.kafka
@pytest.mark.postgres
async def test_a_connection_whose_head_takes_too_long_is_cut_and_counted(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as impatient:
        impatient.setattr(PromptHeads, "head_s", 0.3)
        reader, writer = await asyncio.open_connection(LOCALHOST, api.http.base_url.port)
        writer.write(b"GET /readyz HTTP/1.1\r\n")
        said = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert said.startswith(b"HTTP/1.1 408 ")
    assert await api.metric("rung_api_slow_heads_total") == 1
