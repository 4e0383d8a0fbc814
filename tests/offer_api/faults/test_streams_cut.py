"""The wire between pages and two replicas breaks at any byte: no gap at any place of the log, nothing foreign."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import pytest

from tests.clients.cutting import Wire
from tests.faults.settings import FAULTS
from tests.offer_api.faults.page import Page, following
from tests.offer_api.faults.story import Story, assert_nothing_foreign, assert_nothing_wrong
from tests.offer_api.running import running, until

if TYPE_CHECKING:
    from tests.offer_api.running import Api, Ground
    from tests.offer_api.signing import Signer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

ACCOUNTS: Final = tuple(f"acme-{number}" for number in range(20))

CUTS: Final = 200
"""In each round of `make faults`."""

MOST_BYTES: Final = 2_500
"""Headers and some two offers: it breaks in the headers, between events and in the midst of them."""

ANEW: Final = 0.02
"""Of the breaks: on a busy machine a database may be behind for two seconds; then the reader rightly begins anew."""


async def test_streams_cut_at_any_byte_leave_no_gap_and_bring_nothing_foreign(
    api: Api, ground: Ground, signer: Signer
) -> None:
    story = Story(ACCOUNTS)
    pages = [Page(account, signer.token(account), patient=False) for account in ACCOUNTS]
    async with running(ground) as other:
        chance = random.Random(FAULTS.seed)  # noqa: S311 - to be repeated, not to be secret
        wire = Wire([one.http.base_url.port or 0 for one in (api, other)], chance, MOST_BYTES)
        async with wire.open() as url, following(pages, [int(url.rpartition(":")[2])]):
            while wire.cut < CUTS * FAULTS.rounds:
                await story.go_on(ground)
            wire.cuts = False
            await story.go_on(ground)

            async def all_know() -> bool:
                assert_nothing_foreign(pages)
                return all(story.is_known_to(page) for page in pages)

            await until("every page has heard the last word", all_know)
    assert sum(page.breaks for page in pages) >= CUTS * FAULTS.rounds
    assert sum(page.torn for page in pages) >= CUTS * FAULTS.rounds / 4
    assert sum(page.anew for page in pages) <= ANEW * wire.cut
    assert_nothing_wrong(story, pages)
