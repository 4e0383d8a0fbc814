"""Give up what connects to Kafka, in the middle of it."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest

from tests.kit.network import network_to
from tests.kit.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

BOOTSTRAP = 2
"""Requests of a client to a broker that it begins with: what it understands, and which brokers there are."""

ANSWERED_S = 0.2


async def given_up_midway(
    kafka_bootstrap: str, connecting: Callable[[str], Coroutine[object, object, object]], requests: int = BOOTSTRAP
) -> None:
    """Give ``connecting`` up while it waits for the answer to the last of ``requests``, which comes a little later.

    Fails when it leaves anything open.
    """
    before = asyncio.all_tasks()
    async with network_to(f"kafka://{kafka_bootstrap}") as (network, url):
        network.freeze_after(requests)
        doing = asyncio.create_task(connecting(url.removeprefix("kafka://")))
        await until("it waits for an answer", lambda: network.frozen)
        doing.cancel()
        asyncio.get_running_loop().call_later(ANSWERED_S, network.thaw)
        with pytest.raises(asyncio.CancelledError):
            await doing
    del doing
    gc.collect()  # what is not closed warns as it goes, and a warning fails the test
    assert asyncio.all_tasks() == before
