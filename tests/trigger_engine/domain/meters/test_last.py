"""The last value is the newest by event time."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.meters.last import LastState, told

Told = list[tuple[int, int]]


def last(readings: Told) -> LastState:
    state = LastState()
    for at, value in readings:
        state = told(state, Decimal(value), at)
    return state


@pytest.mark.parametrize(
    ("readings", "value"),
    [
        pytest.param([], 0, id="nothing before the first"),
        pytest.param([(1, 5), (2, 3)], 3, id="the newer holds, also when it is less"),
        pytest.param([(2, 3), (1, 5)], 3, id="in whatever order they come"),
        pytest.param([(1, 5), (1, 7)], 7, id="of two at once the greater"),
        pytest.param([(1, 7), (1, 5)], 7, id="again in whatever order"),
        pytest.param([(1, -4)], -4, id="never clamped"),
    ],
)
def test_the_newest_holds(readings: Told, value: int) -> None:
    assert last(readings).value == value


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 3)), max_size=6).flatmap(
    lambda told: st.tuples(st.just(told), st.permutations(told))))  # fmt: skip
def test_the_order_of_arrival_makes_no_difference(orders: tuple[Told, Told]) -> None:
    assert last(orders[0]) == last(orders[1])


@pytest.mark.parametrize(("at", "value"), [(9, 0), (10, 5), (109, 5), (110, 0)])
def test_in_a_rolling_window_it_is_nothing_once_it_has_left(at: int, value: int) -> None:
    assert last([(10, 5)]).within(at, 100) == value


def test_the_state_survives_its_bytes() -> None:
    state = last([(10, 5)])
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=LastState) == state
