"""Money that is paid once, in each figure of what was earned; those of what recurs stay as they were."""

from alembic import op

revision = "0017"
down_revision = "0016"

ACCOUNT_MONTHS = """
create or replace view account_months as
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
), paid_once as (
    select
        account, currency, date_trunc('month', at at time zone 'UTC') + interval '1 month' as month_end,
        sum(once) as once
    from facts
    where once > 0
    group by account, currency, date_trunc('month', at at time zone 'UTC')
)
select
    account, currency,
    (month_end - interval '1 month')::date as month,
    month_end at time zone 'UTC' <= (select at from told_until) as complete,
    case when lag(currency, 1, currency) over months is not distinct from currency
        then lag(monthly, 1, 0::numeric) over months end as at_start,
    monthly as at_end,
    (min(month_end) filter (where monthly > 0) over (partition by account) - interval '1 month')::date as cohort,
    coalesce(once, 0) as once
from ends
left join paid_once using (account, currency, month_end)
window months as (partition by account order by month_end)
"""
"""Of each account and month, what it paid a month at the start and the end of it; null where that is unknown.

``once`` is what it paid once in it, in the currency that it ended with. ``cohort`` is the month at whose end it paid by
the month for the first time. The last month is not ``complete``.
"""

REVENUE_MONTHS = """
create or replace view revenue_months as
with cohorts as (
    select
        month, currency, cohort, bool_and(complete) as complete,
        count(*) filter (where at_start > 0) as accounts_at_start,
        count(*) filter (where at_end > 0) as accounts_at_end,
        count(*) filter (where at_start = 0 and at_end > 0 and cohort = month) as accounts_new,
        count(*) filter (where at_start = 0 and at_end > 0 and cohort < month) as accounts_back,
        count(*) filter (where at_start > 0 and at_end > at_start) as accounts_expanded,
        count(*) filter (where at_end > 0 and at_end < at_start) as accounts_contracted,
        count(*) filter (where at_start > 0 and at_end = 0) as accounts_churned,
        count(*) filter (where at_start is null or at_end is null) as accounts_unknown,
        count(*) filter (where at_end > 0 or once > 0) as accounts_paying,
        coalesce(sum(at_start) filter (where at_end is not null), 0) as at_start,
        coalesce(sum(at_end) filter (where at_start = 0 and cohort = month), 0) as new,
        coalesce(sum(at_end) filter (where at_start = 0 and cohort < month), 0) as back,
        coalesce(sum(at_end - at_start) filter (where at_start > 0 and at_end > at_start), 0) as expansion,
        coalesce(sum(at_start - at_end) filter (where at_end > 0 and at_end < at_start), 0) as contraction,
        coalesce(sum(at_start) filter (where at_start > 0 and at_end = 0), 0) as churn,
        coalesce(sum(at_end), 0) as at_end,
        sum(once) as once
    from account_months
    group by month, currency, cohort
), summed as (
    select
        month, currency, null::date as cohort, true as of_all, bool_and(complete) as complete,
        sum(accounts_at_start)::bigint as accounts_at_start, sum(accounts_at_end)::bigint as accounts_at_end,
        sum(accounts_new)::bigint as accounts_new, sum(accounts_back)::bigint as accounts_back,
        sum(accounts_expanded)::bigint as accounts_expanded, sum(accounts_contracted)::bigint as accounts_contracted,
        sum(accounts_churned)::bigint as accounts_churned, sum(accounts_unknown)::bigint as accounts_unknown,
        sum(accounts_paying)::bigint as accounts_paying,
        sum(at_start) as at_start, sum(at_end) as at_end, sum(new) as new, sum(back) as back,
        sum(expansion) as expansion, sum(contraction) as contraction, sum(churn) as churn, sum(once) as once
    from cohorts
    group by month, currency
    union all
    select
        month, currency, cohort, false, complete,
        accounts_at_start, accounts_at_end, accounts_new, accounts_back, accounts_expanded, accounts_contracted,
        accounts_churned, accounts_unknown, accounts_paying, at_start, at_end, new, back, expansion, contraction,
        churn, once
    from cohorts
    where cohort is not null
)
select
    month, currency, cohort, of_all, complete,
    accounts_at_start, accounts_at_end, accounts_new, accounts_back, accounts_expanded, accounts_contracted,
    accounts_churned, accounts_unknown, at_start, new, back, expansion, contraction, churn, at_end,
    (at_start + expansion - contraction - churn) / nullif(at_start, 0) as nrr,
    (at_start - contraction - churn) / nullif(at_start, 0) as grr,
    expansion / nullif(at_end + once, 0) as expansion_share,
    (at_end + once) / nullif(accounts_paying, 0) as per_customer,
    (at_start + expansion - contraction - churn) / nullif(at_start, 0) > 1.0 as above_100,
    (at_start + expansion - contraction - churn) / nullif(at_start, 0) > 1.2 as above_120,
    once, at_end + once as revenue, accounts_paying
from summed
"""
"""Revenue by UTC month and currency: of all accounts, whose ``cohort`` is null, and of each cohort.

Of what recurs the two ends of the month are compared; accounts of which one is unknown are only counted. ``nrr`` and
``grr`` are of what was paid at the start: net of expansion, and without it. ``revenue`` is all that the month brought:
what recurs, as at its end, and what was paid once in it. All accounts are the sum of the cohorts, and of those that
never paid by the month.
"""

ACCOUNT_VALUES = """
create or replace view account_values as
with paid as (
    select
        account, currency,
        min(month) filter (where at_end > 0 or once > 0) as first_month,
        count(*) filter (where at_end > 0 and complete) as months_paid,
        coalesce(sum(at_end) filter (where complete), 0) + sum(once) as lifetime_value,
        sum(once) as once
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
    case when newest.closed then 0 else coalesce(owned.products, 0) end as products, newest.monthly, newest.closed,
    paid.once
from paid
join newest using (account)
left join owned using (account)
where paid.first_month is not null
"""
"""Accounts that have paid: what they paid in all, at the ends of complete months and once, and what they have now."""

EXPANSION_TIMES = """
create or replace view expansion_times as
with steps as materialized (
    select account, at, monthly, monthly_before, once, closed from account_steps
), began as (
    select account, min(at) as started_at from steps where monthly > 0 or once > 0 group by account
), expansions as (
    select began.account, min(purchases.at) as at
    from began join purchases on purchases.account = began.account and purchases.at > began.started_at
    group by began.account
), leaving as (
    select began.account, min(steps.at) as at
    from began join steps on steps.account = began.account and steps.at > began.started_at
        and (steps.closed or (steps.monthly = 0 and coalesce(steps.monthly_before > 0, true)))
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
"""How long after an account began to pay it bought something more; not ``expanded``: it left, or still waits.

Who has paid once and pays nothing a month has not left, until it is closed.
"""

OFFER_ACCOUNTS = """
create or replace view offer_accounts as
with first_of_offer as (
    select distinct on (account, offer, playbook)
        playbook, offer, account, held_out, variant, currency, made_at as since, version, offer_id
    from outcomes where change = 'made'
    order by account, offer, playbook, made_at, offer_id
), first as (
    select * from first_of_offer
    union all
    (
        select distinct on (account, playbook)
            playbook, null, account, held_out, null, currency, since, version, offer_id
        from first_of_offer
        order by account, playbook, since, offer_id
    )
), followed as (
    select
        first.playbook, first.offer, first.account, first.held_out, first.variant, first.currency, first.since,
        first.version,
        count(*) filter (where steps.at <= first.since) as told_before,
        max(steps.monthly) filter (
            where steps.at <= first.since and (steps.until is null or steps.until > first.since)
        ) as paid,
        count(steps.account) as told,
        max(steps.monthly) filter (where steps.until is null) as pays,
        coalesce(sum(steps.once) filter (where steps.at > first.since and steps.currency = first.currency), 0) as once,
        min(steps.at) filter (
            where steps.at > first.since and (steps.closed or (steps.monthly = 0 and steps.monthly_before > 0))
        ) as left_at,
        count(*) filter (where steps.at > first.since and steps.fact = 'rung.ticket_opened') as tickets
    from first
    left join account_steps steps on steps.account = first.account
    group by
        first.account, first.offer, first.playbook, first.held_out, first.variant, first.currency, first.since,
        first.version
), buying as (
    select first.playbook, first.offer, first.account, min(purchases.at) as converted_at, count(*) as purchases
    from first
    join purchases on purchases.account = first.account and purchases.at > first.since
    group by first.account, first.offer, first.playbook
)
select
    followed.playbook, followed.offer, followed.account, held_out, variant, since, currency,
    case when told_before = 0 then 0 else paid end as monthly_before,
    case when told = 0 then 0 else pays end as monthly,
    case when told = 0 then 0 else pays end - case when told_before = 0 then 0 else paid end
        + case when once = 0 then 0
            else once / greatest(1, extract(epoch from (select at from told_until) - since) / (30 * 86400)) end
        as revenue_change,
    converted_at, coalesce(purchases, 0) as purchases, left_at, tickets, version, once
from followed
left join buying on buying.account = followed.account and buying.playbook = followed.playbook
    and buying.offer is not distinct from followed.offer
"""
"""Each account once for each offer, and once for each playbook (``offer`` null), from its first decision on.

Held out or not, and under which ``version``, is what that decision said; all that followed counts, whether or not
anybody saw the offer (intention to treat). ``revenue_change`` is money a month: what was paid ``once`` since is spread
over the time since, in months of 30 days and over one at least.
"""


def upgrade() -> None:
    """Views alone."""
    for view in (ACCOUNT_MONTHS, REVENUE_MONTHS, ACCOUNT_VALUES, EXPANSION_TIMES, OFFER_ACCOUNTS):
        op.execute(view)


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
