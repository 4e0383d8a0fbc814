"""The report, filled from one state of the database."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import text

from schemas.decisions import Reason
from services.kit.db.sessions import Database, ReadSession
from services.metrics_sink.adapters.effects import Arms, arms_of_offers
from services.metrics_sink.adapters.views import (
    AccountValue,
    ExpansionTime,
    NeverOffered,
    ProductsRetention,
    RevenueMonth,
    SegmentConversion,
    rows_of,
)
from services.metrics_sink.domain.effect import Effect, effect
from services.metrics_sink.domain.report import (
    Costs,
    Customers,
    Funnel,
    Month,
    OfferReport,
    Owning,
    PlaybookReport,
    Report,
    Segment,
    Waiting,
    Withheld,
)
from services.metrics_sink.domain.statistics.retention import Retention
from services.metrics_sink.domain.statistics.sample_ratio import Split
from services.metrics_sink.domain.statistics.waiting import Waited, median, still_waiting

_FUNNELS: Final = text("""
select playbook, offer, made, presented, clicked, accepted, dismissed, coalesce(credited.converted, 0) as converted
from offer_funnel
left join (
    select playbook, offer, count(*) as converted from conversions where offer is not null group by playbook, offer
) credited using (playbook, offer)
order by offer, playbook
""")

_WITHHELD: Final = text("""
with withheld as (
    select reason, account, document from decisions where verdict = 'withheld' and reason is not null
), met as (
    select
        withheld.reason, candidate ->> 'offer' as offer,
        row_number() over (partition by withheld.reason order by count(*) desc, candidate ->> 'offer') as place
    from withheld cross join lateral jsonb_array_elements(withheld.document -> 'candidates') candidate
    where candidate ->> 'reason' = withheld.reason
    group by withheld.reason, candidate ->> 'offer'
)
select withheld.reason, count(*) as decisions, count(distinct withheld.account) as accounts, met.offer
from withheld left join met on met.reason = withheld.reason and met.place = 1
group by withheld.reason, met.offer
order by decisions desc, withheld.reason
""")

_DECISIONS: Final = text("select count(*) from decisions")

DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class HeldOut:
    """The chance to be held out that the set in force gives every account, and the versions that gave the same.

    Others are not compared: who came under another share came at another time, and has had more of it, or less.
    """

    share: Decimal
    versions: Collection[int]


async def read_report(
    database: Database, at: datetime, currency: str, held_out: HeldOut, costs: Costs | None = None
) -> Report:
    """What offers did up to now, which is ``at``; money in ``currency`` a month. Raises `DatabaseAway`."""
    async with database.reading() as session:
        funnels = list(await session.execute(_FUNNELS))
        offers = {row.offer for row in funnels}
        arms = await arms_of_offers(session, offers, held_out.versions, whole=True)
        changed = {of: _effect(found, held_out.share) for of, found in arms.items()}
        nobody = _effect(Arms(), held_out.share)
        books = sorted(book for book, offer in arms if offer is None)
        months = [row for row in await rows_of(session, RevenueMonth) if row.of_all and row.currency == currency]
        return Report(
            at=at,
            currency=currency,
            decisions=(await session.execute(_DECISIONS)).scalar_one(),
            share_held_out=held_out.share,
            offers=tuple(_offer(row, changed.get((row.playbook, row.offer), nobody)) for row in funnels),
            playbooks=tuple(PlaybookReport(book, changed[book, None]) for book in books),
            months=tuple(_month(row) for row in months),
            withheld=await _withheld(session),
            waiting=await _waiting(session),
            customers=await _customers(session, currency, months),
            segments=await _segments(session),
            owning=await _owning(session),
            costs=costs,
        )


def _effect(arms: Arms, share: Decimal) -> Effect:
    split = Split(arms.accounts + arms.held_out, arms.held_out, Fraction(share))
    return effect(arms.figures, [split])


def _offer(row: Any, changed: Effect) -> OfferReport:
    return OfferReport(
        row.offer,
        row.playbook,
        Funnel(row.made, row.presented, row.clicked, row.accepted, row.dismissed, row.converted),
        changed,
    )


def _month(row: RevenueMonth) -> Month:
    return Month(row.month, Retention(row.at_start, row.expansion, row.contraction, row.churn), row.complete)


async def _withheld(session: ReadSession) -> tuple[Withheld, ...]:
    found = await session.execute(_WITHHELD)
    return tuple(Withheld(Reason(row.reason), row.decisions, row.accounts, row.offer) for row in found)


async def _waiting(session: ReadSession) -> Waiting:
    rows = await rows_of(session, ExpansionTime)
    days = median(still_waiting(Waited((row.until - row.started_at) // DAY, happened=row.expanded) for row in rows))
    return Waiting(len(rows), sum(not row.expanded for row in rows), days)


async def _customers(session: ReadSession, currency: str, months: Sequence[RevenueMonth]) -> Customers:
    values = [row for row in await rows_of(session, AccountValue) if row.currency == currency]
    newest = next((row for row in reversed(months) if row.complete), None)
    return Customers(
        accounts=len(values),
        per_customer=newest.per_customer if newest else None,
        expansion_share=newest.expansion_share if newest else None,
        lifetime_value=sum((row.lifetime_value for row in values), Decimal(0)) / len(values) if values else None,
        products=Decimal(sum(row.products for row in values)) / len(values) if values else None,
        never_offered=len(await rows_of(session, NeverOffered)),
    )


async def _segments(session: ReadSession) -> tuple[Segment, ...]:
    found = [
        Segment(row.sort, row.dimension, row.value, row.offers, row.converted)
        for row in await rows_of(session, SegmentConversion)
    ]
    return tuple(sorted(found, key=lambda one: (-one.offers, one.sort, one.dimension, one.value)))


async def _owning(session: ReadSession) -> tuple[Owning, ...]:
    accounts: Counter[int] = Counter()
    retained: Counter[int] = Counter()
    for row in await rows_of(session, ProductsRetention):
        if row.complete:
            accounts[row.products] += row.accounts
            retained[row.products] += row.retained
    return tuple(Owning(products, accounts[products], retained[products]) for products in sorted(accounts))
