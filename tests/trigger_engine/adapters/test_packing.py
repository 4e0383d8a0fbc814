"""What is packed past the client's wrapper is what the client would have packed."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from typing_extensions import override

from services.trigger_engine.adapters.packing import KNOWN, packed
from services.trigger_engine.ports import Batch

Seen = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
BATCH_BYTES = 1_000

ROWS: list[Seen] = [
    *((b"k-%d" % number, b"v" * number, []) for number in range(60)),
    (b"erased", None, []),
    (None, b"no key", [("why", b"it has headers"), ("why", b"twice")]),
    (b"huge", b"v" * 5_000, []),
    (b"last", b"", []),
]


class Unconnected(AIOKafkaProducer):
    def __init__(self) -> None:  # what the client does beyond this takes a broker
        self._closed = True

    @override
    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(BATCH_BYTES, 0, is_transactional=True)


def batch(rows: list[Seen]) -> Batch:
    made = Batch()
    for key, value, headers in rows:
        made.add(key, value, tuple(headers))
    return made


def records(builder: BatchBuilder) -> list[Any]:
    made: Any = MemoryRecords(bytes(builder._build()))
    return list(made.next_batch())


def read(builder: BatchBuilder) -> list[Seen]:
    return [(record.key, record.value, list(record.headers)) for record in records(builder)]


@pytest.mark.parametrize("quickly", [True, False])
def test_every_record_comes_out_once_and_in_order(*, quickly: bool) -> None:
    builders = list(packed(Unconnected(), batch(ROWS), quickly=quickly))
    counts = [builder.record_count() for builder in builders]
    found = [read(builder) for builder in builders]
    assert [row for rows in found for row in rows] == ROWS
    assert counts == [len(rows) for rows in found]
    assert len(builders) > 3, "they did not fit into one"


def test_both_ways_fill_batches_alike() -> None:
    both = [[read(one) for one in packed(Unconnected(), batch(ROWS), quickly=quickly)] for quickly in (True, False)]
    assert both[0] == both[1]


def test_all_records_of_a_batch_bear_its_time() -> None:
    (builder,) = packed(Unconnected(), batch(ROWS[:5]))
    times = {record.timestamp for record in records(builder)}
    assert len(times) == 1
    assert times.pop() > 1_700_000_000_000


def test_this_is_the_client_that_the_quick_way_was_written_for() -> None:
    assert KNOWN
