"""What counts as a token. Needs neither Kafka nor PostgreSQL: nothing gets as far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from services.offer_api.web.public import PUBLIC
from tests.offer_api.running import without_kafka
from tests.offer_api.signing import write_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.offer_api.signing import Signer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer:", "Token abc"])
async def test_another_scheme_is_no_token(header: str, signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answer = await http.get("/v1/accounts/acme/offers", headers={"authorization": header})
    assert answer.status_code == 401


async def test_two_tokens_are_none(signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        headers = [("authorization", f"Bearer {signer.token()}")] * 2
        assert (await http.get("/v1/accounts/acme/offers", headers=headers)).status_code == 401


async def test_a_token_in_the_address_is_no_token(signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answer = await http.get(f"/v1/accounts/acme/offers?access_token={signer.token()}")
    assert answer.status_code == 401


@pytest.mark.parametrize("public", sorted(PUBLIC))
async def test_health_needs_no_token_and_tells_nothing_of_accounts(public: str, signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answer = await http.get(public)
    assert (answer.status_code, answer.text) in ((200, "ok\n"), (503, "the projection has not caught up yet\n"))


@pytest.mark.parametrize(
    ("alg", "make"),
    [
        pytest.param("EdDSA", lambda: OKPKey.generate_key("Ed25519", auto_kid=True), id="EdDSA"),
        pytest.param("Ed25519", lambda: OKPKey.generate_key("Ed25519", auto_kid=True), id="Ed25519"),
        pytest.param("ES256", lambda: ECKey.generate_key("P-256", auto_kid=True), id="ES256"),
        pytest.param("RS256", lambda: RSAKey.generate_key(2048, auto_kid=True), id="RS256"),
    ],
)
async def test_keys_may_be_of_every_common_kind_and_change_while_running(
    alg: str, make: Callable[[], OKPKey | ECKey | RSAKey], signer: Signer
) -> None:
    key = make()
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        new = {"authorization": f"Bearer {signer.token(alg=alg, key=key)}"}
        # a valid token gets as far as the database, which is away
        assert (await http.get("/v1/accounts/acme/offers", headers=new)).status_code == 401
        write_keys(signer.jwks, signer.key, key)
        assert (await http.get("/v1/accounts/acme/offers", headers=new)).status_code == 503
        assert (await http.get("/v1/accounts/acme/offers", headers=signer.headers())).status_code == 503
        write_keys(signer.jwks, key)
        assert (await http.get("/v1/accounts/acme/offers", headers=signer.headers())).status_code == 401
        signer.jwks.write_text("{half a fi")
        assert (await http.get("/v1/accounts/acme/offers", headers=new)).status_code == 503
