from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation.running import workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import ProcessPoolExecutor


@pytest.fixture(scope="session")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Two processes that run simulations."""
    with workers() as running:
        yield running
