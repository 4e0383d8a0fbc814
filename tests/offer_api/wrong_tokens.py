"""Tokens that are not quite right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from joserfc.jwk import OctKey

from services.kit.clock import SystemClock
from tests.offer_api.signing import new_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.offer_api.signing import Signer


def in_s(seconds: int) -> int:
    """A time of day as a token says it."""
    return SystemClock().now_us() // 1_000_000 + seconds


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
