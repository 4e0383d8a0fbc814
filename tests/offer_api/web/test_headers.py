"""What browsers are told beside the answer. Needs neither Kafka nor PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from services.offer_api.settings import ApiSettings
from services.offer_api.web.headers import ALWAYS
from tests.offer_api.running import without_kafka

if TYPE_CHECKING:
    from tests.offer_api.signing import Signer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
OFFERS = "/v1/accounts/acme/offers"
OURS = "https://app.example.com"
FOREIGN = [
    "https://evil.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com.evil.com",
    "https://xapp.example.com",
    "https://app.example.com/",
    "null",
    "*",
]


async def test_a_page_of_a_listed_origin_may_ask_and_read(signer: Signer) -> None:
    """Also one that follows its requests: tracing in browsers adds a header to each."""
    headers = "authorization,traceparent"
    asked = {"origin": OURS, "access-control-request-method": "GET", "access-control-request-headers": headers}
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        before = await http.options(OFFERS, headers=asked)
        answer = await http.get(OFFERS, headers={"origin": OURS, **signer.headers()})
        refused = await http.get(OFFERS, headers={"origin": OURS})
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, OURS)
    for header in ("authorization", "content-type", "if-none-match", "last-event-id", "traceparent"):
        assert header in before.headers["access-control-allow-headers"].lower()
    assert (refused.status_code, answer.status_code) == (401, 503)
    for one in (answer, refused):
        # also of an error, or the page could not read what is wrong
        assert one.headers["access-control-allow-origin"] == OURS
        assert "retry-after" in one.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in one.headers


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_of_any_other_origin_may_not(origin: str, signer: Signer) -> None:
    asked = {"origin": origin, "access-control-request-method": "GET"}
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        before = await http.options(OFFERS, headers=asked)
        answer = await http.get(OFFERS, headers={"origin": origin, **signer.headers()})
    assert before.status_code == 400
    assert not {"access-control-allow-origin"} & {*before.headers, *answer.headers}


@pytest.mark.parametrize(
    "listed", ["*", "https://*.example.com", "https://app.example.com/", "app.example.com", "null"]
)
def test_only_whole_origins_can_be_listed(listed: str) -> None:
    with pytest.raises(ValidationError):
        ApiSettings.model_validate({"jwks": "x", "origins_allowed": listed})


def test_listed_origins_are_read_one_by_one() -> None:
    settings = ApiSettings.model_validate({"jwks": "x", "origins_allowed": f"{OURS},http://localhost:5173"})
    assert settings.origins == (OURS, "http://localhost:5173")
    assert ApiSettings.model_validate({"jwks": "x"}).origins == ()


@pytest.mark.parametrize("path", ["/healthz", OFFERS, "/nothing"])
async def test_every_answer_says_that_it_is_data_and_not_by_whom_it_is_served(path: str, signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answers = [await http.get(path), await http.get(path, headers=signer.headers())]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
        assert "server" not in answer.headers


async def test_where_a_request_came_from_is_not_taken_from_anybody(signer: Signer) -> None:
    """Else who asks too often would name another address each time."""
    async with without_kafka(NOWHERE, signer.jwks, address="1/hour") as (http, *_):
        answers = [await http.get(OFFERS, headers={"x-forwarded-for": f"192.0.2.{last}"}) for last in (1, 2)]
    assert [answer.status_code for answer in answers] == [401, 429]
