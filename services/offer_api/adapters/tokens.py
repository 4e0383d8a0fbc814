"""Bearer tokens: JSON Web Tokens that the customer's backend signs, read with the public keys in a file."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog
from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import TypeAdapter, ValidationError
from typing_extensions import override

from schemas.envelope import Id
from services.kit.errors import Fatal
from services.offer_api.ports import Bearer, TokenRefused

log = structlog.get_logger()

ALGORITHMS: Final = ("EdDSA", "Ed25519", "ES256", "RS256")
"""Signatures with a public key. ``Ed25519`` is the newer name (RFC 9864) of what most still call ``EdDSA``."""

MAX_LIFE_S: Final = 15 * 60
"""Longest life of a token in seconds: how long a stolen one is of use."""

LEEWAY_S: Final = 30
"""How far the clock of the backend that signs may be from ours, in seconds."""

MAX_TOKEN_BYTES: Final = 4096
"""Longest token that is looked at; ours have some 400 bytes with EdDSA and 600 with RS256."""

_ID: Final = TypeAdapter(Id)
Stamp = tuple[int, int, int]
"""What changes when a file does: time in nanoseconds, size, inode."""


class KeysUnusable(Fatal):
    """The file of public keys can not be used.

    Attributes:
        path: The file.
        why: What is wrong with it.
    """

    exit_code = 78
    """EX_CONFIG of sysexits.h: restarting does not help."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"setting RUNG_API_JWKS: {path}: {why}")


class _Allowed(JWSRegistry):
    """Only `ALGORITHMS`; the stock registry warns at every token that says EdDSA."""

    @override
    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError("not allowed")
        return self.algorithms[name]


class JwksTokens:
    """`Tokens` from a JSON Web Key Set file, which is read anew when it changes; a broken one leaves the old keys."""

    def __init__(self, path: Path, issuer: str, audience: str) -> None:
        """Raises `KeysUnusable`."""
        self._path = path
        self._issuer = issuer
        self._audience = audience
        self._registry = _Allowed()
        self._stamp = _stamp(path)
        self._keys = _load(path)

    def read(self, token: str, now: datetime) -> Bearer:
        """Who ``token`` speaks for. Raises `TokenRefused`."""
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenRefused("too long")
        self._refresh()
        try:
            claims = jwt.decode(token, self._keys, registry=self._registry).claims
            self._rules(now).validate(claims)
            lives_s = claims["exp"] - claims["iat"]
            if lives_s > MAX_LIFE_S:
                raise TokenRefused("lives too long")
            account, user = _ID.validate_python(claims["sub"]), claims.get("user")
            named = None if user is None else _ID.validate_python(user)
            return Bearer(account, named, int(claims["exp"]), staff=claims.get("staff") is True)
        except (JoseError, ValidationError, ValueError, TypeError, OverflowError) as error:
            raise TokenRefused(type(error).__name__) from None

    def _rules(self, now: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
        )

    def _refresh(self) -> None:
        try:
            stamp = _stamp(self._path)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._keys = _load(self._path)
            log.info("keys read anew", path=str(self._path), keys=len(self._keys.keys))
        except KeysUnusable as fault:
            log.warning("keys kept as they were", detail=str(fault))


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError as error:
        raise KeysUnusable(path, error.strerror or "can not be read") from None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _load(path: Path) -> KeySet:
    try:
        body = json.loads(path.read_text())
        keys = KeySet.import_key_set({"keys": [key for key in body["keys"] if key["kty"] != "oct"]})
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise KeysUnusable(path, f"is no JSON Web Key Set with a public key ({type(error).__name__})") from None
    if any(key.is_private for key in keys):
        raise KeysUnusable(path, "has a private key in it, which must not be here")
    return keys
