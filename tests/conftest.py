"""What all tests share: one real Kafka and one real PostgreSQL per session, started when first asked for."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from services.local_stack.errors import StackError
from services.local_stack.stack import LocalStack, Wanted

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

# property tests: no deadline and no verdict on speed, since a busy machine is no fault of what is tested
settings.register_profile("rung", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rung")


LONG = (
    "real_data/test_yammer.py",
    "simulation/test_bugs.py",
    "flow/test_probe.py",
    "real_data/test_runs.py",
    "flow/test_engine.py",
    "oracle/test_whole_language.py",
    "flow/test_pages_followed.py",
    "real_data/test_ds365.py",
)
"""Files that take a minute or more. Begun last, they would go on alone while other cores have nothing to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first, then those with many tests; within a file the order stays as it was."""
    many = Counter(item.path for item in items)
    long = {Path(__file__).parent / name for name in LONG}
    items.sort(key=lambda item: (item.path not in long, -many[item.path], str(item.path)))


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """Kafka and PostgreSQL, or those that KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL name."""
    wanted = Wanted(name=f"test-{os.getpid()}", tie_to_parent=True)
    running = LocalStack.running(wanted, keep_data=False)
    try:
        started = running.__enter__()
    except StackError as error:
        pytest.fail(f"these tests need Kafka and PostgreSQL: {error}", pytrace=False)
    try:
        yield started
    finally:
        running.__exit__(None, None, None)


@pytest.fixture(scope="session")
def kafka_bootstrap(stack: LocalStack) -> str:
    """``host:port`` of the session's broker."""
    return stack.kafka_bootstrap


@pytest.fixture(scope="session")
def database_url(stack: LocalStack) -> str:
    """The base database of the session's server; tests that write use `fresh_database_url`."""
    return stack.database_url


@pytest.fixture
def topic_prefix() -> str:
    """Unique per test: a test creates its topics and groups under it, and needs to delete nothing."""
    return f"t{secrets.token_hex(4)}"


@pytest.fixture
def fresh_database_url(server: Server) -> Iterator[str]:
    """An empty database of the test's own."""
    name = f"t{secrets.token_hex(4)}"
    server.execute(f"create database {name} template template0")
    yield server.url_of(name)
    server.execute(f"drop database {name} with (force)")


@pytest.fixture
def another_database_url(server: Server) -> Iterator[str]:
    """One more."""
    name = f"t{secrets.token_hex(4)}"
    server.execute(f"create database {name} template template0")
    yield server.url_of(name)
    server.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def server(database_url: str) -> Iterator[Server]:
    """One connection to the session's server, for making databases."""
    connected = Server(database_url)
    yield connected
    connected.close()


class Server:
    """Runs statements on a loop of its own, so that tests may or may not be asynchronous."""

    def __init__(self, url: str) -> None:
        import asyncpg  # noqa: PLC0415 - only for tests that need it

        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        plain = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._connection = self._run(asyncpg.connect(plain))

    def execute(self, statement: str) -> None:
        self._run(self._connection.execute(statement))

    def url_of(self, database: str) -> str:
        address, _, rest = self._url.rpartition("/")
        _, mark, options = rest.partition("?")
        return f"{address}/{database}{mark}{options}"

    def close(self) -> None:
        self._run(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)
