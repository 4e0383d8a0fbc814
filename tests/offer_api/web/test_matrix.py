"""Every route that OpenAPI knows, by every wrong token, wherever something foreign can be named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from services.kit.clock import SystemClock, to_datetime
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.offer_api.adapters.keys import PostgresKeys
from services.offer_api.domain.scope import Scope
from services.offer_api.ports import Change
from services.offer_api.web.public import PUBLIC
from tests.offer_api.makers import an_offer, made
from tests.offer_api.running import SCHEMA, without_kafka
from tests.offer_api.wrong_tokens import WRONG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx

    from tests.offer_api.running import Served
    from tests.offer_api.signing import Signer

pytestmark = pytest.mark.postgres

ACCOUNT = "/v1/accounts/{account}"
NOW = to_datetime(SystemClock().now_us())


@dataclass(frozen=True)
class Entry:
    """A route as it was reviewed. ``accounts``: for tokens of an account; ``keys``: for keys that may read.

    ``parameters``: all that it takes beside the account, by where; ``body``: what it is sent, naming ``{offer}``.
    """

    accounts: bool
    keys: bool
    parameters: frozenset[tuple[str, str]] = frozenset()
    body: dict[str, str] = field(default_factory=dict)


USER, PLACEMENT, HELD = ("query", "user"), ("query", "placement"), ("header", "if-none-match")
ENTRIES = {
    ("GET", f"{ACCOUNT}/offers"): Entry(accounts=True, keys=True, parameters=frozenset({USER, PLACEMENT, HELD})),
    ("GET", f"{ACCOUNT}/offers/stream"): Entry(
        accounts=True, keys=True, parameters=frozenset({USER, PLACEMENT, ("header", "last-event-id")})
    ),
    ("POST", f"{ACCOUNT}/offers/{{offer}}/check"): Entry(
        accounts=True, keys=True, parameters=frozenset({USER, ("path", "offer")})
    ),
    ("POST", f"{ACCOUNT}/responses"): Entry(
        accounts=True, keys=False, body={"id": "r1", "offer": "{offer}", "response": "clicked"}
    ),
    ("GET", f"{ACCOUNT}/decisions"): Entry(
        accounts=False,
        keys=True,
        parameters=frozenset({("query", "limit"), ("query", "before"), ("query", "offer"), HELD}),
    ),
    ("GET", f"{ACCOUNT}/why"): Entry(accounts=False, keys=True, parameters=frozenset({("query", "offer"), HELD})),
    ("GET", f"{ACCOUNT}/why-not/{{offer}}"): Entry(
        accounts=False, keys=True, parameters=frozenset({("query", "limit"), ("path", "offer"), HELD})
    ),
}
"""Every route that needs a token. A new one is reviewed, and gets its entry here."""

BESIDE = (
    ("GET", "/v1/accounts/acme/secrets"),
    ("DELETE", "/v1/accounts/acme/offers"),
    ("GET", "/"),
    ("GET", "/metrics"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
    ("GET", "/healthz/"),
    ("GET", "//healthz"),
)
"""What is no route, or not with that method."""


@dataclass(frozen=True)
class Asked:
    """One request, that names one thing in one place."""

    route: tuple[str, str]
    place: str
    account: str = "acme"
    offer: str = "o1"
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def by(self, http: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
        method, path = self.route
        named = path.replace("{account}", self.account).replace("{offer}", self.offer)
        body = {name: value.replace("{offer}", self.offer) for name, value in ENTRIES[self.route].body.items()}
        sent = {**self.headers, **headers}
        return await http.request(method, named + self.query, json=body or None, headers=sent)


def naming(account: str, offer: str, user: str) -> Iterator[Asked]:
    """Each route, with what is foreign to ``acme`` named in its path, its query, its body and its headers."""
    for route, entry in ENTRIES.items():
        yield Asked(route, "path", account=account)
        if "{offer}" in route[1]:
            yield Asked(route, "path", offer=offer)
        if entry.body:
            yield Asked(route, "body", offer=offer)
        if USER in entry.parameters:
            yield Asked(route, "query", query=f"?user={user}")
        if ("query", "offer") in entry.parameters:
            yield Asked(route, "query", query=f"?offer={offer}")
        yield Asked(route, "query", query=f"?account={account}")
        yield Asked(route, "header", headers={"x-account": account, "x-forwarded-user": user, "cookie": "token=x"})
        yield Asked(route, "last-event-id", headers={"last-event-id": "0-0"})


@pytest.fixture
async def database(fresh_database_url: str) -> str:
    await migrate(fresh_database_url, SCHEMA)
    return fresh_database_url


@pytest.fixture
async def served(database: str, signer: Signer) -> AsyncIterator[Served]:
    async with without_kafka(database, signer.jwks) as opened:
        told = (made(), made("other", an_offer("theirs")), made(offer=an_offer("anothers", user="u-8")))
        await opened.offers.fold(0, [Change(event, offset) for offset, event in enumerate(told)], 0, 3)
        yield opened


@pytest.fixture
async def keys(database: str) -> AsyncIterator[PostgresKeys]:
    opened = Database(database, SCHEMA, "test")
    yield PostgresKeys(opened)
    await opened.close()


def seen(answer: httpx.Response) -> tuple[Any, ...]:
    """All that a client could tell answers apart by."""
    passing = {"date", "ratelimit-remaining", "ratelimit-reset", "etag"}
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in passing)
    return answer.status_code, answer.content, tuple(headers)


async def test_every_route_and_all_that_it_takes_was_reviewed(served: Served) -> None:
    routes = {
        (method.upper(), path): {(one["in"], one["name"]) for one in route.get("parameters", ())}
        for path, methods in served.app.openapi()["paths"].items()
        for method, route in methods.items()
        if path not in PUBLIC
    }
    reviewed = {route: entry.parameters | {("path", "account")} for route, entry in ENTRIES.items()}
    assert routes == reviewed
    bodies = {
        (method.upper(), path)
        for path, methods in served.app.openapi()["paths"].items()
        for method, route in methods.items()
        if "requestBody" in route
    }
    assert bodies == {route for route, entry in ENTRIES.items() if entry.body}


@pytest.mark.parametrize("wrong", ["none at all", *WRONG])
async def test_a_wrong_token_is_refused_everywhere_in_the_same_words(
    wrong: str, served: Served, signer: Signer
) -> None:
    # as bytes: some of these are no ASCII
    token = {} if wrong == "none at all" else {b"authorization": f"Bearer {WRONG[wrong](signer)}".encode()}
    answers = [
        await asked.by(served.http, token)  # type: ignore[arg-type]  # as above
        for asked in naming("other", "theirs", "u-8")
    ]
    answers += [await served.http.request(method, path, headers=token) for method, path in BESIDE]
    assert len({seen(answer) for answer in answers}) == 1
    assert (answers[0].status_code, answers[0].headers["www-authenticate"]) == (401, 'Bearer realm="rung"')
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[0].json() == {
        "type": "urn:rung:problem:unauthorised",
        "title": "A valid bearer token is needed",
        "status": 401,
    }


@pytest.mark.parametrize("scheme", ["Basic", "Token", "bearer:"])
async def test_another_scheme_is_refused_everywhere(scheme: str, served: Served, signer: Signer) -> None:
    headers = {"authorization": f"{scheme} {signer.token()}"}
    answers = [await asked.by(served.http, headers) for asked in naming("other", "theirs", "u-8")]
    assert {answer.status_code for answer in answers} == {401}


async def test_a_token_of_another_account_finds_nothing_here(served: Served, signer: Signer) -> None:
    """Whatever it names: what is there, what is not, and what is its own."""
    for offer in ("o1", "theirs", "never-was"):
        answers = {
            asked.route: seen(await asked.by(served.http, signer.headers("other")))
            for asked in naming("acme", offer, "u-8")
            if asked.account == "acme"
        }
        assert {route: answer[0] for route, answer in answers.items()} == {
            route: 404 if entry.accounts else 403 for route, entry in ENTRIES.items()
        }
        assert len(set(answers.values())) == 2


async def test_what_is_foreign_looks_like_what_is_not_there(served: Served, signer: Signer) -> None:
    headers = signer.headers(user="u-7")
    foreign, missing = naming("other", "anothers", "u-8"), naming("nobody", "never-was", "u-9")
    for one, other in zip(foreign, missing, strict=True):
        if one.route[1].endswith("/stream") and one.account == "acme" and not one.query.startswith("?user"):
            continue  # this names nothing that it would look at: it is the account's own stream
        first, second = await one.by(served.http, headers), await other.by(served.http, headers)
        assert seen(first) == seen(second), one
        if one.place in {"path", "body"} or one.query.startswith("?user"):
            assert first.status_code == (404 if ENTRIES[one.route].accounts else 403), one


async def test_operators_routes_are_for_keys_alone(served: Served, signer: Signer) -> None:
    """A token does not get there by what it says of itself."""
    for claims in ({}, {"staff": True}, {"scope": "read"}, {"scopes": ["read", "admin"]}):
        for route, entry in ENTRIES.items():
            if not entry.accounts:
                assert (await Asked(route, "path").by(served.http, signer.headers(**claims))).status_code == 403


async def test_a_key_gets_as_far_as_its_scope(served: Served, keys: PostgresKeys) -> None:
    for scopes in ([], [Scope.READ], [Scope.ADMIN]):
        key, _ = await keys.make("test", scopes, NOW)
        for route, entry in ENTRIES.items():
            if entry.keys and scopes and route[1].endswith("/stream"):
                continue  # nobody follows the log here
            answer = await Asked(route, "path").by(served.http, {"authorization": f"Bearer {key}"})
            assert answer.status_code == (200 if entry.keys and scopes else 403), (route, scopes)
