from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from schemas.offers import Verb
from services.kit.clock import SystemClock, to_datetime
from services.kit.kafka.partitioning import partition_of
from tests.offer_api.makers import an_offer, changed, made, revoked, snoozed, step
from tests.offer_api.running import PARTITIONS, running, until
from tests.offer_api.sse import reading

if TYPE_CHECKING:
    from datetime import datetime

    from tests.offer_api.running import Api, Ground
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

STREAM = "/v1/accounts/acme/offers/stream"
P = partition_of("acme", PARTITIONS)


def in_seconds(seconds: float) -> datetime:
    return to_datetime(SystemClock().now_us()) + timedelta(seconds=seconds)


async def test_a_stream_tells_what_is_there_and_then_every_change(api: Api, signer: Signer) -> None:
    (first,) = await api.ground.say(made())
    await api.folded(1)
    async with reading(api.http, STREAM, signer.headers()) as stream:
        offer = await stream.next()
        assert (offer.name, offer.data["state"], offer.id) == ("offer", "open", f"{P}-{first}")
        assert 1_000 <= stream.retry_ms <= 3_000
        got = await api.http.get("/v1/accounts/acme/offers", headers=signer.headers())
        assert got.json()["offers"] == [offer.data]

        offsets = await api.ground.say(
            made("other"),
            step("presented", 2),
            changed("acme", an_offer(version=8), 3),
            made(offer=an_offer("o2")),
            revoked(4),
        )
        told = await stream.several(4)
        assert [event.brief() for event in told] == [
            ("offer", "o1"),
            ("offer", "o1"),
            ("offer", "o2"),
            ("revoked", "o1"),
        ]
        assert [event.id for event in told] == [f"{P}-{offset}" for offset in offsets[1:]]
        assert told[0].data["state"] == "presented"


async def test_every_replica_tells_every_change_and_each_goes_on_where_another_ended(
    api: Api, ground: Ground, signer: Signer
) -> None:
    async with running(ground) as other:
        async with (
            reading(api.http, STREAM, signer.headers()) as here,
            reading(other.http, STREAM, signer.headers()) as there,
        ):
            await ground.say(made(), made(offer=an_offer("o2")))
            told = await here.several(2)
            assert [event.brief() for event in told] == [("offer", "o1"), ("offer", "o2")]
            assert await there.several(2) == told
        await ground.say(step("dismissed", 2))
        async with reading(other.http, STREAM, signer.headers(), told[-1].id) as there:
            assert (await there.next()).brief() == ("dismissed", "o1")


async def test_no_proxy_collects_events_or_keeps_them(api: Api, signer: Signer) -> None:
    async with reading(api.http, STREAM, signer.headers()) as stream:
        headers = stream.response.headers
    assert (headers["x-accel-buffering"], headers["cache-control"]) == ("no", "no-store")
    assert "content-length" not in headers


async def test_a_new_offer_is_measured_when_it_is_delivered(api: Api, signer: Signer) -> None:
    async with reading(api.http, STREAM, signer.headers()) as stream:
        await api.ground.say(made(), produced_ms=SystemClock().now_us() // 1_000)
        assert (await stream.next()).brief() == ("offer", "o1")

        async def measured() -> bool:
            return await api.metric('rung_stage_latency_seconds_count{stage="delivered"}') == 1

        await until("delivered is measured", measured)


async def test_a_reader_that_comes_back_is_told_what_it_missed_and_nothing_else(api: Api, signer: Signer) -> None:
    await api.ground.say(made(offer=an_offer("same")), made(offer=an_offer("seen")))
    async with reading(api.http, STREAM, signer.headers()) as stream:
        last = (await stream.several(2))[-1].id
    missed = [step("presented", 2, "seen"), made(offer=an_offer("new")), made(offer=an_offer("brief"))]
    await api.ground.say(*missed, revoked(2, "brief"), step("clicked", 3, "seen"))
    await api.folded(7)
    async with reading(api.http, STREAM, signer.headers(), last) as stream:
        told = await stream.several(3)
        assert [event.brief() for event in told] == [("offer", "new"), ("revoked", "brief"), ("offer", "seen")]
        last = told[-1].id
    async with reading(api.http, STREAM, signer.headers(), last) as stream:
        await api.ground.say(step("dismissed", 4, "seen"))
        assert (await stream.next()).brief() == ("dismissed", "seen")


@pytest.mark.parametrize(
    "last_id",
    [
        pytest.param(f"{(P + 1) % PARTITIONS}-0", id="of another partition"),
        pytest.param(f"{P}-999", id="past the end"),
        pytest.param("gone with the wind", id="no position"),
        pytest.param(f"{P}--1", id="before the beginning"),
    ],
)
async def test_an_id_that_is_no_position_here_starts_all_over(api: Api, signer: Signer, last_id: str) -> None:
    await api.ground.say(made())
    await api.folded(1)
    async with reading(api.http, STREAM, signer.headers(), last_id) as stream:
        resync, offer = await stream.several(2)
        assert (resync.name, resync.id, offer.brief()) == ("resync", "", ("offer", "o1"))


async def test_a_stream_is_for_its_user_and_its_places(api: Api, signer: Signer) -> None:
    async with reading(api.http, f"{STREAM}?placement=modal", signer.headers(user="u-7")) as stream:
        here = {"placements": ("modal",)}
        await api.ground.say(
            made(offer=an_offer("elsewhere")),
            made(offer=an_offer("another-users", user="u-8", **here)),
            made(offer=an_offer("mine", user="u-7", **here)),
        )
        assert (await stream.next()).brief() == ("offer", "mine")


async def test_a_task_comes_down_no_stream_of_the_account(api: Api, signer: Signer) -> None:
    task = an_offer("task", verb=Verb.TASK, placements=("csm",))
    async with (
        reading(api.http, f"{STREAM}?placement=csm", signer.headers(staff=True)) as staff,
        reading(api.http, f"{STREAM}?placement=csm&placement=banner", signer.headers()) as account,
    ):
        await api.ground.say(made(offer=task), made(), step("accepted", 2, "task"))
        assert (await staff.next()).brief() == ("offer", "task")
        assert (await staff.next()).brief() == ("accepted", "task")
        assert (await account.next()).brief() == ("offer", "o1")


async def test_the_clock_alone_ends_a_snooze_and_an_offer(api: Api, signer: Signer) -> None:
    async with reading(api.http, STREAM, signer.headers()) as stream:
        await api.ground.say(made(offer=an_offer(expires_at=in_seconds(4))), snoozed(2, in_seconds(2)))
        told = await stream.several(4)
        assert [event.brief() for event in told] == [
            ("offer", "o1"),
            ("snoozed", "o1"),
            ("offer", "o1"),
            ("expired", "o1"),
        ]
        assert [event.id is None for event in told] == [False, False, True, True]


async def test_a_stream_ends_when_its_life_is_over(ground: Ground, signer: Signer) -> None:
    async with running(ground, stream_life_s=1) as api:
        async with reading(api.http, STREAM, signer.headers()) as stream:
            assert await stream.is_over()
        assert await api.metric('rung_api_streams_ended_total{why="life"}') == 1
        assert await api.metric("rung_api_streams") == 0


async def test_a_stream_ends_with_its_token(api: Api, signer: Signer) -> None:
    now_s = SystemClock().now_us() // 1_000_000
    async with reading(api.http, STREAM, signer.headers(iat=now_s - 60, exp=now_s + 2)) as stream:
        assert await stream.is_over()


async def test_a_reader_that_leaves_is_forgotten(api: Api, signer: Signer) -> None:
    async with reading(api.http, STREAM, signer.headers()):
        assert await api.metric("rung_api_streams") == 1

    async def forgotten() -> bool:
        return await api.metric('rung_api_streams_ended_total{why="left"}') == 1

    await until("the reader is forgotten", forgotten)
    assert await api.metric("rung_api_streams") == 0


async def test_a_stop_ends_streams_at_once(api: Api, signer: Signer) -> None:
    async with reading(api.http, STREAM, signer.headers()) as stream:
        api.stop.set()
        assert await stream.is_over()
