"""What the views of the database say, row by row: the figures that reports and statistics start from.

Money is a decimal a month in ``currency``, but for what was paid ``once``; months are those of UTC, named by their
first day. Whatever follows from more than one view is read in one session: then all of it is of one state.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ColumnClause, column, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from services.kit.db.sessions import ReadSession

R = TypeVar("R", bound=NamedTuple)


class Conversion(NamedTuple):
    """Something bought, as a fact told it, and the offer that has the credit; without one, all of it is None.

    ``kind``: product, plan, term or seats. ``increase``: of what is paid a month; None where a price is unknown.
    ``once``: what was paid once; 0 where nothing was known to be.
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
    once: Decimal
    offer_id: str | None
    offer: str | None
    playbook: str | None
    family: str | None
    verb: str | None
    target: str | None
    variant: str | None
    moment: str | None
    touched_at: datetime | None


class RevenueMonth(NamedTuple):
    """Revenue of a month: of all accounts (``of_all``), or of those that first paid at the end of ``cohort``.

    Cohorts are of what recurs, of which both ends of a month are compared; ``accounts_unknown`` are those of which one
    is not known, and they are in none of the flows. ``nrr`` and ``grr`` are shares of ``at_start``; None when that is
    nothing. The month that the logs have not told to its end is not ``complete``. ``revenue`` is ``at_end`` and what
    was paid ``once`` in the month: ``expansion_share`` is a share of it, ``per_customer`` that of each of the
    ``accounts_paying`` either way.
    """

    month: date
    currency: str | None
    cohort: date | None
    of_all: bool
    complete: bool
    at_start: Decimal
    new: Decimal
    back: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    at_end: Decimal
    accounts_at_start: int
    accounts_new: int
    accounts_back: int
    accounts_expanded: int
    accounts_contracted: int
    accounts_churned: int
    accounts_at_end: int
    accounts_unknown: int
    nrr: Decimal | None
    grr: Decimal | None
    above_100: bool | None
    above_120: bool | None
    once: Decimal
    revenue: Decimal
    accounts_paying: int
    expansion_share: Decimal | None
    per_customer: Decimal | None


class AccountValue(NamedTuple):
    """An account that has paid: what it paid in all, at the ends of complete months and ``once``, and what it has now.

    ``products`` are those beside the plan. ``months_paid`` are those at whose ends it paid by the month.
    """

    account: str
    currency: str | None
    first_month: date
    months_paid: int
    lifetime_value: Decimal
    once: Decimal
    products: int
    monthly: Decimal | None
    closed: bool


class ProductsRetention(NamedTuple):
    """Of accounts that paid at the start of a month, by products owned then beside the plan: who pays at its end."""

    month: date
    complete: bool
    products: int
    accounts: int
    retained: int
    rate: Decimal


class ExpansionTime(NamedTuple):
    """How long after an account first paid it bought something more; if not ``expanded``, it left or still waits."""

    account: str
    started_at: datetime
    until: datetime
    expanded: bool
    days: Decimal


class OfferAccount(NamedTuple):
    """An account that an offer was decided for, from the first such decision on; ``offer`` None: any of the playbook.

    ``held_out`` and ``version`` are what that decision said, and all that followed counts (intention to treat).
    ``revenue_change`` is ``monthly`` less ``monthly_before``, and what was paid ``once`` since by the month: spread
    over the time since, in months of 30 days and over one at least. None where a price is unknown. ``left_at``: it
    closed, or pays nothing a month any more.
    """

    playbook: str
    offer: str | None
    account: str
    held_out: bool
    variant: str | None
    since: datetime
    currency: str | None
    monthly_before: Decimal | None
    monthly: Decimal | None
    once: Decimal
    revenue_change: Decimal | None
    converted_at: datetime | None
    purchases: int
    left_at: datetime | None
    tickets: int
    version: int


class OfferArm(NamedTuple):
    """`OfferAccount` added up for those who were offered it, and for those held out.

    ``priced`` accounts are those whose ``revenue_change`` is known. Of what is not yes or no the sum of squares is
    told, too.
    """

    playbook: str
    offer: str | None
    currency: str | None
    held_out: bool
    accounts: int
    converted: int
    churned: int
    with_ticket: int
    tickets: int
    tickets_squared: int
    priced: int
    revenue_change: Decimal
    revenue_change_squared: Decimal
    since: datetime


class OfferWeek(NamedTuple):
    """Offers made in the week that began on this Monday (UTC), and what has become of them until now.

    Each offer counts once in each column, held-out ones only as such. ``ignored``: expired after it was presented.
    ``converted`` offers have the credit for ``conversions``, which make ``increase`` a month, and were paid ``once``.
    """

    playbook: str
    offer: str
    week: date
    currency: str | None
    made: int
    held_out: int
    presented: int
    clicked: int
    accepted: int
    dismissed: int
    snoozed: int
    ignored: int
    unseen: int
    revoked: int
    converted: int
    conversions: int
    increase: Decimal
    once: Decimal


class CreditedMonth(NamedTuple):
    """What was bought in a month, by the offer that has the credit; without one ``playbook`` and ``offer`` are None.

    ``increase`` a month leaves out those that are ``unpriced``; ``once`` is what was paid for them once.
    """

    month: date
    currency: str | None
    playbook: str | None
    offer: str | None
    conversions: int
    accounts: int
    increase: Decimal
    once: Decimal
    unpriced: int


class SegmentConversion(NamedTuple):
    """Of the sales offers presented to a segment, how many have the credit for a purchase.

    ``sort`` is ``upsell``, ``cross_sell`` or ``choose_from``. ``dimension`` is ``all``, ``segments``, a level
    (``levels.engagement``), what an offer is reported by (``report.x``), or a fact (``account.plan``,
    ``account.industry``), as it was when the offer was made.
    """

    sort: str
    dimension: str
    value: str
    offers: int
    converted: int
    rate: Decimal


class OfferReason(NamedTuple):
    """How often an offer ended at this stage for this reason; without a reason it was made."""

    offer: str
    stage: str
    reason: str | None
    decisions: int
    accounts: int


class NeverOffered(NamedTuple):
    """An account that no ``not_before`` has kept a sale from since, and that never saw an offer; nor is it held out.

    ``most_often``: the reason of most of its ``decisions`` since. ``offers``: those that no ``not_before`` kept from
    it, by name. ``meters``: each that decisions about it told, as the newest of them knew it; decimals as text.
    """

    account: str
    ready_since: datetime
    waited: timedelta
    decisions: int
    most_often: str | None
    offers: list[str]
    meters: dict[str, str]


class ChurnAfterCrossSell(NamedTuple):
    """Of accounts that paid at the start of a month, who was gone at its end, by months since their first product.

    ``months_after`` None: no product beside the plan, or none before that month.
    """

    months_after: int | None
    accounts: int
    churned: int
    rate: Decimal


VIEWS: Final[Mapping[type[NamedTuple], str]] = {
    Conversion: "conversions",
    RevenueMonth: "revenue_months",
    AccountValue: "account_values",
    ProductsRetention: "retention_by_products",
    ExpansionTime: "expansion_times",
    OfferAccount: "offer_accounts",
    OfferArm: "offer_arms",
    OfferWeek: "offer_weeks",
    CreditedMonth: "credited_months",
    SegmentConversion: "conversion_by_segment",
    OfferReason: "offer_reasons",
    NeverOffered: "never_offered",
    ChurnAfterCrossSell: "churn_after_cross_sell",
}
"""The view behind each row."""


_KINDS: Final[Mapping[str, TypeEngine[Any]]] = {"meters": JSONB()}
"""Columns whose values the driver does not tell as they are."""


async def rows_of(session: ReadSession, row: type[R]) -> list[R]:
    """All rows of a view, sorted by their fields from the first to the last. Raises `DatabaseAway`."""
    columns: list[ColumnClause[Any]] = [column(name, _KINDS.get(name)) for name in row._fields]
    found = await session.execute(select(*columns).select_from(table(VIEWS[row], *columns)).order_by(*columns))
    return [row._make(one) for one in found]
