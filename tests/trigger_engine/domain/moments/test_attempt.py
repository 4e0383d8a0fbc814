"""An attempt fires only while its meter is at its limit, and once a day."""

from decimal import Decimal

import msgspec
import pytest

from services.trigger_engine.domain.moments.attempt import AttemptState, observe
from services.trigger_engine.domain.moments.limit import LimitReading
from services.trigger_engine.domain.playbook.product import UNLIMITED, LimitValue
from tests.trigger_engine.domain.building import T0, D


def reading(value: int, limit: LimitValue | int | None = 3) -> LimitReading:
    return LimitReading(Decimal(value), Decimal(limit) if isinstance(limit, int) else limit, "free", None)


def fired(attempts: list[tuple[int, LimitReading]]) -> list[int]:
    """Times, counted from T0, of the attempts that fired."""
    state, found = AttemptState(), []
    for after, stands in attempts:
        state, fires = observe(state, T0 + after, stands)
        found.extend([after] if fires else [])
    return found


@pytest.mark.parametrize(
    ("stands", "fires"),
    [
        pytest.param(reading(2), False, id="room for one more"),
        pytest.param(reading(3), True, id="at the limit, not one past it"),
        pytest.param(reading(7), True, id="past it"),
        pytest.param(reading(0, 0), True, id="what the plan does not hold at all"),
        pytest.param(reading(-1, 0), False, id="less than nothing is not at a limit of nothing"),
        pytest.param(reading(99, None), False, id="an unknown limit waits"),
        pytest.param(reading(99, UNLIMITED), False, id="without end nothing is reached"),
    ],
)
def test_an_attempt_fires_at_the_limit(stands: LimitReading, fires: bool) -> None:
    """S02, S11: what is tried at the limit earns an offer at once."""
    assert bool(fired([(0, stands)])) is fires


@pytest.mark.parametrize(
    ("times", "at"),
    [
        pytest.param([0, 1, D - 1], [0], id="within a day it is told once"),
        pytest.param([0, D], [0, D], id="a day later again"),
        pytest.param([0, D, D + 1, 2 * D], [0, D, 2 * D], id="counted from the one that fired"),
        pytest.param([D, 0], [D], id="one that comes late is old news"),
    ],
)
def test_it_re_arms_after_a_day(times: list[int], at: list[int]) -> None:
    assert fired([(time, reading(3)) for time in times]) == at


def test_each_arming_has_a_number_of_its_own() -> None:
    state, arms = AttemptState(), []
    for day in range(3):
        state, _ = observe(state, T0 + day * D, reading(3))
        arms.append(state.arm)
    assert arms == [0, 1, 2]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=AttemptState) == state
