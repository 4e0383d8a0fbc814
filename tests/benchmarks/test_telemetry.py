"""The engine's metrics cost next to nothing: they are counted for each chunk and commit, never for each event."""

from __future__ import annotations

from typing import Final

import pytest

from benchmarks.telemetry import share

MOST: Final = 0.03
"""Of the engine's CPU."""

EVENTS: Final = 60_000


@pytest.mark.parametrize("accounts", [100, 5_000])
async def test_metrics_take_less_than_three_hundredths_of_the_engines_cpu(accounts: int) -> None:
    part, calls = await share(accounts, EVENTS)
    assert 0 < part < MOST
    assert calls < EVENTS / 10  # so many that one for each event would be seen
