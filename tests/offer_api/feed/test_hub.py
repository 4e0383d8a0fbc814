from __future__ import annotations

import pytest

from services.offer_api.feed.hub import MAX_WAITING, Draining, Heard, Hub, TailLost
from services.offer_api.metrics import StreamEnd
from tests.offer_api.makers import made

NOW = 0.01
HEARD = Heard(made(), 0)


def following() -> Hub:
    hub = Hub()
    hub.begin({})
    return hub


async def test_everyone_who_looks_at_the_account_is_told_and_nobody_else() -> None:
    hub = following()
    (one, _), (two, _), (other, _) = hub.subscribe("acme", 0), hub.subscribe("acme", 0), hub.subscribe("other", 0)
    hub.tell("acme", HEARD)
    assert [await reader.next(NOW) for reader in (one, two, other)] == [HEARD, HEARD, None]


async def test_a_new_reader_is_told_from_where_on_it_listens() -> None:
    hub = following()
    hub.passed(2, 41)
    assert [hub.subscribe("acme", partition)[1] for partition in (2, 1)] == [41, 0]


async def test_a_reader_that_does_not_keep_up_is_cut() -> None:
    hub = following()
    slow, _ = hub.subscribe("acme", 0)
    for _ in range(MAX_WAITING):
        hub.tell("acme", HEARD)
    cut_before = slow.cut
    hub.tell("acme", HEARD)
    assert (cut_before, slow.cut, await slow.next(NOW)) == (None, StreamEnd.SLOW, None)


async def test_nobody_who_looks_costs_no_reading() -> None:
    hub = following()
    reader, _ = hub.subscribe("acme", 0)
    assert (hub.is_looking("acme"), hub.is_looking("other")) == (True, False)
    hub.leave("acme", reader)
    hub.leave("acme", reader)
    assert not hub.is_looking("acme")


async def test_a_lost_log_ends_streams_and_refuses_new_ones_until_it_is_followed_again() -> None:
    hub = following()
    reader, _ = hub.subscribe("acme", 0)
    hub.lose()
    assert reader.cut is StreamEnd.TAIL_LOST
    with pytest.raises(TailLost):
        hub.subscribe("acme", 0)
    hub.begin({})
    assert hub.subscribe("acme", 0)[1] == 0


async def test_a_process_about_to_stop_takes_no_new_streams() -> None:
    hub = following()
    reader, _ = hub.subscribe("acme", 0)
    hub.drain()
    assert reader.cut is StreamEnd.DRAINED
    with pytest.raises(Draining):
        hub.subscribe("acme", 0)
