from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemas.offers import Verb
from services.kit.clock import SystemClock, to_datetime
from services.kit.db.sessions import Database
from services.offer_api.adapters.keys import PostgresKeys
from services.offer_api.domain.scope import Scope
from services.offer_api.ports import Change
from tests.offer_api.makers import an_offer, made
from tests.offer_api.running import SCHEMA, without_kafka

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.offer_api.running import Ground
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

NOW = to_datetime(SystemClock().now_us())
PATH = "/v1/accounts/acme"


@pytest.fixture
async def keys(ground: Ground) -> AsyncIterator[PostgresKeys]:
    database = Database(ground.database_url, SCHEMA, "test")
    yield PostgresKeys(database)
    await database.close()


def bearing(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.mark.parametrize("scope", [Scope.READ, Scope.ADMIN])
async def test_a_key_that_may_read_sees_every_account_and_its_tasks(
    scope: Scope, keys: PostgresKeys, ground: Ground, signer: Signer
) -> None:
    key, _ = await keys.make("growth", [scope], NOW)
    async with without_kafka(ground.database_url, signer.jwks) as (http, offers, _):
        told = [made(), made("other", an_offer("task", verb=Verb.TASK, placements=("csm",)))]
        await offers.fold(0, [Change(event, offset) for offset, event in enumerate(told)], 0, 2)
        for path, offer in ((f"{PATH}/offers", "o1"), ("/v1/accounts/other/offers?placement=csm", "task")):
            got = await http.get(path, headers=bearing(key))
            assert [one["id"] for one in got.json()["offers"]] == [offer]
        assert (await http.post(f"{PATH}/offers/o1/check", headers=bearing(key))).json()["holds"] is True


async def test_a_key_speaks_for_nobody(keys: PostgresKeys, ground: Ground, signer: Signer) -> None:
    key, _ = await keys.make("growth", [Scope.ADMIN], NOW)
    body = {"id": "r1", "offer": "o1", "response": "dismissed"}
    async with without_kafka(ground.database_url, signer.jwks) as (http, *_):
        answer = await http.post(f"{PATH}/responses", json=body, headers=bearing(key))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:rung:problem:forbidden")


async def test_a_key_without_the_scope_is_refused_for_every_account_alike(
    keys: PostgresKeys, ground: Ground, signer: Signer
) -> None:
    key, _ = await keys.make("nothing yet", [], NOW)
    async with without_kafka(ground.database_url, signer.jwks) as (http, offers, _):
        await offers.fold(0, [Change(made(), 0)], 0, 1)
        paths = (f"{PATH}/offers", "/v1/accounts/nobody/offers", f"{PATH}/offers/stream")
        answers = [await http.get(path, headers=bearing(key)) for path in paths]
    assert {(answer.status_code, answer.content) for answer in answers} == {(403, answers[0].content)}


async def test_a_revoked_key_is_refused_from_then_on(keys: PostgresKeys, ground: Ground, signer: Signer) -> None:
    key, key_id = await keys.make("growth", [Scope.READ], NOW)
    async with without_kafka(ground.database_url, signer.jwks) as (http, *_):
        assert (await http.get(f"{PATH}/offers", headers=bearing(key))).status_code == 200
        assert await keys.revoke(key_id, NOW)
        assert (await http.get(f"{PATH}/offers", headers=bearing(key))).status_code == 401


async def test_keys_can_not_be_looked_up_without_the_database(signer: Signer) -> None:
    async with without_kafka("postgresql://nobody@127.0.0.1:1/nothing", signer.jwks) as (http, *_):
        answer = await http.get(f"{PATH}/offers", headers=bearing("rung_0123_abc"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
