"""Markers of accounts that were erased.

Two logs are folded by themselves, so decisions of before may be read after the erasure. Their transactions take turns
by a lock on the table: either the decisions find the marker, or the erasure finds the decisions.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from services.kit.db.sessions import ReadSession, WriteSession
from services.offer_api.adapters.tables import ERASURES
from services.offer_api.domain.erasure import Erased, account_hash

_NO_MORE = text(f"lock table {ERASURES.name} in share mode")
"""Waits for who is writing a marker, lets others look, and makes who wants to write one wait."""


async def mark(session: WriteSession, erased: Mapping[str, Erased]) -> None:
    """Leave a marker of each account; one that is there is moved only forward."""
    if not erased:
        return
    values = [
        {"account_hash": account_hash(account), "judged_at": one.judged_at, "log_offset": one.offset}
        for account, one in sorted(erased.items())
    ]
    row = insert(ERASURES)
    forward = {name: func.greatest(ERASURES.c[name], row.excluded[name]) for name in ("judged_at", "log_offset")}
    await session.execute(row.on_conflict_do_update(index_elements=[ERASURES.c.account_hash], set_=forward), values)


async def hold(session: WriteSession) -> None:
    """Wait for markers that are being written, and keep others from being written until the transaction ends."""
    await session.execute(_NO_MORE)


async def among(session: ReadSession, accounts: Collection[str]) -> dict[str, Erased]:
    """Those of ``accounts`` that were erased."""
    hashes = {account_hash(account): account for account in accounts}
    found = await session.execute(select(ERASURES).where(ERASURES.c.account_hash.in_(hashes)))
    return {hashes[bytes(row.account_hash)]: Erased(row.judged_at, row.log_offset) for row in found}
