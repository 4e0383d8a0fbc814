"""Accounts of the probe are for tokens that were made for a probe, and these are for no others."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from schemas.probe import MARK
from tests.offer_api.running import without_kafka

if TYPE_CHECKING:
    from tests.offer_api.signing import Signer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
"""Without a database whoever is let in is told so, with 503."""

PROBE = f"{MARK}main:1"
REFUSED = 403
RESERVED = "urn:rung:problem:reserved-account"
LET_IN = 503


@pytest.mark.parametrize("door", ["offers", "offers/stream"])
@pytest.mark.parametrize(
    ("account", "claims", "answer"),
    [
        pytest.param(PROBE, {"probe": True}, LET_IN, id="the probe"),
        pytest.param(PROBE, {}, REFUSED, id="an ordinary token for an account of the probe"),
        pytest.param(PROBE, {"probe": "true"}, REFUSED, id="a claim that is not true"),
        pytest.param("acme", {"probe": True}, REFUSED, id="a probe's token for a customer"),
        pytest.param("acme", {}, LET_IN, id="a customer"),
    ],
)
async def test_who_is_let_in(door: str, account: str, claims: dict[str, object], answer: int, signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        found = await http.get(
            f"/v1/accounts/{quote(account, safe='')}/{door}", headers=signer.headers(account, **claims)
        )
    assert found.status_code == answer
    assert (found.json()["type"] == RESERVED) is (answer == REFUSED)


async def test_responses_of_an_account_of_the_probe_are_for_the_probe_alone(signer: Signer) -> None:
    said = {"id": "r-1", "offer": "o-1", "response": "clicked"}
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        found = await http.post(
            f"/v1/accounts/{quote(PROBE, safe='')}/responses", headers=signer.headers(PROBE), json=said
        )
    assert (found.status_code, found.json()["type"]) == (REFUSED, RESERVED)
