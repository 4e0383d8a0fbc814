from __future__ import annotations

import json

import pytest

from schemas import topics
from schemas.journal import JournalEntry, Segment
from services.trigger_engine.runtime.outbox import Outbox
from services.trigger_engine.runtime.position import Position

HOUR_US = 3_600 * 1_000_000
POSITION = Position(transaction=5, version=2, floor=7 * HOUR_US, now=9 * HOUR_US)


def journaled(*values: bytes, floor: int = POSITION.floor, by_log: bool = False) -> JournalEntry:
    outbox = Outbox("rung")
    outbox.segments.append(Segment(stream="usage", first=3, last=9, now=1))
    for value in values:
        outbox.record(topics.OFFERS, b"acme", value)
    outbox.journal(POSITION, 4, 24 * HOUR_US, floor, by_log=by_log)
    (record,) = outbox.batches["rung.engine-journal"].rows("rung.engine-journal")
    assert record.key == b"4"
    entry = JournalEntry.model_validate(json.loads(record.value or b""))
    assert json.loads(record.value or b"") == entry.model_dump(exclude_none=True, mode="json")
    return entry


def test_the_journal_tells_what_a_transaction_took_in_and_gave_out() -> None:
    entry = journaled(b"one", b"two")
    assert (entry.transaction, entry.version, entry.offers, entry.slices) == (5, 2, 2, 0)
    assert entry.segments == (Segment(stream="usage", first=3, last=9, now=1),)


def test_the_journal_tells_of_which_times_usage_was_taken() -> None:
    plain = journaled(b"one")
    assert (plain.lateness_s, plain.floor, plain.now) == (24 * 3_600, None, None)
    assert journaled(b"one", floor=POSITION.floor - 1).floor == POSITION.floor
    assert journaled(b"one", by_log=True).now == POSITION.now


@pytest.mark.parametrize("other", [(b"one", b"twx"), (b"two", b"one"), (b"onet", b"wo"), (b"one",)])
def test_the_digest_sees_every_byte_and_the_order(other: tuple[bytes, ...]) -> None:
    assert journaled(*other).digest != journaled(b"one", b"two").digest
    assert journaled(b"one", b"two").digest == journaled(b"one", b"two").digest
