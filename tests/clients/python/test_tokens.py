from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import ECKey, RSAKey

from rung_client import TokenSigner, new_key
from services.kit.clock import SystemClock, to_datetime
from services.offer_api.adapters.keysets import FileKeys
from services.offer_api.adapters.tokens import JwksTokens

if TYPE_CHECKING:
    from pathlib import Path

    from services.offer_api.ports import Bearer


def read(signer: TokenSigner, token: str, tmp_path: Path) -> Bearer:
    """Who the offer API takes the bearer for."""
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(signer.public_keys()))
    tokens = JwksTokens(FileKeys(jwks), "files.example", "rung")
    return asyncio.run(tokens.read(token, to_datetime(SystemClock().now_us())))


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(new_key(), id="Ed25519"),
        pytest.param(ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True), id="ES256"),
        pytest.param(RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True), id="RS256"),
    ],
)
def test_the_offer_api_takes_a_token_for_whom_it_was_signed(key: dict[str, str], tmp_path: Path) -> None:
    signer = TokenSigner(key, "files.example")
    bearer = read(signer, signer.token("acme", "maria"), tmp_path)
    assert (bearer.account, bearer.user, bearer.staff) == ("acme", "maria", False)
    assert read(signer, signer.token("acme", staff=True), tmp_path).staff


def test_what_is_published_signs_nothing() -> None:
    (key,) = TokenSigner(new_key(), "files.example").public_keys()["keys"]
    assert "d" not in key
    with pytest.raises(ValueError, match="private key"):
        TokenSigner(key, "files.example")


def test_a_key_may_lie_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(new_key()))
    signer = TokenSigner(path, "files.example")
    assert read(signer, signer("acme"), tmp_path).account == "acme"


def test_a_token_is_handed_out_again_while_it_lives_to_the_same_person_alone() -> None:
    signer = TokenSigner(new_key(), "files.example")
    assert signer("acme") == signer("acme")
    assert len({signer("acme"), signer("acme", "maria"), signer("globex")}) == 3
