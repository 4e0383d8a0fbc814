"""The engine's telemetry costs next to nothing: it counts for each chunk and commit, never for each event."""

from __future__ import annotations

from typing import Final

import pytest

from benchmarks.telemetry import Traced, share

MOST: Final = 0.03
"""Of the engine's CPU."""

EVENTS: Final = 60_000


@pytest.mark.parametrize("traced", Traced)
@pytest.mark.parametrize("accounts", [100, 5_000])
async def test_telemetry_takes_less_than_three_hundredths_of_the_engines_cpu(accounts: int, traced: Traced) -> None:
    part, calls, _ = await share(accounts, EVENTS, traced)
    assert 0 < part < MOST
    assert calls < EVENTS / 10  # so many that one for each event would be seen
