from __future__ import annotations

from fractions import Fraction

import pytest

from services.metrics_sink.domain.effect import Advice, Because, Figure, effect
from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.sample_ratio import Split

ACCOUNTS = 10_000
LIKE_OTHERS = 1_000
RIGHT = Split(2 * ACCOUNTS, ACCOUNTS, Fraction(1, 2))


def arms(**treated: int) -> dict[Figure, tuple[Arm, Arm]]:
    """Half are held out, and a tenth of them do anything; of the treated as many as said."""
    return {
        figure: (
            Arm.of_share(ACCOUNTS, treated.get(figure.value, LIKE_OTHERS)),
            Arm.of_share(ACCOUNTS, LIKE_OTHERS),
        )
        for figure in Figure
    }


@pytest.mark.parametrize(
    ("treated", "advice", "because"),
    [
        pytest.param({}, Advice.WATCH, Because.NOT_KNOWN_YET, id="no difference so far"),
        pytest.param({"revenue": 1_040}, Advice.WATCH, Because.NOT_KNOWN_YET, id="a difference that may be chance"),
        pytest.param({"revenue": 1_300}, Advice.KEEP, Because.EARNS_MORE, id="it earns"),
        pytest.param({"churn": 700}, Advice.KEEP, Because.CHURNS_LESS, id="it keeps people"),
        pytest.param({"conversion": 1_300}, Advice.WATCH, Because.CONVERTS_MORE, id="taken, and nothing earned so far"),
        pytest.param({"conversion": 700}, Advice.STOP, Because.CONVERTS_LESS, id="it keeps them from what it sells"),
        pytest.param({"revenue": 700}, Advice.STOP, Because.EARNS_LESS, id="it costs"),
        pytest.param({"tickets": 1_300}, Advice.STOP, Because.TICKETS_MORE, id="it annoys"),
        pytest.param(
            {"revenue": 1_300, "tickets": 1_300}, Advice.WATCH, Because.EARNS_AND_TICKETS, id="it earns and annoys"
        ),
        pytest.param({"revenue": 1_300, "churn": 1_300}, Advice.STOP, Because.CHURNS_MORE, id="it earns for now"),
    ],
)
def test_a_sure_harm_stops_a_sure_gain_keeps_and_all_else_is_watched(
    treated: dict[str, int], advice: Advice, because: Because
) -> None:
    """S63: by what it earned against those held out, and never by clicks. S67: keep, watch or stop."""
    found = effect(arms(**treated), [RIGHT])
    assert (found.advice, found.because) == (advice, because)


def test_a_broken_split_voids_all_that_follows_from_it() -> None:
    found = effect(arms(revenue=1_300), [Split(2 * ACCOUNTS, ACCOUNTS, Fraction(1, 20))])
    assert (found.advice, found.because) == (Advice.WATCH, Because.SPLIT_BROKEN)
    assert all(one.difference is None for one in found.figures.values())


def test_without_a_holdout_nothing_is_compared() -> None:
    nobody = {figure: (Arm.of_share(ACCOUNTS, 900), Arm.of_share(0, 0)) for figure in Figure}
    found = effect(nobody, [Split(ACCOUNTS, 0, Fraction(0))])
    assert (found.advice, found.because) == (Advice.WATCH, Because.NO_HOLDOUT)
