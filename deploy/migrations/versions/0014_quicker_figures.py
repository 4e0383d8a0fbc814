"""The same figures in a fraction of the time, and of accounts that never saw an offer how far they had come."""

from alembic import op

revision = "0014"
down_revision = "0013"

CONVERSIONS = """
create or replace view conversions as
select distinct on (bought.account, bought.at, bought.log_offset, bought.source, bought.fact_id)
    bought.account, bought.at, bought.source, bought.fact_id, bought.kind, bought.bought,
    bought.currency, bought.monthly_before, bought.monthly, bought.increase,
    touched.offer_id, touched.offer, touched.playbook, touched.family, touched.verb, touched.target,
    touched.variant, touched.moment, touched.at as touched_at
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
"""Each purchase once, with the offer that is given the credit; none when nothing was touched within the window.

One join of all purchases with all touches: to look up those of each purchase takes longer than to read them all.
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
        coalesce(sum(at_start) filter (where at_end is not null), 0) as at_start,
        coalesce(sum(at_end) filter (where at_start = 0 and cohort = month), 0) as new,
        coalesce(sum(at_end) filter (where at_start = 0 and cohort < month), 0) as back,
        coalesce(sum(at_end - at_start) filter (where at_start > 0 and at_end > at_start), 0) as expansion,
        coalesce(sum(at_start - at_end) filter (where at_end > 0 and at_end < at_start), 0) as contraction,
        coalesce(sum(at_start) filter (where at_start > 0 and at_end = 0), 0) as churn,
        coalesce(sum(at_end), 0) as at_end
    from account_months
    group by month, currency, cohort
), summed as (
    select
        month, currency, null::date as cohort, true as of_all, bool_and(complete) as complete,
        sum(accounts_at_start)::bigint as accounts_at_start, sum(accounts_at_end)::bigint as accounts_at_end,
        sum(accounts_new)::bigint as accounts_new, sum(accounts_back)::bigint as accounts_back,
        sum(accounts_expanded)::bigint as accounts_expanded, sum(accounts_contracted)::bigint as accounts_contracted,
        sum(accounts_churned)::bigint as accounts_churned, sum(accounts_unknown)::bigint as accounts_unknown,
        sum(at_start) as at_start, sum(at_end) as at_end, sum(new) as new, sum(back) as back,
        sum(expansion) as expansion, sum(contraction) as contraction, sum(churn) as churn
    from cohorts
    group by month, currency
    union all
    select
        month, currency, cohort, false, complete,
        accounts_at_start, accounts_at_end, accounts_new, accounts_back, accounts_expanded, accounts_contracted,
        accounts_churned, accounts_unknown, at_start, at_end, new, back, expansion, contraction, churn
    from cohorts
    where cohort is not null
)
select
    month, currency, cohort, of_all, complete,
    accounts_at_start, accounts_at_end, accounts_new, accounts_back, accounts_expanded, accounts_contracted,
    accounts_churned, accounts_unknown, at_start, new, back, expansion, contraction, churn, at_end,
    (at_start + expansion - contraction - churn) / nullif(at_start, 0) as nrr,
    (at_start - contraction - churn) / nullif(at_start, 0) as grr,
    expansion / nullif(at_end, 0) as expansion_share,
    at_end / nullif(accounts_at_end, 0) as per_customer,
    (at_start + expansion - contraction - churn) / nullif(at_start, 0) > 1.0 as above_100,
    (at_start + expansion - contraction - churn) / nullif(at_start, 0) > 1.2 as above_120
from summed
"""
"""Recurring revenue by UTC month and currency: of all accounts, whose ``cohort`` is null, and of each cohort.

Compared are the two ends of the month; accounts of which one is unknown are only counted. ``nrr`` and ``grr`` are of
what was paid at the start: net of expansion, and without it. All accounts are the sum of the cohorts, and of those that
never paid.
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
    case when told = 0 then 0 else pays end - case when told_before = 0 then 0 else paid end as revenue_change,
    converted_at, coalesce(purchases, 0) as purchases, left_at, tickets, version
from followed
left join buying on buying.account = followed.account and buying.playbook = followed.playbook
    and buying.offer is not distinct from followed.offer
"""
"""Each account once for each offer, and once for each playbook (``offer`` null), from its first decision on.

Held out or not, and under which ``version``, is what that decision said; all that followed counts, whether or not
anybody saw the offer (intention to treat).
"""

CONVERSION_BY_SEGMENT = """
create or replace view conversion_by_segment as
with credited as (
    select distinct offer_id from conversions where offer_id is not null
), shown as (
    select distinct on (outcomes.offer_id)
        account, segments, levels, report, plan, term, made_at,
        case
            when verb in ('upgrade_to', 'seats', 'term') then 'upsell'
            when verb in ('add', 'bundle') then 'cross_sell'
            else verb
        end as sort,
        (credited.offer_id is not null)::int as converted
    from outcomes
    left join credited using (offer_id)
    where change = 'presented' and not held_out
        and verb in ('upgrade_to', 'seats', 'term', 'add', 'bundle', 'choose_from')
    order by outcomes.offer_id, sequence
), alike as (
    select sort, segments, levels, report, plan, term, count(*) as offers, sum(converted) as converted
    from shown
    group by sort, segments, levels, report, plan, term
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
    select sort, 'all' as dimension, 'all' as value, offers, converted from alike
    union all
    select sort, 'segments', unnest(segments), offers, converted from alike
    union all
    select sort, 'levels.' || level.key, level.value, offers, converted
    from alike cross join jsonb_each_text(levels) level
    union all
    select sort, 'report.' || said.key, said.value, offers, converted
    from alike cross join jsonb_each_text(report) said
    union all
    select sort, 'account.plan', plan, offers, converted from alike where plan is not null
    union all
    select sort, 'account.term', term, offers, converted from alike where term is not null
    union all
    select sort, 'account.' || name, value, count(*), sum(converted)
    from shown
    join attributes on attributes.account = shown.account
        and at <= made_at and (until is null or until > made_at)
        and (type = 'boolean' or (type = 'string' and value !~ '^-?[0-9.]+$'))
    group by sort, name, value
)
select
    sort, dimension, value, sum(offers)::bigint as offers, sum(converted)::bigint as converted,
    sum(converted)::numeric / sum(offers) as rate
from described
group by sort, dimension, value
"""
"""Of offers that were presented, how many have the credit for a purchase, by what the account was when it was made.

Numbers are no segments: of what facts told, words and truths alone. Offers made to accounts that were alike in all are
counted before they are counted by each.
"""

NEVER_OFFERED = """
create or replace view never_offered as
with shown as (
    select distinct account from outcomes where change = 'presented' or held_out
), no_sales as (
    select distinct offer from outcomes where verb in ('highlight', 'nurture', 'task')
), unseen as (
    select
        account, at, decision_id, reason,
        case when jsonb_typeof(document -> 'candidates') = 'array' then document -> 'candidates' end as candidates,
        case when jsonb_typeof(document -> 'meters') = 'object' then document -> 'meters' end as meters
    from decisions
    where not exists (select from shown where shown.account = decisions.account)
), ready as (
    select account, min(at) as ready_since, array_agg(distinct candidate ->> 'offer') as offers
    from unseen
    cross join lateral jsonb_array_elements(candidates) candidate
    where candidate ->> 'stage' in ('within_bounds', 'arbitrated', 'held_out')
        and not exists (select from no_sales where no_sales.offer = candidate ->> 'offer')
    group by account
), known as (
    select account, jsonb_object_agg(meter.key, meter.value order by at, decision_id) as meters
    from unseen
    join ready using (account)
    cross join lateral jsonb_each(meters) meter
    group by account
)
select
    ready.account, ready.ready_since,
    greatest((select at from told_until), (select max(at) from unseen)) - ready.ready_since as waited,
    count(*) as decisions,
    mode() within group (order by unseen.reason) as most_often,
    ready.offers, coalesce(known.meters, '{}') as meters
from ready
join unseen on unseen.account = ready.account and unseen.at >= ready.ready_since
left join known on known.account = ready.account
group by ready.account, ready.ready_since, ready.offers, known.meters
"""
"""Accounts that once had got so far that no ``not_before`` kept a sale from them, and that never saw an offer since.

Those held out are not among them: they are to see none. ``most_often``: the reason of most of the decisions since.
``offers``: those that no ``not_before`` kept from it; ``meters``: each as the newest decision that told it knew it.
"""


def upgrade() -> None:
    """Views alone."""
    for view in (CONVERSIONS, REVENUE_MONTHS, OFFER_ACCOUNTS, CONVERSION_BY_SEGMENT, NEVER_OFFERED):
        op.execute(view)


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
