from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server


@pytest.fixture
def another_database_url(server: Server) -> Iterator[str]:
    """An empty database beside the one of `ground`."""
    name = f"t{secrets.token_hex(4)}"
    server.execute(f"create database {name} template template0")
    yield server.url_of(name)
    server.execute(f"drop database {name} with (force)")
