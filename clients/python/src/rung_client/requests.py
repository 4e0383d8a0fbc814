"""What is asked of the API and how its answers are read; the same whether or not there is an event loop."""

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import httpx

from rung_client.model import Check, Offer, ResponseKind, read
from rung_client.problems import problem_of

Auth = Callable[[str, str | None], str]
"""Account, and user or None, to a bearer token or a service key; `TokenSigner` is one."""

TRIES: Final = 4
FIRST_WAIT_S: Final = 0.3
LONGEST_WAIT_S: Final = 10.0
PASSING: Final = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
"""Answers after which a later try may succeed. All may be asked twice: a response has an id of its own."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a person did with an offer. ``id`` is made once: sent again, it counts once."""

    offer: str
    response: ResponseKind
    user: str | None = None
    placement: str | None = None
    option: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, not sent yet."""

    method: str
    path: str
    params: Sequence[tuple[str, str]] = ()
    body: Any = None


def for_offers(account: str, user: str | None, placements: Sequence[str]) -> Asked:
    """What may be shown now."""
    params = [("placement", place) for place in placements] + ([] if user is None else [("user", user)])
    return Asked("GET", _path(account, "offers"), params)


def for_check(account: str, offer: str, user: str | None) -> Asked:
    """Whether an offer still holds."""
    return Asked(
        "POST", _path(account, f"offers/{quote(offer, safe='')}/check"), [] if user is None else [("user", user)]
    )


def for_responses(account: str, responses: Sequence[Response]) -> Asked:
    """Take what people did."""
    return Asked("POST", _path(account, "responses"), body=[_told(response) for response in responses])


def offers_of(answer: Any) -> tuple[Offer, ...]:
    """Offers out of an answer."""
    return tuple(read(Offer, offer) for offer in answer["offers"])


def check_of(answer: Any) -> Check:
    """A check out of an answer."""
    return read(Check, answer)


def settled(answer: httpx.Response) -> Any:
    """What the answer says; None when it makes sense to ask again. Raises ``Problem``."""
    if answer.status_code in PASSING:
        return None
    try:
        document = answer.json()
    except ValueError:
        document = {"title": answer.reason_phrase}
    if answer.is_success:
        return document
    raise problem_of(answer.status_code, document if isinstance(document, Mapping) else {})


def wait_s(tries: int, answer: httpx.Response | None) -> float:
    """Seconds until the next try: as long as the API asks for, else doubled each time, with chance in it."""
    asked = answer.headers.get("retry-after", "") if answer is not None else ""
    least = float(asked) if asked.isascii() and asked.isdigit() else FIRST_WAIT_S * 2**tries
    return min(least, LONGEST_WAIT_S) * random.uniform(1, 1.5)  # noqa: S311 - spreads load, guards nothing


def _path(account: str, rest: str) -> str:
    return f"/v1/accounts/{quote(account, safe='')}/{rest}"


def _told(response: Response) -> dict[str, str]:
    told = {
        "id": response.id,
        "offer": response.offer,
        "response": response.response.value,
        "user": response.user,
        "placement": response.placement,
        "option": response.option,
        "time": response.time.isoformat(),
    }
    return {name: value for name, value in told.items() if value is not None}
