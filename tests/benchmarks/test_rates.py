"""A rate is that of the steady part; a table keeps what people wrote around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.rates import CpuUse, Progress, Spread, percentile, rate
from benchmarks.table import BEGIN, END, Goal, Row, markdown, write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_slow_start_and_a_slow_end_do_not_count() -> None:
    slow = [Progress(float(second), second * 10) for second in range(35)]
    steady = [Progress(34.0 + second / 10, 340 + second * 10) for second in range(1, 64)]
    end = [Progress(100.0, 1_000)]
    assert rate([*slow, *steady, *end]).per_second == pytest.approx(100, rel=0.01)


def test_cpu_is_that_of_the_same_part() -> None:
    progress = [Progress(float(second), second * 100) for second in range(101)]
    cpu = CpuUse()
    for second in range(101):
        cpu.add(second + 0.5, 50.0 + second * 0.5)
    assert rate(progress, cpu).per_cpu_second == pytest.approx(200)


@pytest.mark.parametrize("progress", [[], [Progress(1.0, 10)], [Progress(1.0, 5), Progress(1.0, 10)]])
def test_a_run_without_a_steady_part_has_no_rate(progress: list[Progress]) -> None:
    with pytest.raises(ValueError, match="no steady part"):
        rate(progress)


def test_percentiles_are_readings_by_nearest_rank() -> None:
    readings = [float(number) for number in range(100, 0, -1)]
    assert [percentile(readings, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.01) == 7


def test_a_goal_that_is_missed_says_what_was_reached() -> None:
    ratio = Spread((0.4, 0.6, 0.2))
    assert Row("x", ratio, "", "", Goal.AT_LEAST, 0.5).verdict == "missed: 0.4x"
    assert Row("x", ratio, "", "", Goal.AT_LEAST, 0.4).verdict == "reached"
    assert Row("x", ratio, "", "", Goal.AT_MOST, 0.3).verdict == "missed: 0.4x"
    assert Row("x", ratio, "", "", Goal.AT_MOST, 200, 113.0, " ms").verdict == "reached"
    assert ratio.told() == "0.40 (0.20-0.60)"


def test_the_table_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    place = tmp_path / "RESULTS.md"
    place.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write(place, markdown([Row("new", Spread((1.0,)), "a", "b", Goal.REPORTED)]))
    text = place.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| new | 1.000 (1.000-1.000) | a | b | - | reported |" in text
