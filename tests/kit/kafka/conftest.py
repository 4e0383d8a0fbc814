"""What tests of clients share that lose their broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.brokers import own_broker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.local_stack.stack import LocalStack


@pytest.fixture(scope="module")
def broker() -> Iterator[LocalStack]:
    """One that may be killed; each test leaves it running."""
    with own_broker("clients") as stack:
        yield stack
