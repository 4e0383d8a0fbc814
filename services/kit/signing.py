"""Bearer tokens for the offer API, signed with a private key from a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from services.kit.clock import US_PER_S

if TYPE_CHECKING:
    from pathlib import Path

    from services.kit.clock import Clock

S_PER_MINUTE: Final = 60
ALGORITHMS: Final = {"OKP": "Ed25519", "EC": "ES256", "RSA": "RS256"}
"""By the type of the key."""


class KeyRefused(Exception):
    """The file holds no key that could sign; ``str()`` says what to do."""


class Signer:
    """Signs tokens with one key, for one issuer and audience."""

    def __init__(self, path: Path, issuer: str, audience: str, clock: Clock) -> None:
        """Raises `KeyRefused`."""
        self._key = _private_key(path)
        self._issuer = issuer
        self._audience = audience
        self._clock = clock

    def token(self, account: str, user: str | None = None, minutes: int = 15, **claims: bool) -> str:
        """A token for ``account``, for one ``user`` of it when that is given; of ``claims`` those that are true."""
        now_s = self._clock.now_us() // US_PER_S
        said: dict[str, Any] = {name: True for name, holds in claims.items() if holds} | {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": account,
            "iat": now_s,
            "exp": now_s + minutes * S_PER_MINUTE,
        }
        if user is not None:
            said["user"] = user
        algorithm = ALGORITHMS[self._key.key_type]
        header = {"alg": algorithm} | ({"kid": self._key.kid} if self._key.kid else {})
        return jwt.encode(header, said, self._key, algorithms=[algorithm])


def _private_key(path: Path) -> OKPKey | ECKey | RSAKey:
    try:
        key = import_key(json.loads(path.read_text()))
    except OSError as error:
        raise KeyRefused(f"{path}: {error.strerror}; run `rung up`, which makes a key, or name one") from None
    except (ValueError, TypeError, JoseError) as error:
        raise KeyRefused(f"{path} is no JSON Web Key ({type(error).__name__})") from None
    if not isinstance(key, OKPKey | ECKey | RSAKey) or not key.is_private:
        raise KeyRefused(f"{path} is no private key of type OKP, EC or RSA")
    return key
