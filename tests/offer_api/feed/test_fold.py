from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from schemas import dead_letters
from schemas.codec import encode
from schemas.topics import DEAD_LETTERS, OFFERS
from services.offer_api.feed.unreadable import MAX_UNREADABLE, TooManyUnreadable
from tests.offer_api.makers import an_offer, made
from tests.offer_api.running import running, until

if TYPE_CHECKING:
    from tests.offer_api.running import Api, Ground
    from tests.offer_api.signing import Signer


@pytest.mark.kafka
@pytest.mark.postgres
async def test_an_unreadable_record_is_set_aside_whole_and_its_neighbours_go_on(api: Api, signer: Signer) -> None:
    value, headers = encode(made(offer=an_offer("before")))
    after, _ = encode(made(offer=an_offer("after")))
    broken = b'{"specversion": "1.0", "type": "rung.offer_sung"}'
    offsets = await api.ground.write(
        [("acme", value, headers), ("acme", broken, [("trace", b"t1")]), ("acme", after, headers)]
    )

    async def shown() -> bool:
        got = await api.http.get("/v1/accounts/acme/offers", headers=signer.headers())
        return {offer["id"] for offer in got.json()["offers"]} == {"before", "after"}

    await until("the neighbours are there", shown)
    ((partition, letter, named),) = await api.ground.read(DEAD_LETTERS.under(api.ground.prefix))
    found = dict(named)
    assert (letter, found["trace"]) == (broken, b"t1")
    assert found[dead_letters.REASON] == b"invalid"
    assert found[dead_letters.TOPIC].decode() == OFFERS.under(api.ground.prefix)
    assert (found[dead_letters.PARTITION], found[dead_letters.OFFSET]) == (
        str(partition).encode(),
        str(offsets[1]).encode(),
    )
    assert await api.metric("rung_api_dead_letters_total") == 1


@pytest.mark.kafka
@pytest.mark.postgres
async def test_too_many_unreadable_records_in_a_row_stop_the_process(ground: Ground) -> None:
    await ground.write([("acme", b"sung", [])] * (MAX_UNREADABLE + 1))
    with pytest.raises(TooManyUnreadable, match="is this program too old"):
        async with running(ground):
            await asyncio.sleep(20)
    letters = await ground.read(DEAD_LETTERS.under(ground.prefix))
    assert len(letters) == MAX_UNREADABLE
