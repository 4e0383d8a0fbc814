"""Tokens that a page needs to ask for offers: signed by your backend, for who is logged in, for some minutes."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

ALGORITHMS: Final = {"OKP": "Ed25519", "EC": "ES256", "RSA": "RS256"}
"""By the type of the key."""

LIFE_S: Final = 15 * 60
"""The longest life that the API takes."""

AGAIN_S: Final = 60
"""A token is handed out again until so many seconds before its end."""

MAX_KEPT: Final = 10_000


def new_key() -> dict[str, Any]:
    """A private key, as a JSON Web Key: keep it where your backend keeps secrets."""
    return dict(OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True).as_dict(private=True))


class TokenSigner:
    """Signs tokens with one private key. ``key``: a JSON Web Key, or the file it is in; raises ``ValueError``.

    ``issuer`` and ``audience`` have to be those of the API's settings.
    """

    def __init__(self, key: Mapping[str, Any] | Path, issuer: str, audience: str = "rung") -> None:
        read = json.loads(key.read_text()) if isinstance(key, Path) else dict(key)
        self._key = _private(import_key(read))
        self._algorithm = ALGORITHMS[self._key.key_type]
        self._issuer = issuer
        self._audience = audience
        self._kept: dict[tuple[str, str | None], tuple[str, float]] = {}

    def token(self, account: str, user: str | None = None, *, staff: bool = False, life_s: int = LIFE_S) -> str:
        """A new token for ``account``, for one ``user`` of it when that is given; ``staff``: for who looks after it."""
        now_s = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": account,
            "iat": now_s,
            "exp": now_s + life_s,
        }
        if user is not None:
            claims["user"] = user
        if staff:
            claims["staff"] = True
        header = {"alg": self._algorithm} | ({"kid": self._key.kid} if self._key.kid else {})
        return jwt.encode(header, claims, self._key, algorithms=[self._algorithm])

    def __call__(self, account: str, user: str | None = None) -> str:
        """As `token`; handed out again while it lives. What the clients of offers ask for."""
        who = (account, user)
        token, ends_s = self._kept.get(who, ("", 0.0))
        if ends_s < time.time() + AGAIN_S:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            token = self.token(account, user)
            self._kept[who] = (token, time.time() + LIFE_S)
        return token

    def public_keys(self) -> dict[str, Any]:
        """The JSON Web Key Set for the API: its setting ``RUNG_API_JWKS`` names the file it is in."""
        return {"keys": [self._key.as_dict(private=False)]}


def _private(key: Key) -> OKPKey | ECKey | RSAKey:
    if not isinstance(key, OKPKey | ECKey | RSAKey) or not key.is_private:
        raise ValueError("a private key of type OKP, EC or RSA is needed")
    return key
