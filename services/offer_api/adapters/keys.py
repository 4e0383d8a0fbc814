"""Service keys: made once, shown once, kept as hashes."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from sqlalchemy import insert, select, update

from services.kit.db.sessions import Database
from services.offer_api.adapters.tables import SERVICE_KEYS
from services.offer_api.domain.scope import Scope
from services.offer_api.ports import KEY_PREFIX, KeyHolder, TokenRefused

ID_BYTES: Final = 6
SECRET_BYTES: Final = 32
MAX_KEY_BYTES: Final = 128
"""Longest key that is looked at; ours have some 60."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as operators see it; nobody sees the key itself again."""

    key_id: str
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    revoked_at: datetime | None


class PostgresKeys:
    """`ServiceKeys` in PostgreSQL, and what makes and revokes them. All raise ``DatabaseAway``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, key: str) -> KeyHolder:
        """Whose ``key`` is. It is looked up each time: one that is revoked is of no use from then on."""
        key_id, _, secret = key.removeprefix(KEY_PREFIX).partition("_")
        if len(key) > MAX_KEY_BYTES or not (key.isascii() and key.isprintable() and secret):
            raise TokenRefused("no service key")
        wanted = SERVICE_KEYS.c.key_id == key_id
        async with self._database.reading() as session:
            found = await session.execute(select(SERVICE_KEYS).where(wanted, SERVICE_KEYS.c.revoked_at.is_(None)))
            row = found.one_or_none()
        if row is None or not compare_digest(bytes(row.secret_hash), _hash(secret)):
            raise TokenRefused("unknown service key")
        # a scope that this program does not know yet allows nothing
        known = frozenset(Scope(name) for name in row.scopes if name in set(Scope))
        return KeyHolder(key_id, known)

    async def make(self, name: str, scopes: Collection[Scope], at: datetime) -> tuple[str, str]:
        """A new key, and its id by which it is revoked. The key is kept nowhere."""
        key_id, secret = secrets.token_hex(ID_BYTES), secrets.token_urlsafe(SECRET_BYTES)
        row = {"key_id": key_id, "name": name, "scopes": [scope.value for scope in scopes], "made_at": at}
        async with self._database.writing() as session:
            await session.execute(insert(SERVICE_KEYS).values(**row, secret_hash=_hash(secret)))
        return f"{KEY_PREFIX}{key_id}_{secret}", key_id

    async def revoke(self, key_id: str, at: datetime) -> bool:
        """Whether there was such a key in force; there is not any more."""
        in_force = (SERVICE_KEYS.c.key_id == key_id, SERVICE_KEYS.c.revoked_at.is_(None))
        async with self._database.writing() as session:
            revoked = await session.execute(update(SERVICE_KEYS).where(*in_force).values(revoked_at=at))
        return revoked.rowcount == 1

    async def all(self) -> list[KeyRow]:
        """Every key that was ever made, the oldest first."""
        async with self._database.reading() as session:
            found = await session.execute(select(SERVICE_KEYS).order_by(SERVICE_KEYS.c.made_at, SERVICE_KEYS.c.key_id))
            return [KeyRow(row.key_id, row.name, tuple(row.scopes), row.made_at, row.revoked_at) for row in found]


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
