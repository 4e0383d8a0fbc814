from __future__ import annotations

import json

import pytest

from schemas import topics
from schemas.journal import JournalEntry, Segment
from services.trigger_engine.runtime.outbox import Outbox


def journaled(*values: bytes) -> JournalEntry:
    outbox = Outbox("rung")
    outbox.segments.append(Segment(stream="usage", first=3, last=9, now=1))
    for value in values:
        outbox.record(topics.OFFERS, b"acme", value)
    outbox.journal(transaction=5, version=2, partition=4)
    (record,) = outbox.batches["rung.engine-journal"].rows("rung.engine-journal")
    assert record.key == b"4"
    return JournalEntry.model_validate(json.loads(record.value or b""))


def test_the_journal_tells_what_a_transaction_took_in_and_gave_out() -> None:
    entry = journaled(b"one", b"two")
    assert (entry.transaction, entry.version, entry.offers, entry.slices) == (5, 2, 2, 0)
    assert entry.segments == (Segment(stream="usage", first=3, last=9, now=1),)


@pytest.mark.parametrize("other", [(b"one", b"twx"), (b"two", b"one"), (b"onet", b"wo"), (b"one",)])
def test_the_digest_sees_every_byte_and_the_order(other: tuple[bytes, ...]) -> None:
    assert journaled(*other).digest != journaled(b"one", b"two").digest
    assert journaled(b"one", b"two").digest == journaled(b"one", b"two").digest
