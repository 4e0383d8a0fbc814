from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from schemas.offers import Verb
from services.kit.clock import SystemClock, to_datetime
from services.offer_api.ports import Change
from tests.offer_api.makers import NOW, an_offer, made, step
from tests.offer_api.running import without_kafka

if TYPE_CHECKING:
    import httpx

    from tests.offer_api.running import Api, Ground
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

PATH = "/v1/accounts/acme/responses"
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
"""For what is refused before anybody asks the database."""


def a_response(response: str = "dismissed", response_id: str = "r1", offer: str = "o1", **more: Any) -> dict[str, Any]:
    return {"id": response_id, "offer": offer, "response": response, **more}


async def respond(api: Api, signer: Signer, body: Any, **claims: Any) -> httpx.Response:
    return await api.http.post(PATH, json=body, headers=signer.headers(**claims))


async def shown(api: Api, signer: Signer) -> dict[str, str]:
    """Offers that GET gives just now, with their states."""
    got = await api.http.get("/v1/accounts/acme/offers", headers=signer.headers())
    return {offer["id"]: offer["state"] for offer in got.json()["offers"]}


async def test_a_response_is_kept_and_the_next_look_is_right(api: Api, signer: Signer) -> None:
    await api.ground.say(made(), made(offer=an_offer("o2")))
    await api.folded(2)
    body = a_response(user="u-7", placement="banner", option="plus", time="2026-03-04T10:12:00+01:00")
    answer = await respond(api, signer, body)
    assert (answer.status_code, answer.json()) == (202, {"accepted": ["r1"]})
    assert await shown(api, signer) == {"o2": "open"}
    (kept,) = await api.ground.responses()
    assert (kept.id, kept.subject, kept.time) == ("r1", "acme", NOW - timedelta(hours=1))
    assert kept.data.model_dump() == {
        "offer": "o1",
        "response": "dismissed",
        "user": "u-7",
        "placement": "banner",
        "option": "plus",
    }


async def test_a_list_is_kept_in_its_order(api: Api, signer: Signer) -> None:
    await api.ground.say(made())
    await api.folded(1)
    kinds = ["presented", "clicked", "snoozed"]
    body = [a_response(kind, f"r{number}") for number, kind in enumerate(kinds)]
    assert (await respond(api, signer, body)).status_code == 202
    assert [kept.data.response for kept in await api.ground.responses()] == kinds
    assert await shown(api, signer) == {}


async def test_what_was_reported_shows_before_the_engine_has_spoken(api: Api, signer: Signer) -> None:
    await api.ground.say(made())
    await api.folded(1)
    await respond(api, signer, a_response("presented"))
    assert await shown(api, signer) == {"o1": "presented"}


async def test_the_same_response_again_is_acknowledged_and_not_sent_again(api: Api, signer: Signer) -> None:
    await api.ground.say(made())
    await api.folded(1)
    body = [a_response("presented", "r1"), a_response("dismissed", "r2")]
    first, again = await respond(api, signer, body), await respond(api, signer, body)
    assert (first.status_code, again.status_code, again.json()) == (202, 202, {"accepted": ["r1", "r2"]})
    assert len(await api.ground.responses()) == 2
    await api.ground.say(step("dismissed", 2, response="r2"))
    await api.folded(2)
    assert (await respond(api, signer, body)).status_code == 202


async def test_a_response_to_an_offer_that_is_over_is_refused_with_its_state(api: Api, signer: Signer) -> None:
    await api.ground.say(made(), step("accepted", 2), made(offer=an_offer("o2")))
    await api.folded(3)
    answer = await respond(api, signer, [a_response(offer="o2", response_id="r2"), a_response()])
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:rung:problem:offer-over",
        "title": "The offer's life is over",
        "status": 409,
        "refused": [{"id": "r1", "offer": "o1", "state": "accepted"}],
    }
    assert await api.ground.responses() == []
    assert await shown(api, signer) == {"o2": "open"}


async def test_only_staff_respond_to_a_task(api: Api, signer: Signer) -> None:
    await api.ground.say(made(offer=an_offer(verb=Verb.TASK, placements=("csm",))))
    await api.folded(1)
    assert (await respond(api, signer, a_response("accepted"))).status_code == 404
    assert (await respond(api, signer, a_response("accepted"), staff=True)).status_code == 202


async def test_a_foreign_offer_and_one_that_never_was_look_the_same(api: Api, signer: Signer) -> None:
    await api.ground.say(made("other", an_offer("theirs")), made(offer=an_offer("anothers", user="u-8")))
    await api.folded(2)
    answers = [
        await respond(api, signer, a_response(offer="never-was")),
        await respond(api, signer, a_response(offer="theirs")),
        await respond(api, signer, a_response(offer="anothers", user="u-7")),
        await respond(api, signer, a_response(offer="anothers", user="u-8"), user="u-7"),
        await api.http.post("/v1/accounts/other/responses", json=a_response(offer="theirs"), headers=signer.headers()),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert await api.ground.responses() == []


async def test_a_token_for_one_user_speaks_for_that_user(api: Api, signer: Signer) -> None:
    await api.ground.say(made(offer=an_offer(user="u-7")))
    await api.folded(1)
    assert (await respond(api, signer, a_response("clicked"), user="u-7")).status_code == 202
    (kept,) = await api.ground.responses()
    assert kept.data.user == "u-7"


@pytest.mark.parametrize(
    ("body", "at"),
    [
        pytest.param([], "body", id="an empty list"),
        pytest.param([a_response(response_id=f"r{n}") for n in range(101)], "body", id="more than a hundred"),
        pytest.param({"id": "r1", "offer": "o1"}, "body.0.response", id="no kind"),
        pytest.param(a_response("loved"), "body.0.response", id="a kind that is not known"),
        pytest.param(a_response(response_id=""), "body.0.id", id="an empty id"),
        pytest.param(a_response(response_id="x" * 257), "body.0.id", id="an id that is too long"),
        pytest.param(a_response(ofer="o1"), "body.0.ofer", id="an unknown field"),
        pytest.param(a_response(time="2026-03-04T10:12:00"), "body.0.time", id="a time without an offset"),
        pytest.param(a_response(time="2126-03-04T10:12:00Z"), "body.0.time", id="a time in the future"),
        pytest.param("dismissed", "body", id="no object"),
    ],
)
async def test_what_is_malformed_is_told_by_its_place(signer: Signer, body: Any, at: str) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answer = await http.post(PATH, json=body, headers=signer.headers())
    assert answer.status_code == 422
    problem = answer.json()
    assert (problem["type"], problem["errors"][0]["at"]) == ("urn:rung:problem:malformed", at)


async def test_too_large_a_body_is_refused(signer: Signer) -> None:
    async with without_kafka(NOWHERE, signer.jwks) as (http, *_):
        answer = await http.post(PATH, content=b" " * 300_000, headers=signer.headers())
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:rung:problem:too-large")


async def test_a_time_a_little_ahead_is_only_a_clock(api: Api, signer: Signer) -> None:
    await api.ground.say(made())
    await api.folded(1)
    soon = to_datetime(SystemClock().now_us()) + timedelta(minutes=4)
    assert (await respond(api, signer, a_response(time=soon.isoformat()))).status_code == 202


async def test_without_kafka_responses_are_refused_for_a_while_and_reading_works(
    ground: Ground, signer: Signer
) -> None:
    async with without_kafka(ground.database_url, signer.jwks) as (http, offers, _):
        await offers.fold(0, [Change(made(), 0)], 0, 1)
        for _ in range(2):
            answer = await http.post(PATH, json=a_response(), headers=signer.headers())
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json()["type"] == "urn:rung:problem:log-unavailable"
        got = await http.get("/v1/accounts/acme/offers", headers=signer.headers())
        assert [offer["state"] for offer in got.json()["offers"]] == ["open"]
        stream = await http.get("/v1/accounts/acme/offers/stream", headers=signer.headers())
        assert (stream.status_code, stream.headers["retry-after"]) == (503, "2")
