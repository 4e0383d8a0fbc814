"""Light records against the client's own: the same ones, in the same portions, and the same position after each."""

from __future__ import annotations

import struct
from typing import Any, Final

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from services.kit.kafka.light import as_it_is

PLACE: Final = TopicPartition("outcomes", 0)
BATCH_BYTES: Final = 64 * 1024
CODECS: Final = (0, 4)
"""None, and zstd: what is compressed comes as a batch all the same."""


class State:
    """What the client keeps of a partition that is read."""

    active = True
    paused = False

    def __init__(self, position: int) -> None:
        self.position = position

    def state_value(self, tp: TopicPartition) -> State:
        assert tp == PLACE
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def batch(first: int, size: int, codec: int) -> bytes:
    """As a broker hands it out."""
    builder = BatchBuilder(BATCH_BYTES, codec)
    for number in range(first, first + size):
        value = None if number % 7 == 0 else b"v%d" % number
        headers = [("n", b"%d" % number)] if number % 3 == 0 else []
        assert builder.append(timestamp=number, key=b"k%d" % number, value=value, headers=headers) is not None
    return struct.pack(">q", first) + bytes(builder._build())[8:]


def fetched(sizes: list[tuple[int, int, int]]) -> bytes:
    """Batches, each after a hole of so many offsets."""
    found, at = [], 0
    for hole, size, codec in sizes:
        found.append(batch(at + hole, size, codec))
        at += hole + size
    return b"".join(found)


def opened(raw: bytes, begin: int, deserializer: Any) -> tuple[Any, State]:
    state = State(begin)
    told: tuple[Any, ...] = (PLACE, MemoryRecords(raw), [], begin, deserializer, None, True, fetcher.READ_COMMITTED)
    records = fetcher.PartitionRecords(*told)
    return fetcher.FetchResult(PLACE, assignment=state, partition_records=records, backoff=0), state


def told(record: Any) -> tuple[Any, ...]:
    return record.offset, record.timestamp, record.key, record.value, tuple(record.headers)


def portions(raw: bytes, begin: int, limits: list[int | None], deserializer: Any) -> list[tuple[list[Any], int, bool]]:
    """What is handed out when asked by these limits, with the position after each and whether there may be more."""
    result, state = opened(raw, begin, deserializer)
    found = []
    for limit in limits:
        records = [told(record) for record in result.getall(limit)]
        found.append((records, state.position, result.has_more()))
        if not result.has_more():
            break
    return found


LIMITS = st.lists(st.one_of(st.none(), st.integers(1, 12)), min_size=1, max_size=12)
SIZES = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9), st.sampled_from(CODECS)), min_size=1, max_size=5)


@given(SIZES, LIMITS, st.data())
def test_records_come_in_the_same_portions_from_any_position(
    sizes: list[tuple[int, int, int]], limits: list[int | None], data: st.DataObject
) -> None:
    raw = fetched(sizes)
    hole, size, _ = sizes[0]
    begin = data.draw(st.integers(0, hole + size - 1))  # a broker's answer begins with the batch that has it
    assert portions(raw, begin, limits, as_it_is) == portions(raw, begin, limits, None)


def test_light_records_are_the_parsers_own_and_others_are_not() -> None:
    raw = fetched([(0, 2, 0)])
    kinds = [type(opened(raw, 0, how)[0].getall()[0]).__name__ for how in (as_it_is, None)]
    assert kinds == ["DefaultRecord", "ConsumerRecord"]


def test_one_record_is_one_record() -> None:
    raw = fetched([(0, 2, 0), (0, 1, 0)])
    result, state = opened(raw, 1, as_it_is)
    found = [(result.getone(), state.position) for _ in range(3)]
    assert [(one and one.offset, position) for one, position in found] == [(1, 2), (2, 3), (None, 3)]


def test_a_batch_that_is_damaged_is_told_and_nothing_is_passed_over() -> None:
    raw = fetched([(0, 3, 0), (0, 3, 0)])
    damaged = raw[:-1] + bytes([raw[-1] ^ 1])
    result, state = opened(damaged, 0, as_it_is)
    assert [record.offset for record in result.getall(2)] == [0, 1]
    with pytest.raises(CorruptRecordException):
        result.getall(4)
    assert state.position == 2
    assert result.getall(4) == []
    assert (state.position, result.has_more()) == (2, False)


def test_nothing_is_handed_out_of_a_partition_that_was_sought_elsewhere() -> None:
    raw = fetched([(0, 3, 0)])
    result, state = opened(raw, 0, as_it_is)
    state.position = 9
    assert result.getall(2) == []
    assert (state.position, result.has_more()) == (9, False)
