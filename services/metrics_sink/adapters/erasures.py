"""Which accounts were erased: kept as digests, moved only forward, and looked at before anything is added.

An erasure and a decision of the same account are written by two projections, in transactions that may run at the same
time. They take turns by a lock on the table, so that either the decision finds the marker, or the erasure the decision.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from services.kit.db.sessions import ReadSession, WriteSession
from services.metrics_sink.adapters.tables import ERASURES
from services.metrics_sink.domain.erasure import Erasure, account_hash

_NO_MORE_ERASURES = text(f"lock table {ERASURES.name} in share mode")
"""Waits for who is writing a marker, lets others look, and makes who wants to write one wait."""


async def mark_erased(session: WriteSession, erased: Iterable[Erasure]) -> None:
    """Leave a marker of each. From here until the transaction ends, `hold_erasures` waits.

    What is deleted after this, in the same transaction, includes all that others had added before.
    """
    values = [
        {"account_hash": account_hash(one.account), "asked_at": one.asked_at, "judged_at": one.judged_at}
        for one in erased
    ]
    if not values:
        return
    row = insert(ERASURES)
    forward = {name: func.greatest(ERASURES.c[name], row.excluded[name]) for name in ("asked_at", "judged_at")}
    await session.execute(row.on_conflict_do_update(index_elements=[ERASURES.c.account_hash], set_=forward), values)


async def hold_erasures(session: WriteSession) -> None:
    """Wait for erasures that are being written, and keep others from being written until the transaction ends."""
    await session.execute(_NO_MORE_ERASURES)


async def erasures_among(session: ReadSession, accounts: Collection[str]) -> dict[str, Erasure]:
    """Those of ``accounts`` that were erased, with the marker of each."""
    hashes = {account_hash(account): account for account in accounts}
    if not hashes:
        return {}
    found = await session.execute(select(ERASURES).where(ERASURES.c.account_hash.in_(hashes)))
    return {
        account: Erasure(account, row.asked_at, row.judged_at)
        for row in found
        for account in [hashes[bytes(row.account_hash)]]
    }
