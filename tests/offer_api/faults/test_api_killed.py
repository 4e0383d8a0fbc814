"""SIGKILL of an offer API with 500 streams: all of them go on at another replica, and miss nothing."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

import pytest

from tests.offer_api.faults.page import Page, following
from tests.offer_api.faults.story import Story, assert_nothing_wrong
from tests.offer_api.process import started
from tests.offer_api.running import until

if TYPE_CHECKING:
    from tests.offer_api.running import Ground
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

ACCOUNTS: Final = tuple(f"acme-{number}" for number in range(50))
STREAMS: Final = 500
BACK_S: Final = 35.0


async def test_all_streams_of_a_killed_process_go_on_at_another(ground: Ground, signer: Signer) -> None:
    story = Story(ACCOUNTS)
    tokens = {account: signer.token(account) for account in ACCOUNTS}
    pages = [Page(account, tokens[account]) for account in ACCOUNTS for _ in range(STREAMS // len(ACCOUNTS))]

    async def all_know() -> bool:
        return all(story.is_known_to(page) for page in pages)

    def all_read_from(port: int) -> bool:
        return all(page.reads_from == port for page in pages)

    async with started(ground) as doomed, started(ground) as other:
        first, second = (one.http.base_url.port or 0 for one in (doomed, other))
        async with following(pages, [first, second]):
            await story.go_on(ground)
            await until("every page knows all", all_know)
            assert all_read_from(first)
            async with asyncio.timeout(BACK_S):
                assert await doomed.end(signal.SIGKILL) == -signal.SIGKILL
                await story.go_on(ground)

                async def all_are_back() -> bool:
                    return all_read_from(second) and await all_know()

                await until("every page is back and knows all", all_are_back, BACK_S)
            await story.go_on(ground)
            await until("every page hears what comes then", all_know)
    assert [page.breaks for page in pages] == [1] * STREAMS
    assert_nothing_wrong(story, pages)
