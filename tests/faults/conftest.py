from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.place import Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def partitions() -> int:
    """Few, so that each of them sees much."""
    return 2


@pytest.fixture
async def place(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path, partitions: int) -> AsyncIterator[Place]:
    """Topics and a set of the test's own; every engine it starts is gone at the end."""
    made = Place(kafka_bootstrap, topic_prefix, tmp_path, partitions)
    await made.prepare()
    yield made
    await made.end()
