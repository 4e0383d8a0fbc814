from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.offer_api.running import without_kafka

if TYPE_CHECKING:
    from tests.offer_api.signing import Signer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


async def test_what_nobody_expected_tells_nothing_of_itself(signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (_, __, app):

        @app.get("/v1/broken")
        async def broken() -> None:
            raise RuntimeError("the secret plan")

        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
            answer = await http.get("/v1/broken", headers=signer.headers())
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:rung:problem:internal",
        "title": "Something went wrong here",
        "status": 500,
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not-found"),
        ("GET", "/v1/accounts/acme/offers/", 404, "not-found"),
        ("PUT", "/v1/accounts/acme/offers", 405, "method-not-allowed"),
        ("GET", "/v1/accounts/acme/responses", 405, "method-not-allowed"),
        ("GET", "/v1/accounts/acme/offers?user=", 422, "malformed"),
        ("GET", "/v1/accounts/acme/offers", 503, "database-unavailable"),
    ],
)
async def test_every_error_is_a_problem_document(
    method: str, path: str, status: int, code: str, signer: Signer
) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answer = await http.request(method, path, headers=signer.headers())
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["type"], problem["status"]) == (f"urn:rung:problem:{code}", status)
    assert problem["title"]


async def test_what_was_sent_is_not_repeated(signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        body = {"id": "r1", "offer": "o1", "response": "my password is swordfish"}
        answer = await http.post("/v1/accounts/acme/responses", json=body, headers=signer.headers())
    assert answer.status_code == 422
    assert "swordfish" not in answer.text
