from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.offer_api.running import Ground, running
from tests.offer_api.signing import Signer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.offer_api.running import Api


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "jwks.json")


@pytest.fixture
async def ground(kafka_bootstrap: str, fresh_database_url: str, topic_prefix: str, signer: Signer) -> Ground:
    made = Ground(kafka_bootstrap, topic_prefix, fresh_database_url, signer.jwks)
    await made.prepare()
    return made


@pytest.fixture
async def api(ground: Ground) -> AsyncIterator[Api]:
    async with running(ground) as started:
        yield started
