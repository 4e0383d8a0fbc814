"""What the views of the database say, row by row: the figures that reports and statistics start from.

Money is a decimal a month in ``currency``; months are those of UTC, named by their first day. Whatever follows from
more than one view is read in one session: then all of it is of one state.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ColumnClause, column, select, table

from services.kit.db.sessions import ReadSession

R = TypeVar("R", bound=NamedTuple)


class Conversion(NamedTuple):
    """Something bought, as a fact told it, and the offer that has the credit; without one, all of it is None.

    ``kind``: product, plan, term or seats. ``increase``: of what is paid a month; None where a price is unknown.
    """

    account: str
    at: datetime
    source: str
    fact_id: str
    kind: str
    bought: str | None
    currency: str | None
    monthly_before: Decimal | None
    monthly: Decimal | None
    increase: Decimal | None
    offer_id: str | None
    offer: str | None
    playbook: str | None
    family: str | None
    verb: str | None
    target: str | None
    variant: str | None
    moment: str | None
    touched_at: datetime | None


VIEWS: Final[Mapping[type[NamedTuple], str]] = {
    Conversion: "conversions",
}
"""The view behind each row."""


async def rows_of(session: ReadSession, row: type[R]) -> list[R]:
    """All rows of a view, sorted by their fields from the first to the last. Raises `DatabaseAway`."""
    columns: list[ColumnClause[Any]] = [column(name) for name in row._fields]
    found = await session.execute(select(*columns).select_from(table(VIEWS[row], *columns)).order_by(*columns))
    return [row._make(one) for one in found]
