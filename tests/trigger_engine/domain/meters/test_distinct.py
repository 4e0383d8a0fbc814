"""Different values are told apart exactly up to a bound, and estimated beyond it."""

from decimal import Decimal
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.trigger_engine.domain.inputs import Property
from services.trigger_engine.domain.meters.distinct import MAX_EXACT, DistinctTally, seen
from services.trigger_engine.domain.meters.marks import mark


def told(marks: list[int]) -> DistinctTally:
    tally = DistinctTally()
    for one in marks:
        tally = seen(tally, one)
    return tally


MARKS = [mark(f"user-{number}") for number in range(5000)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("1", Decimal(1), False, id="a text is no number"),
        pytest.param(True, 1, False, id="a truth is no number"),
        pytest.param(True, "True", False, id="nor a text"),
        pytest.param(Decimal("1.0"), 1, True, id="a number is what it says"),
        pytest.param(Decimal("1E+2"), Decimal(100), True, id="however it is written"),
        pytest.param(Decimal("-0.0"), Decimal(0), True, id="nothing is nothing"),
        pytest.param(Decimal(-1), Decimal(1), False, id="less is not more"),
        pytest.param(Decimal("0.1"), Decimal("0.01"), False, id="places count"),
        pytest.param(Decimal("1E+999999"), Decimal("1E+999998"), False, id="wild numbers are told apart"),
        pytest.param("a", "A", False, id="letters are as written"),
    ],
)
def test_values_are_the_same_when_they_say_the_same(one: Property, other: Property, same: bool) -> None:
    assert (mark(one) == mark(other)) is same


def test_a_mark_is_the_same_on_every_machine() -> None:
    assert mark("ann") == 0x9ACD5A0521B5BFDE


@given(st.lists(st.integers(0, 20).map(str), max_size=40))
def test_up_to_the_bound_it_is_the_size_of_the_set(values: list[str]) -> None:
    tally = told([mark(value) for value in values])
    assert (tally.value, tally.exact) == (len(set(values)), True)


def test_the_bound_is_still_exact() -> None:
    tally = told(MARKS[:MAX_EXACT] * 2)
    assert (tally.value, tally.exact) == (MAX_EXACT, True)


@pytest.mark.parametrize("count", [MAX_EXACT + 1, 1000, 5000])
def test_beyond_the_bound_it_is_an_estimate_and_says_so(count: int) -> None:
    tally, smallest = told(MARKS[:count]), sorted(MARKS[:count])
    assert tally == DistinctTally(tuple(smallest[:MAX_EXACT]), smallest[MAX_EXACT])
    assert not tally.exact
    assert 0.91 * count < tally.value < 1.09 * count


def test_it_only_grows() -> None:
    tally, values = DistinctTally(), []
    for one in MARKS[:1500]:
        tally = seen(tally, one)
        values.append(tally.value)
    assert values == sorted(values)


@given(st.integers(1, 900), st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_arrival_makes_no_difference(count: int, chance: Random) -> None:
    shuffled = MARKS[:count]
    chance.shuffle(shuffled)
    assert told(shuffled) == told(MARKS[:count])


def test_a_full_tally_is_a_part_of_a_slice_and_survives_its_bytes() -> None:
    tally = told(MARKS)
    raw = msgspec.msgpack.encode(tally)
    assert msgspec.msgpack.decode(raw, type=DistinctTally) == tally
    assert len(raw) < 5 * 1024


def test_with_less_room_it_is_exact_up_to_fewer() -> None:
    tally = DistinctTally()
    for number, value in enumerate(MARKS[:40]):
        tally = seen(tally, value, 32)
        assert (tally.exact, len(tally.marks)) == (number < 32, min(number + 1, 32))
