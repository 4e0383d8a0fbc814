from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.flow.deployment import Deployment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def deployment(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Topics and nothing more; every engine it starts is gone at the end."""
    made = Deployment(kafka_bootstrap, topic_prefix, tmp_path)
    yield made
    for engine in made.engines:
        await engine.kill()
