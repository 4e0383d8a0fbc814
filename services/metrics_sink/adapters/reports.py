"""The report, filled from one state of the database."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import text

from schemas.decisions import Reason
from services.kit.db.sessions import Database, ReadSession
from services.metrics_sink.adapters.asking import Progress, asking
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
from services.metrics_sink.domain.too_late import NotBefore, Ready, TooLate, beyond, too_late

_FUNNELS: Final = text("""
select playbook, offer, made, presented, clicked, accepted, dismissed, coalesce(credited.converted, 0) as converted
from offer_funnel
left join (
    select playbook, offer, count(*) as converted from conversions where offer is not null group by playbook, offer
) credited using (playbook, offer)
order by offer, playbook
""")

_WITHHELD: Final = text("""
with met as (
    select reason, candidate ->> 'offer' as offer, count(*) as decisions
    from decisions cross join lateral jsonb_array_elements(document -> 'candidates') candidate
    where verdict = 'withheld' and candidate ->> 'reason' = reason
    group by reason, candidate ->> 'offer'
), most as (
    select distinct on (reason) reason, offer from met order by reason, decisions desc, offer
), by_account as (
    select reason, account, count(*) as decisions
    from decisions
    where verdict = 'withheld' and reason is not null
    group by reason, account
), counted as (
    select reason, sum(decisions)::bigint as decisions, count(*) as accounts from by_account group by reason
)
select reason, decisions, accounts, most.offer
from counted left join most using (reason)
order by decisions desc, reason
""")

_DECISIONS: Final = text("select count(*) from decisions")

DAY: Final = timedelta(days=1)

AT_ONCE: Final = 3
"""Questions asked side by side: a server of two cores is busy then, and a sink beside it still gets connections."""


@dataclass(frozen=True)
class InForce:
    """What figures need to know of the set in force.

    ``share`` is the chance to be held out that it gives every account, and ``versions`` are those that gave the same.
    Others are not compared: who came under another share came at another time, and has had more of it, or less.
    ``not_before`` is what its offers ask of meters. Money is told in ``currency``.
    """

    currency: str
    share: Decimal
    versions: Collection[int]
    not_before: NotBefore = field(default_factory=dict)


async def read_report(
    database: Database,
    at: datetime,
    in_force: InForce,
    costs: Costs | None = None,
    progress: Progress = lambda _done, _of: None,
) -> Report:
    """What offers did up to now, which is ``at``; money a month. Raises `DatabaseAway`.

    It takes `AT_ONCE` connections. ``progress`` is told how many of its questions are answered, and of how many.
    """
    async with database.reading_alike(AT_ONCE) as sessions, asking(sessions, progress) as ask:
        # those that take longest first
        arms_read = ask(lambda session: arms_of_offers(session, in_force.versions))
        segments = ask(_segments)
        funnels_read = ask(_funnels)
        months_read = ask(lambda session: rows_of(session, RevenueMonth))
        values = ask(lambda session: rows_of(session, AccountValue))
        withheld = ask(_withheld)
        waiting_for_offers = ask(lambda session: _too_late(session, in_force.not_before))
        owning = ask(_owning)
        waiting = ask(_waiting)
        decisions = ask(_decisions)
        arms, funnels = await arms_read, await funnels_read
        changed = {of: _effect(found, in_force.share) for of, found in arms.items()}
        nobody = _effect(Arms(), in_force.share)
        books = sorted(book for book, offer in arms if offer is None)
        months = [row for row in await months_read if row.of_all and row.currency == in_force.currency]
        return Report(
            at=at,
            currency=in_force.currency,
            decisions=await decisions,
            share_held_out=in_force.share,
            offers=tuple(_offer(row, changed.get((row.playbook, row.offer), nobody)) for row in funnels),
            playbooks=tuple(PlaybookReport(book, changed[book, None]) for book in books),
            months=tuple(_month(row) for row in months),
            withheld=await withheld,
            waiting=await waiting,
            customers=_customers([row for row in await values if row.currency == in_force.currency], months),
            segments=await segments,
            owning=await owning,
            too_late=await waiting_for_offers,
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
    retention = Retention(row.at_start, row.expansion, row.contraction, row.churn)
    return Month(row.month, retention, row.complete, row.once)


async def _funnels(session: ReadSession) -> Sequence[Any]:
    return (await session.execute(_FUNNELS)).all()


async def _decisions(session: ReadSession) -> int:
    return int((await session.execute(_DECISIONS)).scalar_one())


async def _withheld(session: ReadSession) -> tuple[Withheld, ...]:
    found = await session.execute(_WITHHELD)
    return tuple(Withheld(Reason(row.reason), row.decisions, row.accounts, row.offer) for row in found)


async def _waiting(session: ReadSession) -> Waiting:
    rows = await rows_of(session, ExpansionTime)
    days = median(still_waiting(Waited((row.until - row.started_at) // DAY, happened=row.expanded) for row in rows))
    return Waiting(len(rows), sum(not row.expanded for row in rows), days)


def _customers(values: Sequence[AccountValue], months: Sequence[RevenueMonth]) -> Customers:
    newest = next((row for row in reversed(months) if row.complete), None)
    return Customers(
        accounts=len(values),
        per_customer=newest.per_customer if newest else None,
        expansion_share=newest.expansion_share if newest else None,
        lifetime_value=sum((row.lifetime_value for row in values), Decimal(0)) / len(values) if values else None,
        products=Decimal(sum(row.products for row in values)) / len(values) if values else None,
        once=newest.once if newest else None,
    )


async def _too_late(session: ReadSession, not_before: NotBefore) -> TooLate:
    return too_late(
        Ready(
            row.account,
            row.ready_since,
            row.waited,
            row.decisions,
            row.most_often,
            beyond(row.meters, row.offers, not_before),
        )
        for row in await rows_of(session, NeverOffered)
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
