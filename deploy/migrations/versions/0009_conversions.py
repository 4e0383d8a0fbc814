"""Conversions: what accounts bought, and which offer is given the credit."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ACCOUNT_STEPS = """
create view account_steps as
with told as (
    select
        source, fact_id, account, fact, at, value, monthly, currency, log_offset,
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
        first_value(currency) over alike as currency
    from told
    window alike as (partition by account, newest order by at, log_offset)
), paying as (
    select
        source, fact_id, account, fact, at, value, plan, seats, term, log_offset,
        plan_before, seats_before, term_before, closed, currency,
        case when closed then 0 else monthly end as monthly
    from known
)
select
    *,
    lag(monthly, 1, 0::numeric) over steps as monthly_before,
    lead(at) over steps as until
from paying
window steps as (partition by account order by at, log_offset)
"""
"""An account's facts in the order of event time, with what it paid a month before and since.

A fact may be read later than one that happened after it. What the engine told with the one that it read last holds for
both: it alone knew both. A closed account pays nothing, whatever facts come after, until one brings it back.
"""

PURCHASES = """
create view purchases as
with judged as (
    select
        account, at, log_offset, source, fact_id, currency, monthly_before, monthly, value, plan, term,
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
    currency, monthly_before, monthly, monthly - monthly_before as increase
from judged
where kind is not null
"""
"""Facts by which an account has more than before: a product, a plan that costs more, a longer term, more seats.

A longer term is known by costing no more a month. Where a price is unknown, a change counts as one to more.
"""

CONVERSIONS = """
create view conversions as
select
    bought.account, bought.at, bought.source, bought.fact_id, bought.kind, bought.bought,
    bought.currency, bought.monthly_before, bought.monthly, bought.increase,
    touched.offer_id, touched.offer, touched.playbook, touched.family, touched.verb, touched.target,
    touched.variant, touched.moment, touched.at as touched_at
from purchases bought
cross join attribution
left join lateral (
    select outcomes.*
    from outcomes
    where outcomes.account = bought.account
        and not outcomes.held_out
        and outcomes.change = any (case attribution.touch
            when 'presented' then array['presented', 'clicked', 'accepted']
            when 'clicked' then array['clicked', 'accepted']
            else array['accepted']
        end)
        and outcomes.at <= bought.at
        and outcomes.at >= bought.at - make_interval(days => attribution.window_days)
        and (
            attribution.rule = 'last'
            or outcomes.target = bought.bought
            or outcomes.option = bought.bought
            or outcomes.verb = 'choose_from'
            or (outcomes.verb = 'seats' and bought.kind = 'seats')
            or (outcomes.verb = 'bundle' and bought.kind = 'product')
        )
    order by outcomes.at desc, outcomes.made_at desc, outcomes.offer_id desc, outcomes.sequence desc
    limit 1
) touched on true
"""
"""Each purchase once, with the offer that is given the credit; none when nothing was touched within the window."""


def upgrade() -> None:
    """What facts cost, how credit is given, and the views that follow from both: nothing is kept twice."""
    op.add_column(
        "facts",
        sa.Column("monthly", sa.Numeric, comment="what the account pays a month since, in currency; null: unknown"),
    )
    op.add_column("facts", sa.Column("currency", sa.Text(collation="C")))
    op.add_column("facts", sa.Column("log_offset", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "attribution",
        sa.Column("only_row", sa.Boolean, primary_key=True, server_default=sa.true()),
        sa.Column("window_days", sa.Integer, nullable=False, server_default="30"),
        sa.Column("touch", sa.Text, nullable=False, server_default="presented"),
        sa.Column("rule", sa.Text, nullable=False, server_default="last"),
        sa.CheckConstraint("only_row"),
        sa.CheckConstraint("window_days >= 0"),
        sa.CheckConstraint("touch in ('presented', 'clicked', 'accepted')"),
        sa.CheckConstraint("rule in ('last', 'last_that_proposed')"),
    )
    op.execute("insert into attribution default values")
    for view in (ACCOUNT_STEPS, PURCHASES, CONVERSIONS):
        op.execute(view)


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
