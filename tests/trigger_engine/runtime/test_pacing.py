"""How much is done in one go follows from how long goes take."""

from services.trigger_engine.runtime.pacing import GO_S, LEAST, MOST, Pace


def went(pace: Pace, *seconds: float) -> list[int]:
    """How many each go was that took so long."""
    sizes = []
    for took in seconds:
        sizes.append(pace.size)
        pace.took(pace.size, took)
    return [*sizes, pace.size]


def test_goes_grow_while_they_are_short() -> None:
    assert went(Pace(), 0.0, 0.0, GO_S / 2) == [LEAST, 2 * LEAST, 4 * LEAST, 4 * LEAST]
    assert went(Pace(), *[0.0] * 9)[-1] == MOST


def test_goes_shrink_while_they_are_long() -> None:
    assert went(Pace(), 0.0, 2 * GO_S, 2 * GO_S) == [LEAST, 2 * LEAST, LEAST, LEAST]


def test_a_go_that_was_not_full_says_nothing_of_larger_ones() -> None:
    pace = Pace()
    pace.took(LEAST - 1, 0.0)
    assert pace.size == LEAST


def test_a_go_is_never_more_than_the_most() -> None:
    assert went(Pace(40), 0.0, 0.0, 2 * GO_S, 2 * GO_S) == [LEAST, 40, 40, LEAST, LEAST]
    assert went(Pace(3), 0.0, 2 * GO_S) == [3, 3, 3]
