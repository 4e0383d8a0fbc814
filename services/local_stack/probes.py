"""Whether a part is ready for its clients: they ask what a client would ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

Probe = Callable[[], Awaitable[bool]]

# seconds for one question; a server that takes longer is asked again
_ANSWER_S: Final = 5.0
_GROUP: Final = 0  # coordinator types of the Kafka protocol
_TRANSACTION: Final = 1


def kafka(bootstrap: str) -> Probe:
    """Ready when a group can join and a transaction can begin.

    An open port is not enough: a fresh broker first creates the topics that hold groups and transactions, and asking
    for a coordinator makes it do so.
    """

    async def ask() -> bool:
        from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415 - slow to import
        from aiokafka.errors import KafkaError  # noqa: PLC0415 - likewise

        client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=int(_ANSWER_S * 1000))
        try:
            async with asyncio.timeout(_ANSWER_S):
                await client.start()
                for kind in (_GROUP, _TRANSACTION):
                    await client.find_coordinator("rung-ready", kind)
        except (KafkaError, OSError):  # OSError includes TimeoutError
            return False
        finally:
            await client.close()
        return True

    return ask


def postgres(url: str, make: str | None = None) -> Probe:
    """Ready when ``select 1`` works. ``make`` is a database to create first, on a server that lacks it."""

    async def ask() -> bool:
        import asyncpg  # noqa: PLC0415 - slow to import

        plain = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        try:
            try:
                connection = await asyncpg.connect(plain, timeout=_ANSWER_S)
            except asyncpg.InvalidCatalogNameError:
                if make is None:
                    raise
                await _create(asyncpg, plain, make)
                return False
            try:
                return bool(await connection.fetchval("select 1") == 1)
            finally:
                await connection.close()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False

    return ask


async def _create(asyncpg: ModuleType, url: str, database: str) -> None:
    server = await asyncpg.connect(url, database="postgres", timeout=_ANSWER_S)
    try:
        await server.execute(f'create database "{database}"')
    finally:
        await server.close()


def http(host: str, port: int, path: str = "/readyz") -> Probe:
    """Ready when GET answers 200."""

    async def ask() -> bool:
        try:
            async with asyncio.timeout(_ANSWER_S):
                reader, writer = await asyncio.open_connection(host, port)
                try:
                    writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
                    status = await reader.readline()
                finally:
                    writer.close()
        except OSError:
            return False
        return b" 200 " in status

    return ask
