"""Streams through a real proxy that collects answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.offer_api.makers import made, step
from tests.offer_api.running import until
from tests.offer_api.sse import reading
from tests.offer_api.web.nginx import nginx_before

if TYPE_CHECKING:
    from pathlib import Path

    from tests.offer_api.running import Api
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

STREAM = "/v1/accounts/acme/offers/stream"
KEPT_BACK_S = 1.5
"""An event that comes through at all comes within milliseconds."""


async def test_events_come_through_a_proxy_that_collects_answers(api: Api, signer: Signer, tmp_path: Path) -> None:
    async with nginx_before(api.http.base_url.port or 0, tmp_path) as proxies:
        async with reading(proxies.heeding, STREAM, signer.headers()) as stream:
            await api.ground.say(made())
            assert (await stream.next()).brief() == ("offer", "o1")
            await api.ground.say(step("dismissed", 2))
            assert (await stream.next()).brief() == ("dismissed", "o1")

        async def forgotten() -> bool:
            return await api.metric("rung_api_streams") == 0

        await until("who left the proxy has left the API", forgotten)


async def test_this_proxy_would_keep_events_back_if_it_were_not_told(api: Api, signer: Signer, tmp_path: Path) -> None:
    await api.ground.say(made())
    await api.folded(1)
    async with nginx_before(api.http.base_url.port or 0, tmp_path) as proxies:
        with pytest.raises(TimeoutError):
            async with (
                asyncio.timeout(KEPT_BACK_S),
                reading(proxies.deaf, STREAM, signer.headers()) as stream,
            ):
                await stream.next()

        async def it_was_open() -> bool:
            return await api.metric('rung_api_streams_ended_total{why="left"}') == 1

        await until("the API had begun a stream, and ended it", it_was_open)
