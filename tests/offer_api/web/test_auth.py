"""Every route, with every kind of wrong token. Needs neither Kafka nor PostgreSQL: nothing gets as far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from services.kit.clock import SystemClock
from services.offer_api.web.public import PUBLIC
from tests.offer_api.running import without_kafka
from tests.offer_api.signing import new_key, write_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.offer_api.running import Served
    from tests.offer_api.signing import Signer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def in_s(seconds: int) -> int:
    """A time of day as a token says it."""
    return SystemClock().now_us() // 1_000_000 + seconds


BESIDE = (
    ("GET", "/v1/accounts/acme/secrets"),
    ("DELETE", "/v1/accounts/acme/offers"),
    ("GET", "/"),
    ("GET", "/metrics"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
    ("GET", "/healthz/"),
    ("GET", "//healthz"),
)
"""What is no route, or not with that method."""


def routes_of(served: Served) -> list[tuple[str, str]]:
    """Method and path of every route that needs a token, with an account filled in."""
    paths = served.app.openapi()["paths"]
    return [
        (method.upper(), path.replace("{account}", "acme").replace("{offer}", "o1"))
        for path, methods in paths.items()
        for method in methods
        if path not in PUBLIC
    ]


def hmac_with_the_public_key(signer: Signer) -> str:
    """The classic: the public key taken for a shared secret."""
    secret = OctKey.import_key(signer.key.as_pem(private=False).replace(b"-----", b""))
    return signer.token(alg="HS256", key=secret, kid=signer.key.kid)


def unsigned(signer: Signer) -> str:
    return signer.token(alg="none")


def cut(signer: Signer) -> str:
    head, claims, _ = signer.token().split(".")
    return f"{head}.{claims}."


def for_another_account(signer: Signer) -> str:
    """A good signature under another token's claims."""
    head, _, signature = signer.token().split(".")
    return ".".join((head, signer.token("other").split(".")[1], signature))


WRONG: dict[str, Callable[[Signer], str]] = {
    "expired": lambda signer: signer.token(iat=in_s(-700), exp=in_s(-100)),
    "not yet": lambda signer: signer.token(iat=in_s(300), exp=in_s(600)),
    "before its nbf": lambda signer: signer.token(nbf=in_s(300)),
    "lives too long": lambda signer: signer.token(iat=in_s(0), exp=in_s(902)),
    "exp is text": lambda signer: signer.token(exp="never"),
    "exp is true": lambda signer: signer.token(exp=True),
    "no exp": lambda signer: signer.token(exp=None),
    "no iat": lambda signer: signer.token(iat=None),
    "no sub": lambda signer: signer.token(sub=None),
    "empty sub": lambda signer: signer.token(sub=""),
    "no aud": lambda signer: signer.token(aud=None),
    "no iss": lambda signer: signer.token(iss=None),
    "other audience": lambda signer: signer.token(aud="billing"),
    "other issuer": lambda signer: signer.token(iss="somebody"),
    "user is no text": lambda signer: signer.token(user=7),
    "other key": lambda signer: signer.token(key=new_key(), kid=signer.key.kid),
    "unknown key": lambda signer: signer.token(key=new_key()),
    "algorithm none": unsigned,
    "HS256 with the public key": hmac_with_the_public_key,
    "signature cut off": cut,
    "claims of another": for_another_account,
    "not a token": lambda _: "a.b.c",
    "not even text": lambda _: "\u00e9\u00e9",
    "far too long": lambda signer: signer.token(padding="x" * 5_000),
}


async def test_the_matrix_knows_the_routes(signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as served:
        assert len(routes_of(served)) == 4
        assert set(served.app.openapi()["paths"]) > PUBLIC


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_token_is_refused_everywhere_in_the_same_words(wrong: str, signer: Signer) -> None:
    token = WRONG[wrong](signer)
    async with without_kafka(NOWHERE, signer.jwks) as served:
        headers = {b"authorization": f"Bearer {token}".encode()}
        asked = [*routes_of(served), *BESIDE]
        answers = [await served.http.request(method, path, headers=headers) for method, path in asked]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["www-authenticate"] for answer in answers} == {'Bearer realm="rung"'}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert {answer.text for answer in answers} == {
        '{"type":"urn:rung:problem:unauthorised","title":"A valid bearer token is needed","status":401}'
    }


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


async def test_a_foreign_account_looks_like_nothing_at_all(signer: Signer) -> None:
    body = {"id": "r1", "offer": "o1", "response": "clicked"}
    async with without_kafka(NOWHERE, signer.jwks) as served:
        http, headers = served.http, signer.headers("other")
        answers = [await http.request(method, path, json=body, headers=headers) for method, path in routes_of(served)]
        answers.append(await http.get("/v1/accounts/acme/secrets", headers=headers))
        answers.append(await http.get("/v1/accounts/acme/offers?user=u-8", headers=signer.headers("acme", user="u-7")))
    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.content, answer.headers["content-type"]) for answer in answers}) == 1


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
