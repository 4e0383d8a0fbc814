"""A backend reads offers and answers them, at the real offer API."""

from __future__ import annotations

import asyncio
import json
from dataclasses import MISSING, asdict, fields
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from rung_client import (
    AfterNo,
    AsyncOffers,
    Away,
    Check,
    Content,
    Evidence,
    Gain,
    Offer,
    OfferOver,
    Offers,
    Option,
    Price,
    Problem,
    Response,
    ResponseKind,
    Saving,
    TokenSigner,
    new_key,
)
from rung_client.model import read
from rung_client.requests import wait_s
from schemas.responses import ResponseKind as Wire
from services.offer_api.web import models
from tests.offer_api.makers import made, revoked
from tests.offer_api.running import Api, Ground, free_ports, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from pydantic import BaseModel

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
def auth() -> TokenSigner:
    return TokenSigner(new_key(), "rung-dev")


@pytest.fixture
async def api(
    kafka_bootstrap: str, fresh_database_url: str, topic_prefix: str, tmp_path: Path, auth: TokenSigner
) -> AsyncIterator[Api]:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(auth.public_keys()))
    ground = Ground(kafka_bootstrap, topic_prefix, fresh_database_url, jwks)
    await ground.prepare()
    async with running(ground) as started:
        yield started


async def test_offers_are_read_checked_and_answered(api: Api, auth: TokenSigner) -> None:
    await api.ground.say(made("acme"), made("globex"))
    await api.folded(2)
    async with AsyncOffers(str(api.http.base_url), auth) as offers:
        (offer,) = await offers.offers("acme")
        assert (await offers.check("acme", offer.id)).holds
        response = Response(offer.id, ResponseKind.DISMISSED, placement=offer.placements[0])
        await offers.respond("acme", response)
        await offers.respond("acme", response)  # as after an answer that was lost
        assert await offers.offers("acme") == ()
        assert not (await offers.check("acme", offer.id)).holds
    (sent,) = await api.ground.responses()
    assert (sent.id, sent.subject, sent.data.offer, sent.data.response) == (response.id, "acme", "o1", "dismissed")


async def test_an_offer_is_told_whole(api: Api, auth: TokenSigner) -> None:
    await api.ground.say(made("acme"))
    await api.folded(1)
    told = (await api.http.get("/v1/accounts/acme/offers", headers={"authorization": f"Bearer {auth('acme')}"})).json()
    async with AsyncOffers(str(api.http.base_url), auth) as offers:
        (offer,) = await offers.offers("acme", placements=("banner", "upgrade_page"))
    assert told["offers"] == [models.OfferOut.model_validate(asdict(offer)).model_dump(mode="json", exclude_none=True)]


async def test_programs_without_a_loop_do_the_same(api: Api, auth: TokenSigner) -> None:
    await api.ground.say(made("acme"))
    await api.folded(1)

    def work() -> bool:
        with Offers(str(api.http.base_url), auth) as offers:
            (offer,) = offers.offers("acme", placements=["banner"])
            offers.respond("acme", Response(offer.id, ResponseKind.SNOOZED))
            return offers.check("acme", offer.id).holds

    assert not await asyncio.to_thread(work)


async def test_an_offer_that_is_over_is_told_with_what_it_ended_in(api: Api, auth: TokenSigner) -> None:
    await api.ground.say(made("acme"), revoked(2))
    await api.folded(2)
    response = Response("o1", ResponseKind.CLICKED)
    async with AsyncOffers(str(api.http.base_url), auth) as offers:
        with pytest.raises(OfferOver) as told:
            await offers.respond("acme", response)
    assert told.value.refused == ({"id": response.id, "offer": "o1", "state": "revoked"},)


async def test_a_problem_is_told_with_its_code(api: Api, auth: TokenSigner) -> None:
    async with AsyncOffers(str(api.http.base_url), auth) as offers:
        with pytest.raises(Problem) as told:
            await offers.check("acme", "unheard-of")
    assert (told.value.status, told.value.code) == (404, "not-found")


async def test_an_api_that_stays_away_is_told(auth: TokenSigner) -> None:
    (nowhere,) = free_ports(1)
    async with AsyncOffers(f"http://127.0.0.1:{nowhere}", auth) as offers:
        with pytest.raises(Away):
            await offers.offers("acme")


@pytest.mark.parametrize("status", [429, 503])
async def test_what_can_not_be_done_just_now_is_tried_again(status: int, auth: TokenSigner) -> None:
    answers = [status, 200]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"offers":[]}'
        head = (
            f"HTTP/1.1 {answers.pop(0)} x\r\ncontent-length: {len(body)}\r\nretry-after: 0\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with AsyncOffers(f"http://127.0.0.1:{port}", auth) as offers:
            assert await offers.offers("acme") == ()
    assert answers == []


def test_it_waits_as_long_as_the_api_asks_for() -> None:
    assert 5 <= wait_s(1, httpx.Response(503, headers={"retry-after": "5"})) <= 7.5
    assert wait_s(1, None) < wait_s(3, None)


def test_a_field_that_is_not_known_yet_is_passed_over() -> None:
    assert read(Content, {"title": "t", "body": None, "later": 1}) == Content(title="t")


TOLD: Final[dict[str, tuple[Any, type[BaseModel]]]] = {
    "AfterNo": (AfterNo, models.AfterNoOut),
    "Check": (Check, models.CheckOut),
    "Content": (Content, models.ContentOut),
    "Evidence": (Evidence, models.EvidenceOut),
    "Gain": (Gain, models.GainOut),
    "Offer": (Offer, models.OfferOut),
    "Option": (Option, models.OptionOut),
    "Price": (Price, models.PriceOut),
    "Saving": (Saving, models.SavingOut),
}


@pytest.mark.parametrize("name", sorted(TOLD))
def test_what_is_told_is_known(name: str) -> None:
    kind, model = TOLD[name]
    known = {field.name: field.default is not MISSING for field in fields(kind)}
    assert known == {field: not info.is_required() for field, info in model.model_fields.items()}


def test_the_words_of_responses_are_the_same() -> None:
    assert [kind.value for kind in ResponseKind] == [kind.value for kind in Wire]
