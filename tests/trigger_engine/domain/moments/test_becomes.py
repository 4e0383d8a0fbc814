"""Something becomes true when it was known not to be."""

import msgspec
import pytest

from services.trigger_engine.domain.moments.becomes import BecomesState, observe

Held = list[bool | None]


def fired(held: Held) -> list[int]:
    state, found = BecomesState(), []
    for place, holds in enumerate(held):
        state, fires = observe(state, holds)
        found.extend([place] if fires else [])
    return found


@pytest.mark.parametrize(
    ("held", "at"),
    [
        pytest.param([False, True], [1], id="from false to true"),
        pytest.param([False, True, True], [1], id="once while it stays so"),
        pytest.param([False, True, False, True], [1, 3], id="false again re-arms"),
        pytest.param([True], [], id="what is true when first known has not become so"),
        pytest.param([None, True], [], id="also after it was unknown"),
        pytest.param([False, None, True], [2], id="unknown in between changes nothing"),
        pytest.param([False, True, None, True], [1], id="and does not re-arm"),
        pytest.param([True, False, True], [2], id="a known history counts"),
        pytest.param([None, None], [], id="unknown is neither"),
    ],
)
def test_it_fires_from_false_to_true(held: Held, at: list[int]) -> None:
    """S31: a household grows to three."""
    assert fired(held) == at


def test_each_arming_has_a_number_of_its_own() -> None:
    state, arms = BecomesState(), []
    for holds in (False, True, False, True):
        state, _ = observe(state, holds)
        arms.append(state.arm)
    assert arms == [0, 0, 1, 1]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=BecomesState) == state


def test_of_another_condition_under_the_same_name_nothing_is_known_yet() -> None:
    state, _ = observe(BecomesState().of(1), holds=False)
    assert state.of(1) is state
    again, fires = observe(state.of(2), holds=True)
    assert (again, fires) == (BecomesState(was=True, about=2), False)
