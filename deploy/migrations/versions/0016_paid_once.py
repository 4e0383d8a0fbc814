"""Money that is paid once: with each fact that told of it, and with each conversion."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ACCOUNT_STEPS = """
create or replace view account_steps as
with told as (
    select
        source, fact_id, account, fact, at, value, monthly, once, currency, log_offset,
        value ->> 'plan' as plan,
        (value ->> 'seats')::numeric as seats,
        case when fact <> 'rung.product_bought' then value ->> 'term' end as term,
        max(log_offset) over so_far as newest,
        max(at) filter (where fact = 'rung.account_closed') over so_far as closed_at,
        max(at) filter (where fact in (
            'rung.account_created', 'rung.plan_changed', 'rung.product_bought', 'rung.cancel_withdrawn'
        )) over so_far as back_at,
        array_agg(value ->> 'plan') filter (where value ? 'plan') over before as plans_before,
        array_agg((value ->> 'seats')::numeric) filter (where value ? 'seats') over before as seats_before,
        array_agg(value ->> 'term') filter (
            where value ? 'term' and fact <> 'rung.product_bought'
        ) over before as terms_before
    from facts
    window
        so_far as (partition by account order by at, log_offset rows unbounded preceding),
        before as (
            partition by account order by at, log_offset rows between unbounded preceding and 1 preceding
        )
), known as (
    select
        source, fact_id, account, fact, at, value, plan, seats, term, log_offset,
        plans_before[cardinality(plans_before)] as plan_before,
        seats_before[cardinality(seats_before)] as seats_before,
        terms_before[cardinality(terms_before)] as term_before,
        closed_at is not null and (back_at is null or back_at <= closed_at) as closed,
        first_value(monthly) over alike as monthly,
        first_value(currency) over alike as currency,
        case when currency = first_value(currency) over alike then once end as once
    from told
    window alike as (partition by account, newest order by at, log_offset)
), paying as (
    select
        source, fact_id, account, fact, at, value, plan, seats, term, log_offset,
        plan_before, seats_before, term_before, closed, currency,
        case when closed then 0 else monthly end as monthly,
        coalesce(once, 0) as once
    from known
)
select
    source, fact_id, account, fact, at, value, plan, seats, term, log_offset,
    plan_before, seats_before, term_before, closed, currency, monthly,
    lag(monthly, 1, 0::numeric) over steps as monthly_before,
    lead(at) over steps as until,
    once
from paying
window steps as (partition by account order by at, log_offset)
"""
"""An account's facts in the order of event time, with what it paid a month before and since, and what each paid once.

A fact may be read later than one that happened after it. What the engine told with the one that it read last holds for
both: it alone knew both. What was paid once by a fact is that fact's own. A closed account pays nothing, whatever facts
come after, until one brings it back.
"""

PURCHASES = """
create or replace view purchases as
with judged as (
    select
        account, at, log_offset, source, fact_id, currency, monthly_before, monthly, once, value, plan, term,
        case
            when fact = 'rung.product_bought' then 'product'
            when fact = 'rung.plan_changed' and plan is distinct from plan_before then
                case when coalesce(monthly > monthly_before, true) then 'plan' end
            when fact = 'rung.plan_changed' and term <> term_before then
                case when coalesce(monthly <= monthly_before, true) then 'term' end
            when fact in ('rung.plan_changed', 'rung.seats_changed') and seats > seats_before then 'seats'
        end as kind
    from account_steps
)
select
    account, at, log_offset, source, fact_id, kind,
    case kind when 'product' then value ->> 'product' when 'plan' then plan when 'term' then term else 'seats' end
        as bought,
    currency, monthly_before, monthly, monthly - monthly_before as increase, once
from judged
where kind is not null
"""

CONVERSIONS = """
create or replace view conversions as
select distinct on (bought.account, bought.at, bought.log_offset, bought.source, bought.fact_id)
    bought.account, bought.at, bought.source, bought.fact_id, bought.kind, bought.bought,
    bought.currency, bought.monthly_before, bought.monthly, bought.increase,
    touched.offer_id, touched.offer, touched.playbook, touched.family, touched.verb, touched.target,
    touched.variant, touched.moment, touched.at as touched_at,
    bought.once
from purchases bought
cross join attribution
left join outcomes touched
    on touched.account = bought.account
    and not touched.held_out
    and touched.change = any (case attribution.touch
        when 'presented' then array['presented', 'clicked', 'accepted']
        when 'clicked' then array['clicked', 'accepted']
        else array['accepted']
    end)
    and touched.at <= bought.at
    and touched.at >= bought.at - make_interval(days => attribution.window_days)
    and (
        attribution.rule = 'last'
        or touched.target = bought.bought
        or touched.option = bought.bought
        or touched.verb = 'choose_from'
        or (touched.verb = 'seats' and bought.kind = 'seats')
        or (touched.verb = 'bundle' and bought.kind = 'product')
    )
order by bought.account, bought.at, bought.log_offset, bought.source, bought.fact_id,
    touched.at desc, touched.made_at desc, touched.offer_id desc, touched.sequence desc
"""

CREDITED_MONTHS = """
create or replace view credited_months as
select
    date_trunc('month', at at time zone 'UTC')::date as month, currency, playbook, offer,
    count(*) as conversions, count(distinct account) as accounts, coalesce(sum(increase), 0) as increase,
    count(*) filter (where increase is null) as unpriced, sum(once) as once
from conversions
group by date_trunc('month', at at time zone 'UTC'), currency, playbook, offer
"""

OFFER_WEEKS = """
create or replace view offer_weeks as
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
    select offer_id, count(*) as conversions, sum(increase) as increase, sum(once) as once
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
    coalesce(sum(increase), 0) as increase,
    coalesce(sum(once), 0) as once
from lives
left join earned using (offer_id)
group by playbook, offer, week, currency
"""


def upgrade() -> None:
    """A column that is empty in what was stored before, and views over it."""
    op.add_column("facts", sa.Column("once", sa.Numeric, comment="what this fact says was paid once, in currency"))
    for view in (ACCOUNT_STEPS, PURCHASES, CONVERSIONS, CREDITED_MONTHS, OFFER_WEEKS):
        op.execute(view)


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
