"""Who converts, what credit comes to, what withholds offers, and whom none ever reached."""

from alembic import op

revision = "0012"
down_revision = "0011"

CREDITED_MONTHS = """
create view credited_months as
select
    date_trunc('month', at at time zone 'UTC')::date as month, currency, playbook, offer,
    count(*) as conversions, count(distinct account) as accounts, coalesce(sum(increase), 0) as increase,
    count(*) filter (where increase is null) as unpriced
from conversions
group by date_trunc('month', at at time zone 'UTC'), currency, playbook, offer
"""

CONVERSION_BY_SEGMENT = """
create view conversion_by_segment as
with shown as (
    select distinct on (offer_id)
        offer_id, account, segments, levels, report, plan, term, made_at,
        case
            when verb in ('upgrade_to', 'seats', 'term') then 'upsell'
            when verb in ('add', 'bundle') then 'cross_sell'
            else verb
        end as sort
    from outcomes
    where change = 'presented' and not held_out
        and verb in ('upgrade_to', 'seats', 'term', 'add', 'bundle', 'choose_from')
    order by offer_id, sequence
), told as (
    select account, at, log_offset, value ->> 'name' as name, value -> 'value' as value
    from facts where fact = 'rung.attribute_set'
    union all
    select account, at, log_offset, attribute.key, attribute.value
    from facts
    cross join lateral jsonb_each(
        case when jsonb_typeof(value -> 'attributes') = 'object' then value -> 'attributes' end
    ) attribute
    where fact = 'rung.account_created'
), attributes as (
    select
        account, name, value #>> '{}' as value, jsonb_typeof(value) as type, at,
        lead(at) over (partition by account, name order by at, log_offset) as until
    from told
), described as (
    select offer_id, 'all' as dimension, 'all' as value from shown
    union all
    select offer_id, 'segments', unnest(segments) from shown
    union all
    select offer_id, 'levels.' || level.key, level.value from shown cross join jsonb_each_text(levels) level
    union all
    select offer_id, 'report.' || said.key, said.value from shown cross join jsonb_each_text(report) said
    union all
    select offer_id, 'account.plan', plan from shown where plan is not null
    union all
    select offer_id, 'account.term', term from shown where term is not null
    union all
    select offer_id, 'account.' || name, value
    from shown
    join attributes on attributes.account = shown.account
        and at <= made_at and (until is null or until > made_at)
        and (type = 'boolean' or (type = 'string' and value !~ '^-?[0-9.]+$'))
), credited as (
    select distinct offer_id from conversions where offer_id is not null
)
select
    sort, dimension, value, count(*) as offers, count(credited.offer_id) as converted,
    count(credited.offer_id)::numeric / count(*) as rate
from shown
join described using (offer_id)
left join credited using (offer_id)
group by sort, dimension, value
"""
"""Of offers that were presented, how many have the credit for a purchase, by what the account was when it was made.

Numbers are no segments: of what facts told, words and truths alone.
"""

OFFER_REASONS = """
create view offer_reasons as
select
    candidate ->> 'offer' as offer, candidate ->> 'stage' as stage, candidate ->> 'reason' as reason,
    count(distinct decision_id) as decisions, count(distinct account) as accounts
from decisions
cross join lateral jsonb_array_elements(
    case when jsonb_typeof(document -> 'candidates') = 'array' then document -> 'candidates' end
) candidate
group by candidate ->> 'offer', candidate ->> 'stage', candidate ->> 'reason'
"""

NEVER_OFFERED = """
create view never_offered as
with reached as (
    select decisions.account, decisions.at, candidate ->> 'offer' as offer, candidate ->> 'reason' as reason
    from decisions
    cross join lateral jsonb_array_elements(
        case when jsonb_typeof(document -> 'candidates') = 'array' then document -> 'candidates' end
    ) candidate
    where candidate ->> 'stage' in ('within_bounds', 'arbitrated', 'held_out')
        and not exists (
            select from outcomes
            where outcomes.offer = candidate ->> 'offer' and outcomes.verb in ('highlight', 'nurture', 'task')
        )
), ready as (
    select account, min(at) as ready_since from reached group by account
), unseen as (
    select ready.account, ready.ready_since
    from ready
    where not exists (
        select from outcomes
        where outcomes.account = ready.account and (outcomes.change = 'presented' or outcomes.held_out)
    )
)
select
    unseen.account, unseen.ready_since,
    (select at from told_until) - unseen.ready_since as waited,
    count(*) as decisions,
    mode() within group (order by decisions.reason) as most_often
from unseen
join decisions on decisions.account = unseen.account and decisions.at >= unseen.ready_since
group by unseen.account, unseen.ready_since
"""
"""Accounts that once had got so far that no ``not_before`` kept a sale from them, and that never saw an offer since.

Those held out are not among them: they are to see none. ``most_often``: the reason of most of the decisions since.
"""

CHURN_AFTER_CROSS_SELL = """
create view churn_after_cross_sell as
with first as (
    select account, date_trunc('month', min(since) at time zone 'UTC')::date as month
    from account_products group by account
)
select
    case when account_months.month > first.month then
        (extract(year from account_months.month) - extract(year from first.month))::int * 12
        + (extract(month from account_months.month) - extract(month from first.month))::int
    end as months_after,
    count(*) as accounts,
    count(*) filter (where at_end = 0) as churned,
    count(*) filter (where at_end = 0)::numeric / count(*) as rate
from account_months
left join first using (account)
where complete and at_start > 0 and at_end is not null
group by 1
"""
"""Of accounts that paid at the start of a month, how many were gone at its end, so many months after the month in which
they bought their first product beside the plan; null: they had not, or just then.
"""


def upgrade() -> None:
    """Views alone."""
    for view in (CREDITED_MONTHS, CONVERSION_BY_SEGMENT, OFFER_REASONS, NEVER_OFFERED, CHURN_AFTER_CROSS_SELL):
        op.execute(view)


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
