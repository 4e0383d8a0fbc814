"""`rung keys`, as an operator runs it, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.offer_api.adapters.keys import PostgresKeys
from services.offer_api.domain.scope import Scope
from services.offer_api.ports import TokenRefused
from tests.cli.running import lines_of, rung

if TYPE_CHECKING:
    from services.offer_api.ports import KeyHolder

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(fresh_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    asyncio.run(migrate(fresh_database_url, "rung"))
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    return fresh_database_url


def holder(url: str, key: str) -> KeyHolder:
    """Whom the offer API takes ``key`` for."""

    async def read() -> KeyHolder:
        database = Database(url, "rung", "test")
        try:
            return await PostgresKeys(database).read(key)
        finally:
            await database.close()

    return asyncio.run(read())


def test_a_key_is_made_listed_and_revoked(url: str) -> None:
    key = rung("keys", "make", "growth team").stdout.strip()
    key_id = holder(url, key).key_id
    assert holder(url, key).scopes == {Scope.READ}
    (line,) = lines_of(rung("keys", "list"))
    assert (line.startswith(f"{key_id}  read  made "), line.endswith("  in force  growth team")) == (True, True)
    assert rung("keys", "revoke", key_id).output == f"revoked {key_id}\n"
    with pytest.raises(TokenRefused):
        holder(url, key)
    (line,) = lines_of(rung("keys", "list"))
    assert "  revoked " in line
    again = rung("keys", "revoke", key_id)
    assert (again.exit_code, again.output) == (1, f"error: there is no key {key_id} in force: see `rung keys list`\n")


def test_what_is_kept_of_a_key_does_not_tell_it(url: str) -> None:
    made = json.loads(rung("keys", "make", "a service", "--scope", "read", "--scope", "admin", "--json").stdout)
    secret = made["key"].rpartition(made["id"])[2]
    assert secret not in asyncio.run(_everything(url))
    assert made["scopes"] == ["read", "admin"]
    told = json.loads(rung("keys", "list", "--json").stdout)
    assert (told[0]["id"], told[0]["revoked_at"]) == (made["id"], None)


@pytest.mark.parametrize("change", ["cut", "other secret", "other id", "no secret", "far too long"])
def test_a_key_that_is_not_quite_right_is_no_key(url: str, change: str) -> None:
    key, other = (rung("keys", "make", name).stdout.strip() for name in ("one", "other"))
    wrong = {
        "cut": key[:-1],
        "other secret": "_".join([*key.split("_", 2)[:2], other.split("_", 2)[2]]),
        "other id": "_".join([*other.split("_", 2)[:2], key.split("_", 2)[2]]),
        "no secret": "_".join(key.split("_", 2)[:2]),
        "far too long": key + "x" * 200,
    }[change]
    with pytest.raises(TokenRefused):
        holder(url, wrong)


def test_without_a_database_it_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://rung:secret@127.0.0.1:1/rung")
    told = rung("keys", "list")
    assert (told.exit_code, "secret" in told.output) == (70, False)
    assert told.output.startswith("error: PostgreSQL does not answer")


async def _everything(url: str) -> str:
    database = Database(url, "rung", "test")
    try:
        async with database.reading() as session:
            return str((await session.execute(text("select row_to_json(service_keys) from service_keys"))).all())
    finally:
        await database.close()
