"""PostgreSQL killed, and restarted in an orderly way, while front ends ask and answer. It is one of the test's own."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import func, select

from services.kit.db.sessions import Database
from services.local_stack.parts import POSTGRES
from services.local_stack.plan import PartPhase
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack, Wanted
from services.offer_api.adapters.tables import OFFERS
from tests.faults.settings import FAULTS
from tests.offer_api.faults.asking import Asking
from tests.offer_api.makers import an_offer, made
from tests.offer_api.running import SCHEMA, Ground, running, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.offer_api.running import Api
    from tests.offer_api.signing import Signer

pytestmark = pytest.mark.kafka

ACCOUNTS: Final = tuple(f"acme-{number}" for number in range(6))
AWAY_S: Final = 1.0
AT_WORK: Final = 50
"""Responses acknowledged, and then again, before the database goes."""


@pytest.fixture
def server_of_its_own() -> Iterator[LocalStack]:
    """PostgreSQL alone, started here whatever the environment names."""
    settings = StackSettings(kafka_bootstrap_servers=None, database_url=None)
    wanted = Wanted(name=f"api-faults-{os.getpid()}", runs=(POSTGRES,), tie_to_parent=True)
    with LocalStack.running(wanted, settings=settings, keep_data=False) as stack:
        yield stack


async def test_a_database_restarted_under_load_is_told_as_503_and_nothing_acknowledged_is_lost(
    server_of_its_own: LocalStack, kafka_bootstrap: str, topic_prefix: str, signer: Signer
) -> None:
    ground = Ground(kafka_bootstrap, topic_prefix, server_of_its_own.database_url, signer.jwks)
    await ground.prepare()
    said = [word for account in ACCOUNTS for word in Asking.offers(account)]
    async with running(ground) as api:
        await ground.say(*said)
        await api.folded(len(said))
        asking = Asking(api, signer)
        async with asking.going_on(*ACCOUNTS):
            for number in range(FAULTS.rounds):
                for down in (server_of_its_own.kill, server_of_its_own.stop):
                    await _at_work(asking)
                    refused = asking.count("read", 503), asking.count("respond", 503)
                    await asyncio.to_thread(down, POSTGRES)
                    _assert_is_down(server_of_its_own, killed=down == server_of_its_own.kill)
                    said.append(made("during", an_offer(f"{number}-{down.__name__}")))
                    await ground.say(said[-1])
                    await asyncio.sleep(AWAY_S)
                    await asyncio.to_thread(server_of_its_own.start, POSTGRES)
                    assert asking.count("read", 503) > refused[0]
                    assert asking.count("respond", 503) > refused[1]
            await _at_work(asking)
        assert set(asking.told) == {
            ("read", 200, ""),
            ("read", 503, "database-unavailable"),
            ("respond", 202, ""),
            ("respond", 503, "database-unavailable"),
        }
        assert asking.without_retry == []
        await _assert_kept(api, asking)
        await _assert_all_is_folded(ground, len(said))


async def _at_work(asking: Asking) -> None:
    before = len(asking.kept)

    async def acknowledges() -> bool:
        return len(asking.kept) >= before + AT_WORK

    await until("responses are acknowledged", acknowledges)


def _assert_is_down(stack: LocalStack, *, killed: bool) -> None:
    state = stack.state()
    part = None if state is None else state.part(POSTGRES)
    assert part is not None
    phase = PartPhase.DOWN if killed else PartPhase.STOPPED
    assert (part.phase, part.exits == -signal.SIGKILL) == (phase, killed)


async def _assert_kept(api: Api, asking: Asking) -> None:
    """The log has all that was acknowledged; so have the rows, but for what was counted as waiting for the engine."""
    assert asking.kept.keys() <= {response.id for response in await api.ground.responses()}
    database = Database(api.ground.database_url, SCHEMA, "test")
    try:
        async with database.reading() as session:
            rows = {row.offer_id: set(row.taken) for row in await session.execute(select(OFFERS))}
    finally:
        await database.close()
    missing = [response for response, (_, offer) in asking.kept.items() if response not in rows[offer]]
    assert len(missing) <= await api.metric("rung_api_reports_lost_total")


async def _assert_all_is_folded(ground: Ground, offers: int) -> None:
    database = Database(ground.database_url, SCHEMA, "test")

    async def all_are_there() -> bool:
        async with database.reading() as session:
            found = await session.execute(select(func.count()).select_from(OFFERS))
            return int(found.scalar_one()) == offers

    try:
        await until("all that was said is there", all_are_there)
    finally:
        await database.close()
