"""Tokens as a customer's backend makes them, also wrong ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry
from typing_extensions import override

from services.kit.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from joserfc.jwk import Key

CLAIMS = ("iss", "aud", "sub", "iat", "exp")


def new_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)


def write_keys(path: Path, *keys: Key) -> Path:
    path.write_text(json.dumps({"keys": [key.as_dict(private=False) for key in keys]}))
    return path


class AnyAlgorithm(JWSRegistry):
    """Signs with whatever is asked for, and says nothing about it."""

    @override
    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


class Signer:
    """Signs for the offer API that reads ``jwks``."""

    def __init__(self, jwks: Path) -> None:
        self.jwks = jwks
        self.key = new_key()
        write_keys(jwks, self.key)

    def token(
        self, account: str = "acme", alg: str = "Ed25519", key: Key | None = None, kid: str | None = None, **claims: Any
    ) -> str:
        """A token; ``claims`` replace the usual ones, and one that is None is left out."""
        now_s = SystemClock().now_us() // 1_000_000
        usual = {"iss": "rung-dev", "aud": "rung", "sub": account, "iat": now_s, "exp": now_s + 600}
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        signing = key or self.key
        header = {"alg": alg, "kid": kid or signing.kid}
        return jwt.encode(header, said, signing, registry=AnyAlgorithm())

    def headers(self, account: str = "acme", **claims: Any) -> dict[str, str]:
        """The header of a request."""
        return {"authorization": f"Bearer {self.token(account, **claims)}"}
