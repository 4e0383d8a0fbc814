"""A short list of times: each once, in order, and thinned where they crowd."""

import pytest

from services.trigger_engine.domain.moments.times import MAX_TIMES, earliest_from, latest_until, with_time

FULL = tuple(range(0, 10 * MAX_TIMES, 10))


def test_times_stand_in_order_and_once() -> None:
    assert with_time((1, 5), 3, 0) == (1, 3, 5)
    assert with_time((1, 5), 5, 0) == (1, 5)


def test_what_is_too_old_to_matter_goes() -> None:
    assert with_time((1, 5), 9, 5) == (5, 9)


@pytest.mark.parametrize(
    ("at", "gone"),
    [
        pytest.param(13, 13, id="the one that follows closest on another"),
        pytest.param(17, 20, id="which may be one from before"),
        pytest.param(FLAT := FULL[-1] + 1, FULL[1], id="never the last"),
        pytest.param(-1, 0, id="never the first"),
    ],
)
def test_at_the_bound_a_crowd_is_thinned(at: int, gone: int) -> None:
    assert with_time(FULL, at, -100) == tuple(sorted({*FULL, at} - {gone}))


def test_neighbours_are_found() -> None:
    assert [latest_until((1, 5), at) for at in (0, 1, 4, 5, 9)] == [None, 1, 1, 5, 5]
    assert [earliest_from((1, 5), at) for at in (0, 1, 2, 5, 6)] == [1, 1, 5, 5, None]
