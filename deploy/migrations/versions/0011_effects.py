"""What became of accounts since an offer was decided for them, offered or held out; and of offers, week by week."""

from alembic import op

revision = "0011"
down_revision = "0010"

OFFER_ACCOUNTS = """
create view offer_accounts as
with made as (
    select playbook, offer, account, held_out, variant, currency, made_at, offer_id
    from outcomes where change = 'made'
), decided as (
    select * from made
    union all
    select playbook, null, account, held_out, null, currency, made_at, offer_id from made
), first as (
    select distinct on (playbook, offer, account)
        playbook, offer, account, held_out, variant, currency, made_at as since
    from decided
    order by playbook, offer, account, made_at, offer_id
), followed as (
    select
        first.playbook, first.offer, first.account, first.held_out, first.variant, first.currency, first.since,
        count(*) filter (where steps.at <= first.since) as told_before,
        max(steps.monthly) filter (
            where steps.at <= first.since and (steps.until is null or steps.until > first.since)
        ) as paid,
        count(steps.account) as told,
        max(steps.monthly) filter (where steps.until is null) as pays,
        min(steps.at) filter (
            where steps.at > first.since and (steps.closed or (steps.monthly = 0 and steps.monthly_before > 0))
        ) as left_at,
        count(*) filter (where steps.at > first.since and steps.fact = 'rung.ticket_opened') as tickets
    from first
    left join account_steps steps on steps.account = first.account
    group by
        first.playbook, first.offer, first.account, first.held_out, first.variant, first.currency, first.since
), buying as (
    select first.playbook, first.offer, first.account, min(purchases.at) as converted_at, count(*) as purchases
    from first
    join purchases on purchases.account = first.account and purchases.at > first.since
    group by first.playbook, first.offer, first.account
)
select
    followed.playbook, followed.offer, followed.account, held_out, variant, since, currency,
    case when told_before = 0 then 0 else paid end as monthly_before,
    case when told = 0 then 0 else pays end as monthly,
    case when told = 0 then 0 else pays end - case when told_before = 0 then 0 else paid end as revenue_change,
    converted_at, coalesce(purchases, 0) as purchases, left_at, tickets
from followed
left join buying on buying.playbook = followed.playbook and buying.account = followed.account
    and buying.offer is not distinct from followed.offer
"""
"""Each account once for each offer, and once for each playbook (``offer`` null), from its first decision on.

Held out or not is what that decision said; all that followed counts, whether or not anybody saw the offer (intention
to treat).
"""

OFFER_ARMS = """
create view offer_arms as
select
    playbook, offer, currency, held_out,
    count(*) as accounts,
    count(converted_at) as converted,
    count(left_at) as churned,
    count(*) filter (where tickets > 0) as with_ticket,
    sum(tickets)::bigint as tickets,
    sum(tickets * tickets)::bigint as tickets_squared,
    count(revenue_change) as priced,
    coalesce(sum(revenue_change), 0) as revenue_change,
    coalesce(sum(revenue_change * revenue_change), 0) as revenue_change_squared,
    min(since) as since
from offer_accounts
group by playbook, offer, currency, held_out
"""

OFFER_WEEKS = """
create view offer_weeks as
with lives as (
    select
        playbook, offer, offer_id, held_out, currency,
        date_trunc('week', min(made_at) at time zone 'UTC')::date as week,
        bool_or(change = 'presented') as presented,
        bool_or(change = 'clicked') as clicked,
        bool_or(change = 'accepted') as accepted,
        bool_or(change = 'dismissed') as dismissed,
        bool_or(change = 'snoozed') as snoozed,
        bool_or(change = 'expired') as expired,
        bool_or(change = 'revoked') as revoked
    from outcomes
    group by playbook, offer, offer_id, held_out, currency
), earned as (
    select offer_id, count(*) as conversions, sum(increase) as increase
    from conversions
    where offer_id is not null
    group by offer_id
)
select
    playbook, offer, week, currency,
    count(*) filter (where not held_out) as made,
    count(*) filter (where held_out) as held_out,
    count(*) filter (where presented and not held_out) as presented,
    count(*) filter (where clicked and not held_out) as clicked,
    count(*) filter (where accepted and not held_out) as accepted,
    count(*) filter (where dismissed and not held_out) as dismissed,
    count(*) filter (where snoozed and not held_out) as snoozed,
    count(*) filter (where expired and presented and not held_out) as ignored,
    count(*) filter (where expired and not presented and not held_out) as unseen,
    count(*) filter (where revoked and not held_out) as revoked,
    count(conversions) as converted,
    coalesce(sum(conversions), 0)::bigint as conversions,
    coalesce(sum(increase), 0) as increase
from lives
left join earned using (offer_id)
group by playbook, offer, week, currency
"""
"""Offers by the week (UTC, from Monday) in which they were made, and what has become of them until now."""


def upgrade() -> None:
    """Views alone."""
    for view in (OFFER_ACCOUNTS, OFFER_ARMS, OFFER_WEEKS):
        op.execute(view)


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
