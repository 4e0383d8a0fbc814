"""What can go wrong with the database, told apart by what helps: waiting, or an operator."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.kit.errors import Fatal

PASSING_CLASSES: Final = ("08", "53", "57")
"""SQLSTATE classes that pass by themselves: connection lost, out of resources, stopped by an operator or a time-out."""

PASSING_STATES: Final = frozenset({"40001", "40P01", "55P03"})
"""Serialisation failure, deadlock, lock not available."""


class DatabaseAway(Exception):
    """The database can not answer now; the same transaction may succeed later. Whether a commit took effect is open.

    Attributes:
        why: The driver's words, on one line, without the address or the password.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class DatabaseUnreachable(Fatal):
    """The database did not answer at start.

    Attributes:
        why: The driver's words.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"PostgreSQL does not answer: {why}; see DATABASE_URL, or start it with `rung stack up`")


class NotMigrated(Fatal):
    """The tables are missing or older than this program.

    Attributes:
        schema: Schema that was looked at.
        found: Revision that it has; None when it has none.
        wanted: Revision that this program needs.
    """

    exit_code = 78
    """EX_CONFIG of sysexits.h: restarting does not help."""

    def __init__(self, schema: str, found: str | None, wanted: str) -> None:
        self.schema = schema
        self.found = found
        self.wanted = wanted
        super().__init__(
            f"schema {schema!r} is at revision {found or 'none'}, and {wanted} is needed: run `rung migrate`"
        )


@contextmanager
def telling_away() -> Iterator[None]:
    """Turn what the driver raises while the database is away into `DatabaseAway`; let all else pass as it is."""
    try:
        yield
    except DBAPIError as error:
        if not _passes(error):
            raise
        raise DatabaseAway(_one_line(error.orig or error)) from error
    except (OSError, PoolTimeoutError) as error:
        raise DatabaseAway(_one_line(error)) from error
    except asyncpg.PostgresError as error:
        # a refused connection is raised by the driver itself, past SQLAlchemy
        if not _passing(error.sqlstate):
            raise
        raise DatabaseAway(_one_line(error)) from error


def _passes(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or _passing(state)


def _passing(state: str | None) -> bool:
    return state is not None and (state[:2] in PASSING_CLASSES or state in PASSING_STATES)


def _one_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
