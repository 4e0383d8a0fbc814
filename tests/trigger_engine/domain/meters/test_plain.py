"""The numbers of plain meters, in a row apart from what they are called."""

from __future__ import annotations

import sys
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain import packing
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.numbers import FAR, NEAR
from services.trigger_engine.domain.packing import ENCODER, WIDE
from tests.trigger_engine.domain.test_numbers import countables

FILES, SIZE = "files#1", "storage_gb#2"


def kept() -> PlainMeters:
    return PlainMeters.of({FILES: MeterState(Decimal(3)), SIZE: MeterState(Decimal("1.70"), 1_000)})


def test_a_meter_stands_where_it_was_put() -> None:
    meters = kept()
    meters[FILES] = MeterState(Decimal(4))
    meters["new#3"] = MeterState(Decimal(9))
    assert dict(meters.items()) == {
        FILES: MeterState(Decimal(4)),
        SIZE: MeterState(Decimal("1.70"), 1_000),
        "new#3": MeterState(Decimal(9)),
    }
    assert (list(meters), len(meters), FILES in meters, "other" in meters) == ([FILES, SIZE, "new#3"], 3, True, False)
    assert (meters.get("other"), str(meters[SIZE].value)) == (None, "1.700")


def test_a_meter_may_count_another_period() -> None:
    meters = kept()
    meters[SIZE] = MeterState(period=2_000)
    assert meters[SIZE] == MeterState(period=2_000)


def test_numbers_are_moved_in_place() -> None:
    meters = kept()
    meters.numbers[meters.place(SIZE)] += 300
    meters["new#3"] = MeterState(Decimal(9))
    del meters[FILES]
    assert dict(meters.items()) == {SIZE: MeterState(Decimal("2.00"), 1_000), "new#3": MeterState(Decimal(9))}
    assert (meters.place(SIZE), str(meters[SIZE].value)) == (0, "2.000")


def test_accounts_that_are_alike_share_what_their_meters_are_called() -> None:
    one, other = kept(), kept()
    assert one.periods is other.periods
    other["new#3"] = MeterState()
    assert (FILES in one, "new#3" in one) == (True, False)


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        pytest.param(["3", "0.170"], b"\x03\0\0\0\xaa\0\0\0", id="small"),
        pytest.param(["-1", "-0.005"], b"\xff\xff\xff\xff\xfb\xff\xff\xff", id="negative"),
        pytest.param(["3", str(NEAR)], b"\x03\0\0\0\0\0\0\0\0\0\0\x80\0\0\0\0", id="one is large"),
        pytest.param(
            ["-3", str(FAR)], b"\xfd" + b"\xff" * 15 + b"\0" * 7 + b"\x80" + b"\0" * 8, id="one is beyond 64 bits"
        ),
        pytest.param([str(10**20 - 1)], (10**20 - 1).to_bytes(16, "little"), id="the only one is"),
        pytest.param([], b"", id="none"),
    ],
)
@pytest.mark.parametrize("as_stored", [True, False])
def test_a_row_is_stored_in_as_little_room_as_it_needs(
    values: list[str], stored: bytes, as_stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not as_stored and len(stored) < WIDE * len(values):  # as on a machine that has the other end first
        monkeypatch.setattr(packing, "AS_STORED", sys.byteorder != "little")
        stored = swapped(stored, len(values)) if values else stored
    of_all = {f"m{number}": MeterState(Decimal(value)) for number, value in enumerate(values)}
    meters = PlainMeters.of(of_all)
    raw = ENCODER.encode(meters)
    assert msgspec.msgpack.decode(raw)[1] == stored
    again = msgspec.msgpack.decode(raw, type=PlainMeters)
    assert [(key, str(state.value)) for key, state in again.items()] == [*zip(of_all, values, strict=True)]
    assert ENCODER.encode(again) == raw


def swapped(stored: bytes, count: int) -> bytes:
    """Each number of a row with its bytes in the other order."""
    size = len(stored) // count
    return b"".join(stored[at : at + size][::-1] for at in range(0, len(stored), size))


@given(st.lists(st.tuples(st.sampled_from("abc"), countables), max_size=12), st.permutations("abc"))
def test_however_a_number_came_there_a_row_is_the_same(told: list[tuple[str, Decimal]], goes: list[str]) -> None:
    meters, last = PlainMeters(), dict.fromkeys(key for key, _ in told)
    for key, value in told:
        meters[key] = MeterState(value)
    known = {key: MeterState([value for name, value in told if name == key][-1]) for key in last}
    assert ENCODER.encode(meters) == ENCODER.encode(PlainMeters.of(known))
    for key in [key for key in goes if key in known]:
        del meters[key], known[key]
        assert ENCODER.encode(meters) == ENCODER.encode(PlainMeters.of(known))


def test_nothing_but_rows_is_packed() -> None:
    with pytest.raises(NotImplementedError, match="object is nothing that a slice holds"):
        ENCODER.encode(object())
