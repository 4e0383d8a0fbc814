"""The connection pool: how many connections, how long anything may take, and which schema is meant."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DRIVER: Final = "postgresql+asyncpg"
MS_PER_S: Final = 1_000


@dataclass(frozen=True)
class Pool:
    """Bounds of one process's pool.

    Attributes:
        size: Connections at most; a service's few tasks use one each, and PostgreSQL allows 100 for all by default.
        wait_s: Longest wait for a free connection.
        connect_s: Longest wait for a new connection.
        statement_s: Longest run of one statement, as the server counts it.
        answer_s: Longest wait for an answer, as we count it; beyond ``statement_s``, for a server that is frozen.
        recycle_s: Oldest connection in use; one behind a proxy that forgets idle ones.
    """

    size: int = 5
    wait_s: float = 5.0
    connect_s: float = 5.0
    statement_s: float = 10.0
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
    return create_async_engine(
        async_url(url),
        pool_size=bounds.size,
        max_overflow=0,
        pool_timeout=bounds.wait_s,
        pool_recycle=bounds.recycle_s,
        pool_pre_ping=True,
        connect_args=_connect_args(schema, service, bounds, role),
    )


def _connect_args(schema: str, service: str, bounds: Pool, role: str | None) -> dict[str, Any]:
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
