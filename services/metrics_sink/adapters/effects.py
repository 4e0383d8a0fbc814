"""The two arms of each offer, of accounts counted once from their first decision on (`offer_accounts`)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from services.kit.db.sessions import ReadSession
from services.metrics_sink.domain.effect import Figure
from services.metrics_sink.domain.statistics.arm import Arm

_ARMS: Final = text("""
with counted as (
    select
        playbook, offer, held_out,
        (converted_at is not null)::int as conversion, revenue_change as revenue,
        (left_at is not null)::int as churn, tickets
    from offer_accounts
    where version = any (:versions)
)
select
    playbook, offer, held_out, count(*) as accounts,
    sum(conversion) as conversion, sum(conversion * conversion) as conversion_squares,
    count(revenue) as priced, coalesce(sum(revenue), 0) as revenue,
    coalesce(sum(revenue * revenue), 0) as revenue_squares,
    sum(churn) as churn, sum(churn * churn) as churn_squares,
    sum(tickets) as tickets, sum(tickets * tickets) as tickets_squares
from counted
group by playbook, offer, held_out
""")

_TICKETS: Final = text("""
with first as (
    select distinct on (account) account, held_out, made_at as since, version
    from outcomes
    where change = 'made' and offer = :offer
    order by account, made_at, offer_id
), counted as (
    select first.held_out, count(facts.account) as tickets
    from first
    left join facts
        on facts.account = first.account and facts.fact = 'rung.ticket_opened' and facts.at > first.since
    where first.version = any (:versions)
    group by first.account, first.held_out
)
select held_out, count(*) as accounts, sum(tickets) as tickets, sum(tickets * tickets) as tickets_squares
from counted
group by held_out
""")
"""The one figure of one offer that guards ask for each minute: what accounts pay is not worked out for it."""

NOBODY: Final = Arm(0, Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Arms:
    """The figures of an offer: of those it was made to, and of those held out; ``accounts`` are all of each."""

    accounts: int = 0
    held_out: int = 0
    figures: Mapping[Figure, tuple[Arm, Arm]] = field(default_factory=lambda: dict.fromkeys(Figure, (NOBODY, NOBODY)))


async def arms_of_offers(session: ReadSession, versions: Collection[int]) -> dict[tuple[str, str | None], Arms]:
    """By playbook and offer, of the accounts whose first decision about it was made under one of ``versions``.

    Also each playbook, any of its offers taken together, under None. Of revenue only those count of which it is known.
    Raises `DatabaseAway`.
    """
    found = await session.execute(_ARMS, {"versions": sorted(versions)})
    sides: dict[tuple[str, str | None], dict[bool, Any]] = {}
    for row in found:
        sides.setdefault((row.playbook, row.offer), {})[row.held_out] = row
    return {offer: _arms(side.get(False), side.get(True)) for offer, side in sides.items()}


async def tickets_of_offer(session: ReadSession, offer: str, versions: Collection[int]) -> tuple[Arm, Arm]:
    """Tickets of those it was made to, and of those held out, as `arms_of_offers` has them. Raises `DatabaseAway`."""
    found = await session.execute(_TICKETS, {"offer": offer, "versions": sorted(versions)})
    sides = {row.held_out: _arm(row, Figure.TICKETS) for row in found}
    return sides.get(False, NOBODY), sides.get(True, NOBODY)


def _arms(treated: Any, held_out: Any) -> Arms:
    return Arms(
        treated.accounts if treated else 0,
        held_out.accounts if held_out else 0,
        {figure: (_arm(treated, figure), _arm(held_out, figure)) for figure in Figure},
    )


def _arm(row: Any, figure: Figure) -> Arm:
    if row is None:
        return NOBODY
    accounts = row.priced if figure is Figure.REVENUE else row.accounts
    return Arm(accounts, Decimal(getattr(row, figure.value)), Decimal(getattr(row, f"{figure.value}_squares")))
