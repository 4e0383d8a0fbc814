from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from schemas.offers import Verb
from tests.offer_api.makers import FAR, NOW, an_offer, made, revoked, snoozed, step

if TYPE_CHECKING:
    import httpx

    from tests.offer_api.running import Api
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def check(api: Api, signer: Signer, offer: str, account: str = "acme", **claims: Any) -> httpx.Response:
    path = f"/v1/accounts/{account}/offers/{offer}/check"
    return await api.http.post(path, headers=signer.headers(**claims))


async def test_an_offer_that_holds_is_told_as_get_tells_it(api: Api, signer: Signer) -> None:
    await api.ground.say(made(), step("presented", 2))
    await api.folded(2)
    answer = await check(api, signer, "o1")
    got = await api.http.get("/v1/accounts/acme/offers", headers=signer.headers())
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"id": "o1", "holds": True, "state": "presented", "offer": got.json()["offers"][0]}


async def test_an_offer_that_does_not_hold_says_in_which_state_it_is(api: Api, signer: Signer) -> None:
    offers = ["revoked", "dismissed", "snoozed", "expired", "reported"]
    await api.ground.say(
        *(made(offer=an_offer(name, **({"expires_at": NOW} if name == "expired" else {}))) for name in offers),
        revoked(2, "revoked"),
        step("dismissed", 2, "dismissed"),
        snoozed(2, FAR, "snoozed"),
    )
    await api.folded(8)
    body = {"id": "r1", "offer": "reported", "response": "accepted"}
    await api.http.post("/v1/accounts/acme/responses", json=body, headers=signer.headers())
    for name in offers:
        state = "accepted" if name == "reported" else name
        assert (await check(api, signer, name)).json() == {"id": name, "holds": False, "state": state}


async def test_what_is_not_the_bearers_is_not_there(api: Api, signer: Signer) -> None:
    await api.ground.say(
        made("other", an_offer("theirs")),
        made(offer=an_offer("anothers", user="u-8")),
        made(offer=an_offer("task", verb=Verb.TASK)),
    )
    await api.folded(3)
    answers = [
        await check(api, signer, "never-was"),
        await check(api, signer, "theirs"),
        await check(api, signer, "theirs", account="other"),
        await check(api, signer, "anothers", user="u-7"),
        await check(api, signer, "task"),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert (await check(api, signer, "task", staff=True)).json()["holds"] is True
