"""Chance comes out the same for ever."""

from itertools import islice

import pytest

from services.trigger_engine.domain.moments.draws import below, draws, seed


def test_the_numbers_are_those_that_others_publish_for_this_generator() -> None:
    published = [
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
    ]  # fmt: skip
    assert list(islice(draws(1234567), 5)) == published


def test_a_seed_is_the_same_for_ever_and_tells_what_it_is_made_of_apart() -> None:
    assert seed("acme", 20_513) == 10_979_869_466_638_228_291
    assert len({seed("acme", 1), seed("acme", 2), seed("acme1", 1), seed("1", "acme"), seed("acme", "1")}) == 5
    assert seed("\ud800", 1) != seed("?", 1)


@pytest.mark.parametrize(("drawn", "found"), [(0, 0), (2**64 // 7, 0), (2**64 // 7 + 1, 1), (2**64 - 1, 6)])
def test_a_number_below_a_bound(drawn: int, found: int) -> None:
    assert below(7, drawn) == found
