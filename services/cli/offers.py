"""`rung offers`: what an account is offered, as its front end gets it."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from services.cli.token import AUDIENCE, ISSUER, Audience, Issuer, Key, Staff, signer
from services.cli.where import Stack, api_url, fail, private_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx

TIMEOUT_S: Final = 10.0
QUIET_S: Final = 45.0
"""Longest silence of a stream: three keep-alives."""


AGAIN_S: Final = 1.0
"""Between the end of one stream and the beginning of the next."""


@dataclass
class _Event:
    """One server-sent event, as far as it was read; ``id`` is empty when the position is to be forgotten."""

    name: str = ""
    id: str | None = None
    body: Any = None


def offers(  # noqa: PLR0913 - one parameter an option
    account: Annotated[str, typer.Argument(help="Whose offers.")],
    *,
    user: Annotated[str | None, typer.Option(help="As this user sees them.")] = None,
    placement: Annotated[list[str] | None, typer.Option(help="Only for these places; a task has its queue.")] = None,
    staff: Staff = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and tell every change, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As the API gives them.")] = False,
    url: Annotated[str | None, typer.Option(envvar="RUNG_API_URL", help="Where the offer API listens.")] = None,
    key: Key = None,
    issuer: Issuer = ISSUER,
    audience: Audience = AUDIENCE,
    stack: Stack = None,
) -> None:
    """Fetch the offers of an account."""
    import json
    from contextlib import suppress

    import httpx

    base = (url or api_url(stack)).rstrip("/")
    signs = signer(key or private_key(stack), issuer, audience)
    asked: dict[str, Any] = {"placement": placement or []}

    def headers() -> dict[str, str]:
        return {"authorization": f"Bearer {signs.token(account, user, staff=staff)}"}

    with httpx.Client(base_url=base, timeout=TIMEOUT_S, trust_env=False) as client:
        try:
            if watch:
                with suppress(KeyboardInterrupt):
                    for name, body in _followed(client, account, asked, headers):
                        typer.echo(json.dumps(body) if as_json else _change(name, body))
                return
            found = _json(client.get(_path(account), params=asked, headers=headers()))
        except httpx.HTTPError as error:
            fail(f"{base}: {error}")
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        typer.echo("\n\n".join(_shown(offer) for offer in found["offers"]) or f"no offers for {account}")


def _followed(
    client: httpx.Client, account: str, asked: Mapping[str, Any], headers: Callable[[], dict[str, str]]
) -> Iterator[tuple[str, Any]]:
    """Name and body of every change, for ever: a stream that comes to the end of its life is begun anew."""
    import time

    told: dict[str, str] = {}
    while True:
        for event in _changes(client, account, asked, headers() | told):
            if event.id is not None:
                told = {"last-event-id": event.id} if event.id else {}
            if event.name:
                yield event.name, event.body
        time.sleep(AGAIN_S)


def _path(account: str) -> str:
    from urllib.parse import quote

    return f"/v1/accounts/{quote(account, safe='')}/offers"


def _json(response: httpx.Response) -> Any:
    if response.is_error:
        fail(f"{response.status_code} {response.text}")
    return response.json()


def _changes(
    client: httpx.Client, account: str, asked: Mapping[str, Any], headers: Mapping[str, str]
) -> Iterator[_Event]:
    """The events of one stream, until the server ends it."""
    import json

    import httpx

    patient = httpx.Timeout(TIMEOUT_S, read=QUIET_S)
    path = f"{_path(account)}/stream"
    with client.stream("GET", path, params=dict(asked), headers=dict(headers), timeout=patient) as response:
        if response.is_error:
            response.read()
            fail(f"{response.status_code} {response.text}")
        event = _Event()
        for line in response.iter_lines():
            field, _, value = line.partition(": ")
            match field.removesuffix(":"):
                case "event":
                    event.name = value
                case "id":
                    event.id = value
                case "data":
                    event.body = json.loads(value)
                case "":
                    yield event
                    event = _Event()
                case _:  # how soon to come back: soon enough anyway
                    pass


def _change(name: str, body: Mapping[str, Any]) -> str:
    match name:
        case "offer":
            return _shown(body) + "\n"
        case "gone":
            return f"gone: {body['id']} ({body['why']})\n"
        case other:
            return f"{other}\n"


def _shown(offer: Mapping[str, Any]) -> str:
    from services.cli.offer_words import lines_of

    head = f"{offer['offer']}  {offer['state']}, for {', '.join(offer['placements'])}, until {offer['expires_at']}"
    return "\n".join([head, *(f"  {line}" for line in lines_of(offer)), f"  id {offer['id']}"])
