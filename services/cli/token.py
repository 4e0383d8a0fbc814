"""`rung token`: a bearer token for one account, signed with the stack's development key or one of your own."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import Stack, private_key

if TYPE_CHECKING:
    from services.kit.signing import Signer

EXIT_USAGE: Final = 2

Staff = Annotated[bool, typer.Option("--staff", help="For one who looks after the account: tasks can be seen, too.")]
Key = Annotated[Path | None, typer.Option(help="Private JSON Web Key; by default the one of `rung up`.")]
Issuer = Annotated[str, typer.Option(envvar="RUNG_API_TOKEN_ISSUER", help="Whom the offer API trusts.")]
Audience = Annotated[str, typer.Option(envvar="RUNG_API_TOKEN_AUDIENCE", help="What the offer API is called.")]
ISSUER: Final = "rung-dev"
AUDIENCE: Final = "rung"


def token(  # noqa: PLR0913 - one parameter an option
    account: Annotated[str, typer.Option(help="The account that the token is for.")],
    user: Annotated[str | None, typer.Option(help="One user of it; without it anybody of the account.")] = None,
    *,
    staff: Staff = False,
    minutes: Annotated[int, typer.Option(min=1, max=15, help="How long it is valid.")] = 15,
    key: Key = None,
    issuer: Issuer = ISSUER,
    audience: Audience = AUDIENCE,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Print a bearer token. Production tokens are signed by your backend, with a key that it keeps."""
    made = signer(key or private_key(stack), issuer, audience).token(account, user, minutes, staff=staff)
    if as_json:
        typer.echo(json.dumps({"account": account, "token": made, "minutes": minutes}))
    else:
        typer.echo(made)


def signer(key: Path, issuer: str = ISSUER, audience: str = AUDIENCE) -> Signer:
    """What signs with ``key``; ends the command with a sentence when it can not."""
    from services.kit.clock import SystemClock
    from services.kit.signing import KeyRefused, Signer

    try:
        return Signer(key, issuer, audience, SystemClock())
    except KeyRefused as refused:
        typer.echo(f"error: {refused}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
