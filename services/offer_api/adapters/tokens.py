"""Bearer tokens: JSON Web Tokens that the customer's backend signs, read with its public keys."""

from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import TypeAdapter, ValidationError
from typing_extensions import override

from schemas.envelope import Id
from schemas.probe import CLAIM
from services.offer_api.adapters.keysets import Keys
from services.offer_api.ports import Bearer, TokenRefused

ALGORITHMS: Final = ("EdDSA", "Ed25519", "ES256", "RS256")
"""Signatures with a public key. ``Ed25519`` is the newer name (RFC 9864) of what most still call ``EdDSA``."""

MAX_LIFE_S: Final = 15 * 60
"""Longest life of a token in seconds: how long a stolen one is of use."""

LEEWAY_S: Final = 30
"""How far the clock of the backend that signs may be from ours, in seconds."""

MAX_TOKEN_BYTES: Final = 4096
"""Longest token that is looked at; ours have some 400 bytes with EdDSA and 600 with RS256."""

MAX_TAKEN: Final = 10_000
"""Tokens that are remembered once their signature was checked, which takes some 0.3 ms; each has about 0.4 KiB."""

_ID: Final = TypeAdapter(Id)


class _Allowed(JWSRegistry):
    """Only `ALGORITHMS`; the stock registry warns at every token that says EdDSA."""

    @override
    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError("not allowed")
        return self.algorithms[name]


class JwksTokens:
    """`Tokens` that are signed with one of the keys."""

    def __init__(self, keys: Keys, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._registry = _Allowed()
        self._known = KeySet([])
        self._taken: dict[bytes, Bearer] = {}
        """By the hash of the token: what is kept is of no use to a thief, and a tenth as long."""

    async def read(self, token: str, now: datetime) -> Bearer:
        """Who ``token`` speaks for. Raises `TokenRefused`."""
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenRefused("too long")
        digest = sha256(token.encode()).digest()
        taken = self._remembered().get(digest)
        if taken is not None and now.timestamp() < taken.expires_s:
            return taken
        if not _is_there(token, self._known):
            await self._keys.missed()
        remembered = self._remembered()
        bearer = self._verified(token, self._known, now)
        if len(remembered) >= MAX_TAKEN:
            remembered.clear()
        remembered[digest] = bearer
        return bearer

    def _remembered(self) -> dict[bytes, Bearer]:
        """Tokens that were verified with the keys as they are now; with other keys each is looked at anew."""
        keys = self._keys.current()
        if keys is not self._known:
            self._known, self._taken = keys, {}
        return self._taken

    def _verified(self, token: str, keys: KeySet, now: datetime) -> Bearer:
        try:
            claims = jwt.decode(token, keys, registry=self._registry).claims
            self._rules(now).validate(claims)
            lives_s = claims["exp"] - claims["iat"]
            if lives_s > MAX_LIFE_S:
                raise TokenRefused("lives too long")
            account, user = _ID.validate_python(claims["sub"]), claims.get("user")
            named = None if user is None else _ID.validate_python(user)
            staff, probe = claims.get("staff") is True, claims.get(CLAIM) is True
            return Bearer(account, named, int(claims["exp"]), staff=staff, probe=probe)
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


def _is_there(token: str, keys: KeySet) -> bool:
    """Whether the key that ``token`` names is one of ``keys``; what is no token names none that could be asked for."""
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError, TypeError, RecursionError):
        return True
    return kid is None or any(key.kid == kid for key in keys)
