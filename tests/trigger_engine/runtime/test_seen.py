from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

from typing_extensions import override

from services.trigger_engine.adapters.files import MappedFiles
from services.trigger_engine.runtime.seen import (
    FAR_FUTURE_US,
    HASH_BYTES,
    HOUR_US,
    IDS_A_PIECE,
    IDS_A_RECORD,
    ON_DISK_BYTES,
    Seen,
    hashed,
)

if TYPE_CHECKING:
    from pathlib import Path

AN_ID = ("backend", "e-1")


def test_an_event_is_known_by_source_and_id_together() -> None:
    seen = Seen(1_000_000)
    seen.hour(0).add("a", "bc")
    assert seen.hour(0).knows("a", "bc")
    assert not seen.hour(0).knows("ab", "c")
    assert hashed("a", ["bc"]) != hashed("ab", ["c"])


def test_what_was_added_is_known_at_its_hour() -> None:
    seen = Seen(1_000_000)
    assert not seen.hour(5 * HOUR_US).knows(*AN_ID)
    seen.hour(5 * HOUR_US).add(*AN_ID)
    assert seen.hour(5 * HOUR_US + 1).knows(*AN_ID)


def test_what_was_written_is_known_after_a_restore() -> None:
    seen, restored = Seen(1_000_000), Seen(1_000_000)
    for number in range(100):
        seen.hour((number % 3) * HOUR_US).add("backend", str(number))
    for key, value in seen.added():
        restored.load(key, value)
    assert len(restored) == len(seen) == 100
    assert all(restored.hour((number % 3) * HOUR_US).knows("backend", str(number)) for number in range(100))


def test_nothing_is_written_twice() -> None:
    seen = Seen(1_000_000)
    seen.hour(0).add(*AN_ID)
    seen.adopt(0)
    assert seen.added() == []


def test_an_hour_is_let_go_only_when_all_of_it_is_late() -> None:
    seen = Seen(1_000_000)
    seen.hour(5 * HOUR_US).add(*AN_ID)
    seen.adopt(6 * HOUR_US - 1)
    assert seen.hour(5 * HOUR_US).knows(*AN_ID)
    seen.adopt(6 * HOUR_US)
    assert len(seen) == 0


def many(seen: Seen, hour: int, count: int) -> None:
    for number in range(count):
        seen.hour(hour * HOUR_US).add(f"s{hour}", str(number))


def test_a_sealed_hour_knows_what_it_knew_and_takes_late_ones() -> None:
    seen = Seen(1_000_000)
    for hour in range(5):
        many(seen, hour, 100)
    seen.adopt(0)
    assert len(seen) == 500
    for hour in range(5):
        bucket = seen.hour(hour * HOUR_US)
        assert all(bucket.knows(f"s{hour}", str(number)) for number in range(100))
        assert not bucket.knows(f"s{hour}", "other")
    for number in range(3):
        seen.hour(0).add("late", str(number))
        seen.adopt(0)
    assert len(seen) == 503
    assert all(seen.hour(0).knows("late", str(number)) for number in range(3))
    assert all(seen.hour(0).knows("s0", str(number)) for number in range(100))


def test_a_large_hour_is_sealed_in_a_file_and_knows_the_same(tmp_path: Path) -> None:
    kept: list[object] = []

    class Watched(MappedFiles):
        @override
        def keep(self, content: bytes) -> bytes | mmap.mmap:
            kept.append(super().keep(content))
            return kept[-1]  # type: ignore[return-value]  # just put there

    seen, count = Seen(10_000_000, Watched(tmp_path)), ON_DISK_BYTES // HASH_BYTES
    many(seen, 0, count)
    many(seen, 1, 100)
    many(seen, 2, 100)
    seen.adopt(0)
    assert [type(place) for place in kept] == [mmap.mmap], "and the small ones are not worth a file"
    assert len(seen) == count + 200
    assert all(seen.hour(0).knows("s0", str(number)) for number in range(0, count, 997))
    assert not seen.hour(0).knows("s0", str(count))
    assert list(tmp_path.iterdir()) == [], "nothing is left behind, whatever ends the process"


def test_large_hours_are_sealed_piece_by_piece_about_one_for_each_commit() -> None:
    seen = Seen(10_000_000)
    for hour, count in enumerate((IDS_A_PIECE + 100, IDS_A_PIECE, 1, 1)):
        many(seen, hour, count)
    hours = [seen.hour(0), seen.hour(HOUR_US)]
    for pieces in ([1, 0], [2, 1]):
        seen.adopt(0)
        assert [len(hour.sealed) for hour in hours] == pieces
        assert [len(hour) for hour in hours] == [IDS_A_PIECE + 100, IDS_A_PIECE]
        for number in range(0, IDS_A_PIECE + 100, 99):
            assert hours[0].knows("s0", str(number))
    assert [len(piece) for piece in hours[0].sealed] == [IDS_A_PIECE, 100]


def test_a_full_piece_is_not_sorted_again_for_late_ids() -> None:
    seen = Seen(10_000_000)
    many(seen, 0, IDS_A_PIECE)
    many(seen, 1, 1)
    many(seen, 2, 1)
    seen.adopt(0)
    full = seen.hour(0).sealed[0]
    for number in range(40):
        seen.hour(0).add("late", str(number))
        seen.adopt(0)
    assert seen.hour(0).sealed[0] is full
    assert len(seen.hour(0).sealed) == 2
    assert all(seen.hour(0).knows("late", str(number)) for number in range(40))
    assert len(seen) == IDS_A_PIECE + 42


def test_small_hours_are_sealed_together() -> None:
    seen = Seen(1_000_000)
    for hour in range(50):
        many(seen, hour, 3)
    seen.adopt(0)
    assert [hour for hour in range(50) if seen.hour(hour * HOUR_US).sources] == [48, 49]


def test_an_hour_that_was_sealed_while_restoring_knows_what_is_read_of_it_later() -> None:
    written, restored = Seen(1_000_000), Seen(1_000_000)
    for hour in (0, 1, 2, 3, 0):  # the last ones came late
        known = len(written)
        for number in range(known, known + 10):
            written.hour(hour * HOUR_US).add("backend", str(number))
        for key, value in written.added():
            restored.load(key, value)
        restored.seal()
        written.adopt(0)
    assert len(restored) == len(written) == 50
    assert all(restored.hour(0).knows("backend", str(number)) for number in (*range(10), *range(40, 50)))
    assert not restored.hour(0).knows("backend", "10")


def test_without_room_for_a_file_ids_stay_in_memory(tmp_path: Path) -> None:
    assert MappedFiles(tmp_path / "missing").keep(b"ids") == b"ids"


def test_what_was_not_stored_is_forgotten_in_a_roll_back_and_the_rest_is_not() -> None:
    seen = Seen(1_000_000)
    many(seen, 1, 10)
    seen.adopt(0, last=0)
    seen.hour(HOUR_US).add(*AN_ID)
    seen.hour(9 * HOUR_US).add(*AN_ID)
    seen.roll_back()
    assert not seen.hour(HOUR_US).knows(*AN_ID)
    assert not seen.hour(9 * HOUR_US).knows(*AN_ID)
    assert seen.hour(HOUR_US).knows("s1", "3")
    assert seen.added() == []


def test_too_many_ids_raise_the_floor_by_whole_hours_and_never_lower_it() -> None:
    seen = Seen(25)
    for hour in (3, 4, 5):
        many(seen, hour, 10)
    assert seen.floor_for(0, 6 * HOUR_US) == 4 * HOUR_US
    assert seen.floor_for(5 * HOUR_US, 6 * HOUR_US) == 5 * HOUR_US
    seen.adopt(4 * HOUR_US)
    assert len(seen) == 20
    assert seen.floor_for(0, 6 * HOUR_US) == 0


def test_an_hour_that_was_only_looked_at_raises_no_floor() -> None:
    """It is remembered of a transaction that never was, by who tried it and by nobody else."""
    seen = Seen(most=3)
    many(seen, 5, 4)
    assert not seen.hour(2 * HOUR_US).knows("app", "e")
    assert seen.floor_for(0, 6 * HOUR_US - 1) == 0


def test_the_hour_at_work_is_never_late_however_many_ids_it_has() -> None:
    seen = Seen(25)
    many(seen, 4, 10)
    many(seen, 5, 1_000)
    assert seen.floor_for(0, 6 * HOUR_US - 1) == 5 * HOUR_US
    assert seen.floor_for(5 * HOUR_US, 6 * HOUR_US - 1) == 5 * HOUR_US


def test_a_clock_that_is_ahead_makes_nobody_elses_usage_late() -> None:
    seen = Seen(25)
    many(seen, 5, 1_000)
    many(seen, 6, 1)
    assert seen.floor_for(0, 6 * HOUR_US + FAR_FUTURE_US - 1) == 0, "it may be five minutes to six for all others"
    assert seen.floor_for(0, 6 * HOUR_US + FAR_FUTURE_US) == 6 * HOUR_US


def test_as_many_ids_are_kept_as_the_share_is_now() -> None:
    seen = Seen(25)
    for hour in (3, 4, 5):
        many(seen, hour, 4)
    assert seen.floor_for(0, 6 * HOUR_US) == 0
    seen.shared_by = 3
    assert seen.floor_for(0, 6 * HOUR_US) == 4 * HOUR_US
    seen.shared_by = 1
    assert seen.floor_for(0, 6 * HOUR_US) == 0


def test_stored_ids_are_needed_from_the_first_record_of_an_hour_that_is_not_late() -> None:
    seen = Seen(1_000)
    assert seen.needed_from() is None
    many(seen, 1, 2)
    seen.adopt(0, last=7)
    many(seen, 1, 1)
    many(seen, 2, 1)
    seen.adopt(0, last=9)
    assert seen.needed_from() == 7
    seen.adopt(2 * HOUR_US)
    assert seen.needed_from() == 8


def test_many_ids_are_stored_in_several_records_and_all_of_them_are_needed() -> None:
    seen, restored = Seen(1_000_000), Seen(1_000_000)
    many(seen, 1, 2 * IDS_A_RECORD + 1)
    written = seen.added()
    assert len(written) == 3
    for offset, (key, value) in enumerate(written, start=5):
        restored.load(key, value, offset)
    seen.adopt(0, last=7)
    assert len(restored) == len(seen) == 2 * IDS_A_RECORD + 1
    assert seen.needed_from() == restored.needed_from() == 5
