from __future__ import annotations

from fractions import Fraction

import pytest
import typer

from services.cli.options import duration, in_percent, in_words, many, share

S = 1_000_000
H = 3_600 * S
D = 24 * H


@pytest.mark.parametrize(
    ("written", "read"),
    [("5%", Fraction(1, 20)), ("0.05", Fraction(1, 20)), ("0.1%", Fraction(1, 1_000)), ("1.1", Fraction(11, 10))],
)
def test_a_share_is_read_exactly(written: str, read: Fraction) -> None:
    assert share(written) == read
    assert share(read) == read


@pytest.mark.parametrize(("written", "read"), [("90s", 90 * S), ("24h", D), ("2w", 14 * D)])
def test_a_length_of_time_is_read(written: str, read: int) -> None:
    assert duration(written) == read
    assert duration(read) == read


@pytest.mark.parametrize("wrong", ["", "many", "-5%", "5 %", "1e3"])
def test_what_is_no_share_is_told(wrong: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a share such as"):
        share(wrong)


@pytest.mark.parametrize("wrong", ["", "5", "a month", "5 d"])
def test_what_is_no_length_of_time_is_told(wrong: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a duration such as"):
        duration(wrong)


@pytest.mark.parametrize(
    ("us", "told"),
    [
        pytest.param(0, "0s", id="nothing"),
        pytest.param(S // 2, "0s", id="less than a second"),
        pytest.param(59 * S, "59s", id="seconds"),
        pytest.param(3 * D + 4 * H + 5 * S, "3d 4h", id="the two largest units"),
        pytest.param(D + S, "1d 1s", id="what is nothing is left out"),
    ],
)
def test_a_length_of_time_is_told_as_people_say_it(us: int, told: str) -> None:
    assert in_words(us) == told


def test_shares_and_numbers_are_told_as_people_say_them() -> None:
    assert in_percent(Fraction(1, 3)) == "33.33%"
    assert [many(number, "account") for number in (0, 1, 2)] == ["0 accounts", "1 account", "2 accounts"]
