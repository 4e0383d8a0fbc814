"""The connection pool: how many connections, how long anything may take, and which schema is meant."""

import time
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import URL, event, make_url
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.kit.clock import MS_PER_S

DRIVER: Final = "postgresql+asyncpg"
IDLE_S: Final = 0.5
"""After so long without use a connection may have been cut without our noticing."""

USED: Final = "rung_used_s"


@dataclass(frozen=True)
class Pool:
    """Bounds of one process's pool.

    Attributes:
        size: Connections at most; a service's few tasks use one each, and PostgreSQL allows 100 for all by default. As
            many again where `services.kit.db.kept` is used.
        wait_s: Longest wait for a free connection.
        connect_s: Longest wait for a new connection.
        statement_s: Longest run of one statement, as the server counts it.
        transaction_s: Longest run of one transaction, as the server counts it (PostgreSQL 17 or newer).
        answer_s: Longest wait for an answer, as we count it; beyond ``statement_s``, for a server that is frozen.
        recycle_s: Oldest connection in use; one behind a proxy that forgets idle ones.
    """

    size: int = 5
    wait_s: float = 5.0
    connect_s: float = 5.0
    statement_s: float = 10.0
    transaction_s: float = 30.0
    answer_s: float = 15.0
    recycle_s: int = 1_800


def async_url(url: str) -> URL:
    """The URL that people write, ``postgresql://...``, as SQLAlchemy wants it for asyncpg."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    mode = parsed.query.get("sslmode")
    if mode is not None:
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed.set(drivername=DRIVER)


def make_engine(url: str, schema: str, service: str, pool: Pool | None = None, role: str | None = None) -> AsyncEngine:
    """An engine whose connections see ``schema`` and nothing else; connects at first use, not here.

    The schema is the connection's ``search_path``, so no statement has to name it. ``role``: what the connections act
    as, instead of the user that they log in as.
    """
    bounds = pool or Pool()
    engine = create_async_engine(
        async_url(url),
        pool_size=bounds.size,
        max_overflow=0,
        hide_parameters=True,  # an error that is logged does not tell of people
        pool_timeout=bounds.wait_s,
        pool_recycle=bounds.recycle_s,
        connect_args=_bounded(schema, service, bounds, role),
    )
    _bound_transactions(engine, bounds)
    _ask_after_idleness(engine)
    return engine


def _bound_transactions(engine: AsyncEngine, bounds: Pool) -> None:
    """Have the server end a transaction whose client sleeps, wherever it sleeps.

    The bound on idleness does not hold between a statement's parsing and its run: there the server waits for the next
    message of a client that it does not take to be idle. Only the bound on the whole transaction holds there, and
    servers older than that bound do without.
    """
    transaction_ms = round(bounds.transaction_s * MS_PER_S)
    ask = f"select set_config(name, '{transaction_ms}', false) from pg_settings where name = 'transaction_timeout'"  # noqa: S608 - a number of ours

    @event.listens_for(engine.sync_engine, "connect")
    def bound(connection: Any, _: Any) -> None:
        connection.run_async(lambda driver: driver.execute(ask))


def _ask_after_idleness(engine: AsyncEngine) -> None:
    """Before one that was idle is used, ask whether it still stands; a busy one tells by itself.

    SQLAlchemy's own ``pool_pre_ping`` asks each time, in three ways to the server and back, where a read takes four.
    """
    ping = engine.sync_engine.dialect.do_ping

    @event.listens_for(engine.sync_engine, "checkout")
    def check(connection: Any, record: Any, _: Any) -> None:
        used_s = record.info.get(USED)
        if used_s is None or time.monotonic() - used_s < IDLE_S:
            return
        try:
            ping(connection)
        except engine.sync_engine.dialect.loaded_dbapi.Error as gone:
            raise DisconnectionError from gone  # the pool makes a new one, and asks no further

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_: Any, record: Any) -> None:
        record.info[USED] = time.monotonic()


def connect_args(url: str, schema: str, service: str, bounds: Pool, role: str | None) -> dict[str, Any]:
    """What the driver itself is to be told for a connection such as `make_engine` makes."""
    dialect: Any = asyncpg.dialect
    _, where = dialect().create_connect_args(async_url(url))
    return {**where, **_bounded(schema, service, bounds, role)}


def _bounded(schema: str, service: str, bounds: Pool, role: str | None) -> dict[str, Any]:
    statement_ms = str(round(bounds.statement_s * MS_PER_S))
    return {
        "timeout": bounds.connect_s,
        "command_timeout": bounds.answer_s,
        "server_settings": {
            "application_name": f"rung-{service}",
            "search_path": schema,
            "timezone": "UTC",
            "statement_timeout": statement_ms,
            "idle_in_transaction_session_timeout": statement_ms,
            **({} if role is None else {"role": role}),
        },
    }
