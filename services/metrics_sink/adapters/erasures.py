"""Which accounts were erased. An erasure and a decision of the same account are written by two projections."""

from collections.abc import Collection, Iterable
from typing import Final

from services.kit.db.markers import Markers
from services.kit.db.sessions import ReadSession, WriteSession
from services.metrics_sink.adapters.tables import ERASURES
from services.metrics_sink.domain.erasure import Erasure

MARKERS: Final = Markers(ERASURES)


async def mark_erased(session: WriteSession, erased: Iterable[Erasure]) -> None:
    """Leave a marker of each, as `Markers.leave` does."""
    values = {one.account: {"asked_at": one.asked_at, "judged_at": one.judged_at} for one in erased}
    await MARKERS.leave(session, values)


async def erasures_among(session: ReadSession, accounts: Collection[str]) -> dict[str, Erasure]:
    """Those of ``accounts`` that were erased, with the marker of each."""
    found = await MARKERS.among(session, accounts)
    return {account: Erasure(account, row.asked_at, row.judged_at) for account, row in found.items()}
