"""`rung token`: a bearer token for one account, signed with the stack's development key or one of your own."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, OKPKey, RSAKey

US_PER_S: Final = 1_000_000
S_PER_MINUTE: Final = 60
EXIT_USAGE: Final = 2
ALGORITHMS: Final = {"OKP": "Ed25519", "EC": "ES256", "RSA": "RS256"}
"""By the type of the key."""


def token(
    account: Annotated[str, typer.Option(help="The account that the token is for.")],
    user: Annotated[str | None, typer.Option(help="One user of it; without it anybody of the account.")] = None,
    minutes: Annotated[int, typer.Option(min=1, max=15, help="How long it is valid.")] = 15,
    key: Annotated[Path | None, typer.Option(help="Private JSON Web Key; by default the one of `rung up`.")] = None,
    issuer: Annotated[str, typer.Option(envvar="RUNG_API_TOKEN_ISSUER")] = "rung-dev",
    audience: Annotated[str, typer.Option(envvar="RUNG_API_TOKEN_AUDIENCE")] = "rung",
) -> None:
    """Print a bearer token. Production tokens are signed by your backend, with a key that it keeps."""
    from joserfc import jwt

    from services.kit.clock import SystemClock

    private = _private_key(key or _development_key())
    now_s = SystemClock().now_us() // US_PER_S
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "sub": account,
        "iat": now_s,
        "exp": now_s + minutes * S_PER_MINUTE,
    }
    if user is not None:
        claims["user"] = user
    algorithm = ALGORITHMS[private.key_type]
    header = {"alg": algorithm} | ({"kid": private.kid} if private.kid else {})
    typer.echo(jwt.encode(header, claims, private, algorithms=[algorithm]))


def _development_key() -> Path:
    from services.local_stack.places import DEFAULT_NAME, Home
    from services.local_stack.settings import StackSettings

    return Home(StackSettings().home()).stack(DEFAULT_NAME).keys / "private.json"


def _private_key(path: Path) -> OKPKey | ECKey | RSAKey:
    import json

    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

    try:
        key = import_key(json.loads(path.read_text()))
    except OSError as error:
        _refuse(f"{path}: {error.strerror}; run `rung up`, which makes a key, or name one with --key")
    except (ValueError, TypeError, JoseError) as error:
        _refuse(f"{path} is no JSON Web Key ({type(error).__name__})")
    if not isinstance(key, OKPKey | ECKey | RSAKey) or not key.is_private:
        _refuse(f"{path} is no private key of type OKP, EC or RSA")
    return key


def _refuse(why: str) -> NoReturn:
    typer.echo(f"error: {why}", err=True)
    raise typer.Exit(EXIT_USAGE)
