"""Revenue: what accounts pay at the end of each month, what became of it, and what it is worth."""

from alembic import op

revision = "0010"
down_revision = "0009"

TOLD_UNTIL = """
create view told_until as
select max(at) as at
from (select max(at) as at from facts union all select max(at) as at from outcomes) newest
"""
"""Up to when the logs tell: figures end there, and not at the clock of whoever asks, so a rebuilt database agrees."""

ACCOUNT_MONTHS = """
create view account_months as
with ends as (
    select account, currency, monthly, month_end
    from account_steps
    cross join told_until
    cross join lateral generate_series(
        date_trunc('month', account_steps.at at time zone 'UTC') + interval '1 month',
        case
            when account_steps.until is null
                then date_trunc('month', told_until.at at time zone 'UTC') + interval '1 month'
            else date_trunc('month', account_steps.until at time zone 'UTC')
        end,
        interval '1 month'
    ) as month_end
)
select
    account, currency,
    (month_end - interval '1 month')::date as month,
    month_end at time zone 'UTC' <= (select at from told_until) as complete,
    case when lag(currency, 1, currency) over months is not distinct from currency
        then lag(monthly, 1, 0::numeric) over months end as at_start,
    monthly as at_end,
    (min(month_end) filter (where monthly > 0) over (partition by account) - interval '1 month')::date as cohort
from ends
window months as (partition by account order by month_end)
"""
"""Of each account and month, what it paid a month at the start and the end of it; null where that is unknown.

``cohort`` is the month at whose end it paid for the first time. The last month is not ``complete``.
"""

REVENUE_MONTHS = """
create view revenue_months as
with summed as (
    select
        month, currency, cohort, grouping(cohort) = 1 as of_all, bool_and(complete) as complete,
        count(*) filter (where at_start > 0) as accounts_at_start,
        count(*) filter (where at_end > 0) as accounts_at_end,
        count(*) filter (where at_start = 0 and at_end > 0 and cohort = month) as accounts_new,
        count(*) filter (where at_start = 0 and at_end > 0 and cohort < month) as accounts_back,
        count(*) filter (where at_start > 0 and at_end > at_start) as accounts_expanded,
        count(*) filter (where at_end > 0 and at_end < at_start) as accounts_contracted,
        count(*) filter (where at_start > 0 and at_end = 0) as accounts_churned,
        count(*) filter (where at_start is null or at_end is null) as accounts_unknown,
        coalesce(sum(at_start) filter (where at_end is not null), 0) as at_start,
        coalesce(sum(at_end) filter (where at_start = 0 and cohort = month), 0) as new,
        coalesce(sum(at_end) filter (where at_start = 0 and cohort < month), 0) as back,
        coalesce(sum(at_end - at_start) filter (where at_start > 0 and at_end > at_start), 0) as expansion,
        coalesce(sum(at_start - at_end) filter (where at_end > 0 and at_end < at_start), 0) as contraction,
        coalesce(sum(at_start) filter (where at_start > 0 and at_end = 0), 0) as churn,
        coalesce(sum(at_end), 0) as at_end
    from account_months
    group by grouping sets ((month, currency), (month, currency, cohort))
), rated as (
    select
        *,
        (at_start + expansion - contraction - churn) / nullif(at_start, 0) as nrr,
        (at_start - contraction - churn) / nullif(at_start, 0) as grr,
        expansion / nullif(at_end, 0) as expansion_share,
        at_end / nullif(accounts_at_end, 0) as per_customer
    from summed
    where of_all or cohort is not null
)
select *, nrr > 1.0 as above_100, nrr > 1.2 as above_120 from rated
"""
"""Recurring revenue by UTC month and currency: of all accounts, whose ``cohort`` is null, and of each cohort.

Compared are the two ends of the month; accounts of which one is unknown are only counted. ``nrr`` and ``grr`` are of
what was paid at the start: net of expansion, and without it.
"""

ACCOUNT_PRODUCTS = """
create view account_products as
select account, product, at as since, until
from (
    select
        account, fact, value ->> 'product' as product, at,
        lead(at) over (partition by account, value ->> 'product' order by at, log_offset) as until
    from facts
    where fact in ('rung.product_bought', 'rung.product_ended')
) told
where fact = 'rung.product_bought'
"""
"""Products beside the plan, each from when it was bought to when it was bought again or ended."""

ACCOUNT_VALUES = """
create view account_values as
with paid as (
    select
        account, currency,
        min(month) filter (where at_end > 0) as first_month,
        count(*) filter (where at_end > 0 and complete) as months_paid,
        coalesce(sum(at_end) filter (where complete), 0) as lifetime_value
    from account_months
    group by account, currency
), owned as (
    select account, count(distinct product) filter (where until is null) as products
    from account_products
    group by account
), newest as (
    select account, monthly, closed from account_steps where until is null
)
select
    paid.account, paid.currency, paid.first_month, paid.months_paid, paid.lifetime_value,
    case when newest.closed then 0 else coalesce(owned.products, 0) end as products, newest.monthly, newest.closed
from paid
join newest using (account)
left join owned using (account)
where paid.first_month is not null
"""
"""Accounts that have paid: what they paid in all, at the end of each complete month, and what they have now."""

RETENTION_BY_PRODUCTS = """
create view retention_by_products as
with owning as (
    select
        account_months.account, month, complete, at_end,
        count(distinct account_products.product) as products
    from account_months
    left join account_products
        on account_products.account = account_months.account
        and since < month::timestamp at time zone 'UTC'
        and (until is null or until >= month::timestamp at time zone 'UTC')
    where at_start > 0 and at_end is not null
    group by account_months.account, month, complete, at_end
)
select
    month, complete, products, count(*) as accounts, count(*) filter (where at_end > 0) as retained,
    count(*) filter (where at_end > 0)::numeric / count(*) as rate
from owning
group by month, complete, products
"""
"""Of the accounts that paid at the start of a month, how many pay at its end, by products owned at the start."""

EXPANSION_TIMES = """
create view expansion_times as
with steps as materialized (
    select account, at, monthly from account_steps
), began as (
    select account, min(at) as started_at from steps where monthly > 0 group by account
), expansions as (
    select began.account, min(purchases.at) as at
    from began join purchases on purchases.account = began.account and purchases.at > began.started_at
    group by began.account
), leaving as (
    select began.account, min(steps.at) as at
    from began join steps on steps.account = began.account and steps.at > began.started_at and steps.monthly = 0
    group by began.account
)
select
    account, started_at,
    least(expansions.at, leaving.at, told_until.at) as until,
    coalesce(expansions.at < coalesce(leaving.at, 'infinity'), false) as expanded,
    extract(epoch from least(expansions.at, leaving.at, told_until.at) - started_at)::numeric / 86400 as days
from began
cross join told_until
left join expansions using (account)
left join leaving using (account)
"""
"""How long after an account began to pay it bought something more; not ``expanded``: it left, or still waits."""


def upgrade() -> None:
    """Views alone."""
    for view in (
        TOLD_UNTIL,
        ACCOUNT_MONTHS,
        REVENUE_MONTHS,
        ACCOUNT_PRODUCTS,
        ACCOUNT_VALUES,
        RETENTION_BY_PRODUCTS,
        EXPANSION_TIMES,
    ):
        op.execute(view)


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
