"""Keys at an address, served by a server that the test can change, break and stop."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from services.kit.clock import SystemClock, to_datetime
from services.kit.telemetry.listener import serving
from services.offer_api.adapters.keysets import MAX_BYTES, FileKeys, KeysUnreachable, KeysUnusable, UrlKeys, keys_at
from services.offer_api.adapters.tokens import JwksTokens
from services.offer_api.ports import TokenRefused
from services.offer_api.settings import ApiSettings
from tests.offer_api.running import LOCALHOST, free_ports
from tests.offer_api.signing import Signer, new_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from joserfc.jwk import Key

CLOCK = SystemClock()


class Provider:
    """Who publishes keys. ``answer`` is what it says next; ``asked`` how often it was asked."""

    def __init__(self, url: str, *keys: Key) -> None:
        self.url = url
        self.asked = 0
        self.publish(*keys)

    def publish(self, *keys: Key) -> None:
        self.answer: Response = JSONResponse({"keys": [key.as_dict(private=False) for key in keys]})

    async def serve(self, _: Any) -> Response:
        self.asked += 1
        await asyncio.sleep(0.05)
        return self.answer


@asynccontextmanager
async def publishing(*keys: Key) -> AsyncIterator[Provider]:
    (port,) = free_ports(1)
    provider = Provider(f"http://{LOCALHOST}:{port}/keys", *keys)
    async with serving(Starlette(routes=[Route("/keys", provider.serve)]), LOCALHOST, port):
        yield provider


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "jwks.json")


async def tokens_of(provider: Provider, gap_s: float = 0) -> JwksTokens:
    keys = UrlKeys(provider.url, CLOCK, gap_s)
    await keys.start()
    return JwksTokens(keys, "rung-dev", "rung")


async def taken(tokens: JwksTokens, token: str) -> bool:
    try:
        return (await tokens.read(token, to_datetime(CLOCK.now_us()))).account == "acme"
    except TokenRefused:
        return False


async def test_a_new_key_counts_from_its_first_token_and_an_old_one_no_longer(signer: Signer) -> None:
    async with publishing(signer.key) as provider:
        tokens, new = await tokens_of(provider), new_key()
        assert await taken(tokens, signer.token())
        assert provider.asked == 1
        provider.publish(new)
        # many at once, and one question
        both = [taken(tokens, signer.token(key=new)) for _ in range(5)]
        assert await asyncio.gather(*both) == [True] * 5
        assert provider.asked == 2
        assert not await taken(tokens, signer.token())


async def test_made_up_keys_do_not_make_it_ask_and_ask(signer: Signer) -> None:
    async with publishing(signer.key) as provider:
        tokens = await tokens_of(provider, gap_s=60)
        for _ in range(5):
            assert not await taken(tokens, signer.token(key=new_key()))
        assert not await taken(tokens, "no token")
        assert provider.asked == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Response("{half a fi"), id="broken"),
        pytest.param(Response(status_code=500), id="a fault"),
        pytest.param(JSONResponse({"keys": []}), id="no keys"),
        pytest.param(JSONResponse({"keys": [new_key().as_dict(private=True)]}), id="a private key"),
        pytest.param(Response(b" " * (MAX_BYTES + 1)), id="too large"),
        pytest.param(RedirectResponse("http://127.0.0.1:1/keys"), id="sent elsewhere"),
    ],
)
async def test_an_answer_that_is_no_good_leaves_the_keys_and_is_refused_at_start(
    answer: Response, signer: Signer
) -> None:
    async with publishing(signer.key) as provider:
        tokens = await tokens_of(provider)
        provider.answer = answer
        assert not await taken(tokens, signer.token(key=new_key()))
        assert await taken(tokens, signer.token())
        with pytest.raises(KeysUnusable, match="RUNG_API_JWKS"):
            await keys_at(provider.url, CLOCK)


async def test_an_address_that_does_not_answer_is_worth_another_try(signer: Signer) -> None:
    with pytest.raises(KeysUnreachable) as fault:
        await keys_at("http://127.0.0.1:1/keys", CLOCK)
    assert fault.value.exit_code == 70
    assert isinstance(await keys_at(str(signer.jwks), CLOCK), FileKeys)


@pytest.mark.parametrize(
    ("where", "taken"),
    [
        ("https://id.example.com/jwks.json", True),
        ("http://127.0.0.1:8080/keys", True),
        ("http://localhost/keys", True),
        ("keys/jwks.json", True),
        ("/run/rung/keys/jwks.json", True),
        ("http://id.example.com/jwks.json", False),
        ("http://127.0.0.1.evil.com/keys", False),
        ("https://user:secret@id.example.com/keys", False),
        ("ftp://id.example.com/keys", False),
        ("", False),
    ],
)
def test_keys_come_from_a_file_or_over_an_encrypted_way(where: str, *, taken: bool) -> None:
    try:
        ApiSettings.model_validate({"jwks": where})
    except ValidationError:
        assert not taken
    else:
        assert taken
