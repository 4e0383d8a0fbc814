"""Which accounts were erased. Two logs are folded by themselves, so decisions of before may be read afterwards."""

from collections.abc import Collection, Mapping
from typing import Final

from services.kit.db.markers import Markers
from services.kit.db.sessions import ReadSession, WriteSession
from services.offer_api.adapters.tables import ERASURES
from services.offer_api.domain.erasure import Erased

MARKERS: Final = Markers(ERASURES)


async def mark(session: WriteSession, erased: Mapping[str, Erased]) -> None:
    """Leave a marker of each account, as `Markers.leave` does."""
    values = {account: {"judged_at": one.judged_at, "log_offset": one.offset} for account, one in erased.items()}
    await MARKERS.leave(session, values)


async def among(session: ReadSession, accounts: Collection[str]) -> dict[str, Erased]:
    """Those of ``accounts`` that were erased."""
    found = await MARKERS.among(session, accounts)
    return {account: Erased(row.judged_at, row.log_offset) for account, row in found.items()}
