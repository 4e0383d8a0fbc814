"""A database rebuilt from Kafka is equal to the one that was lost, as far as the logs reach."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from schemas.topics import OFFERS
from services.kit.kafka.partitioning import partition_of
from tests.offer_api.deciding import decided, offered
from tests.offer_api.faults.copies import Copy, copy_of, folded_to_the_end
from tests.offer_api.makers import FAR, an_offer, changed, erased, made, revoked, snoozed, step
from tests.offer_api.running import PARTITIONS, TRACE, running

if TYPE_CHECKING:
    from tests.offer_api.running import Ground
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

P: Final = partition_of("acme", PARTITIONS)
PRODUCED_MS: Final = 1_772_366_400_000


async def _lived_through(ground: Ground, signer: Signer) -> int:
    """Fold a story as it happens, with responses by HTTP; returns the offset of the offer made last."""
    path, headers = "/v1/accounts/acme/responses", signer.headers()
    async with running(ground) as api:
        await ground.decide(decided(decision=offered("d1", "o1")), decided("gone", offered("d2", "o9")))
        await ground.say(made(), made(offer=an_offer("o2")), made("gone", an_offer("o9")), produced_ms=PRODUCED_MS)
        await api.folded(3)
        given = [
            {"id": "r1", "offer": "o1", "response": "clicked"},
            {"id": "r2", "offer": "o2", "response": "snoozed"},
        ]
        assert (await api.http.post(path, json=given, headers=headers)).status_code == 202
        reported = {row["offer_id"]: row["reported_id"] for row in (await copy_of(ground))["offers"]}
        assert reported == {"o1": "r1", "o2": "r2", "o9": None}
        # the engine judges both: from here on the rows say nothing that the log does not
        judged = snoozed(2, FAR, "o2")
        data = judged.data.model_copy(update={"response_id": "r2"})
        await ground.say(
            step("clicked", 2, response="r1"), judged.model_copy(update={"data": data}), changed("acme", an_offer(), 3)
        )
        *_, last = await ground.say(erased("gone"), made(offer=an_offer("o3")))
        await ground.say(revoked(2, "o3"))
        await api.folded(9)
    return last


async def _rebuilt(ground: Ground, database_url: str) -> Copy:
    empty = dataclasses.replace(ground, database_url=database_url)
    await empty.prepare()
    assert not any((await copy_of(empty)).values())
    return await folded_to_the_end(empty)


async def test_a_database_rebuilt_from_the_logs_is_equal(
    ground: Ground, signer: Signer, another_database_url: str
) -> None:
    await _lived_through(ground, signer)
    lived = await folded_to_the_end(ground)
    # what earned the second one is known; the first one was changed since, by nobody's doing
    ways = {row["offer_id"]: (row["produced_ms"], row["trace"]) for row in lived["offers"]}
    assert (ways["o1"], ways["o2"]) == ((None, None), (PRODUCED_MS, str(TRACE)))
    assert {table: len(rows) for table, rows in lived.items() if "positions" not in table} == {
        "offers": 3,
        "account_decisions": 1,
        "account_erasures": 1,
    }
    assert await _rebuilt(ground, another_database_url) == lived


async def test_where_the_log_begins_later_only_offers_from_before_are_missing(
    ground: Ground, signer: Signer, another_database_url: str
) -> None:
    last = await _lived_through(ground, signer)
    lived = await folded_to_the_end(ground)
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.bootstrap)
    await admin.start()
    try:
        log = TopicPartition(OFFERS.under(ground.prefix), P)
        await admin.delete_records({log: RecordsToDelete(before_offset=last)})
    finally:
        await admin.close()
    lived["offers"] = [row for row in lived["offers"] if row["offer_id"] == "o3"]
    assert await _rebuilt(ground, another_database_url) == lived
