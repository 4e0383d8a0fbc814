from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from typer.testing import CliRunner

from services.cli.commands import app
from services.kit.clock import SystemClock, to_datetime
from services.local_stack.keys import ensure
from services.offer_api.adapters.keysets import FileKeys
from services.offer_api.adapters.tokens import JwksTokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from joserfc.jwk import Key

    from services.offer_api.ports import Bearer


def rung(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    result = CliRunner().invoke(app, ["token", *words], env={"COLUMNS": "200"})
    return result.exit_code, result.stdout.strip(), result.stderr.strip()


def read(public: Path, token: str) -> Bearer:
    """Whom the offer API takes ``token`` for."""
    tokens = JwksTokens(FileKeys(public), "rung-dev", "rung")
    return asyncio.run(tokens.read(token, to_datetime(SystemClock().now_us())))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: OKPKey.generate_key("Ed25519", auto_kid=True), id="Ed25519"),
        pytest.param(lambda: ECKey.generate_key("P-256", auto_kid=True), id="ES256"),
        pytest.param(lambda: RSAKey.generate_key(2048, auto_kid=True), id="RS256"),
    ],
)
def test_the_offer_api_takes_the_token(make: Callable[[], Key], tmp_path: Path) -> None:
    key = make()
    private, public = tmp_path / "private.json", tmp_path / "jwks.json"
    private.write_text(json.dumps(key.as_dict(private=True)))
    public.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    code, token, _ = rung("--account", "acme", "--user", "u-7", "--key", str(private))
    assert code == 0
    now = to_datetime(SystemClock().now_us())
    bearer = read(public, token)
    assert (bearer.account, bearer.user) == ("acme", "u-7")
    assert 890 <= bearer.expires_s - now.timestamp() <= 900


@pytest.mark.parametrize("words", [[], ["--staff"]])
def test_staff_are_named_in_the_token(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNG_HOME", str(tmp_path))
    public = ensure(tmp_path / "stacks" / "main" / "keys")
    _, token, _ = rung("--account", "acme", *words)
    bearer = read(public, token)
    assert bearer.staff is bool(words)


def test_the_development_key_signs_without_being_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNG_HOME", str(tmp_path))
    public = ensure(tmp_path / "stacks" / "main" / "keys")
    _, token, _ = rung("--account", "acme", "--minutes", "1")
    now = to_datetime(SystemClock().now_us())
    bearer = read(public, token)
    assert (bearer.account, bearer.user) == ("acme", None)
    assert 50 <= bearer.expires_s - now.timestamp() <= 60


def test_issuer_and_audience_are_those_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNG_API_TOKEN_ISSUER", "files")
    monkeypatch.setenv("RUNG_API_TOKEN_AUDIENCE", "offers")
    ensure(tmp_path)
    _, token, _ = rung("--account", "acme", "--key", str(tmp_path / "private.json"))
    key = OKPKey.import_key(json.loads((tmp_path / "private.json").read_text()))
    claims = jwt.decode(token, key, algorithms=["Ed25519"]).claims
    assert (claims["iss"], claims["aud"]) == ("files", "offers")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "run `rung up`", id="missing"),
        pytest.param("half a fi", "is no JSON Web Key", id="not JSON"),
        pytest.param(json.dumps(OctKey.generate_key(256).as_dict(private=True)), "is no private key", id="a secret"),
        pytest.param(
            json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=False)), "is no private key", id="a public key"
        ),
    ],
)
def test_a_key_that_can_not_sign_is_told(content: str | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "private.json"
    if content is not None:
        path.write_text(content)
    code, token, error = rung("--account", "acme", "--key", str(path))
    assert (code, token) == (2, "")
    assert told in error


def test_a_token_lives_fifteen_minutes_at_most() -> None:
    code, token, _ = rung("--account", "acme", "--minutes", "16")
    assert (code, token) == (2, "")
