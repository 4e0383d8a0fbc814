"""The last word on a deployment that a test has worked with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from oracle.verify import check

if TYPE_CHECKING:
    from tests.flow.deployment import Deployment


async def assert_the_oracle_agrees(deployment: Deployment) -> None:
    """All that its engines published and stored is what follows from the inputs."""
    found = await asyncio.to_thread(check, deployment.bootstrap, deployment.prefix)
    assert [str(violation) for violation in found] == []
