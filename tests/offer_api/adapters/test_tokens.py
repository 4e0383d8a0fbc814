from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import OctKey

from services.kit.clock import SystemClock, to_datetime
from services.offer_api.adapters.keysets import FileKeys, KeysUnusable
from services.offer_api.adapters.tokens import JwksTokens
from services.offer_api.ports import TokenRefused
from tests.offer_api.signing import Signer, new_key, write_keys

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("claim", "staff"), [(None, False), (True, True), ("true", False), (1, False), ([True], False)]
)
async def test_staff_is_who_the_token_plainly_says_so_of(claim: object, *, staff: bool, tmp_path: Path) -> None:
    signer = Signer(tmp_path / "jwks.json")
    tokens = JwksTokens(FileKeys(signer.jwks), "rung-dev", "rung")
    read = await tokens.read(signer.token(staff=claim), to_datetime(SystemClock().now_us()))
    assert read.staff is staff


async def test_a_token_that_was_taken_is_taken_no_longer_than_it_lives_and_its_key_is_there(tmp_path: Path) -> None:
    signer = Signer(tmp_path / "jwks.json")
    tokens, now = JwksTokens(FileKeys(signer.jwks), "rung-dev", "rung"), to_datetime(SystemClock().now_us())
    token = signer.token()
    first = await tokens.read(token, now)
    assert await tokens.read(token, now) is first
    with pytest.raises(TokenRefused):
        await tokens.read(token, now + timedelta(minutes=11))
    # the same claims, and the signature of another
    forged = ".".join([*signer.token(iat=1, exp=2).split(".")[:2], token.rpartition(".")[2]])
    with pytest.raises(TokenRefused):
        await tokens.read(forged, now)
    write_keys(signer.jwks, new_key())
    with pytest.raises(TokenRefused):
        await tokens.read(token, now)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "No such file", id="missing"),
        pytest.param("{half a fi", "is no JSON Web Key Set", id="not JSON"),
        pytest.param("[]", "is no JSON Web Key Set", id="no object"),
        pytest.param('{"keys": []}', "is no JSON Web Key Set", id="empty"),
        pytest.param('{"keys": [{"kty": "OKP"}]}', "is no JSON Web Key Set", id="half a key"),
        pytest.param(
            json.dumps({"keys": [OctKey.generate_key(256).as_dict(private=True)]}),
            "is no JSON Web Key Set",
            id="a secret",
        ),
        pytest.param(json.dumps({"keys": [new_key().as_dict(private=True)]}), "private key", id="a private key"),
    ],
)
def test_a_process_does_not_start_with_keys_that_can_not_be_used(
    content: str | None, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "jwks.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(KeysUnusable, match=told) as fault:
        FileKeys(path)
    assert fault.value.exit_code == 78
    assert "RUNG_API_JWKS" in str(fault.value)
