"""What the metrics sink keeps: outcomes, facts, decisions, how far it has read, and the funnel that they make."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

ID = sa.Text(collation="C")  # ids are compared byte by byte and never sorted for people
INSTANT = sa.DateTime(timezone=True)

OFFER_FUNNEL = """
create view offer_funnel as
with lives as (
    select
        playbook, offer, offer_id, held_out,
        bool_or(change = 'made') as made,
        bool_or(change = 'presented') as presented,
        bool_or(change = 'clicked') as clicked,
        bool_or(change = 'accepted') as accepted,
        bool_or(change = 'dismissed') as dismissed,
        bool_or(change = 'snoozed') as snoozed,
        bool_or(change = 'expired') as expired,
        bool_or(change = 'revoked') as revoked
    from outcomes
    group by playbook, offer, offer_id, held_out
), counted as (
    select
        playbook, offer,
        count(*) filter (where made and not held_out) as made,
        count(*) filter (where presented and not held_out) as presented,
        count(*) filter (where clicked and not held_out) as clicked,
        count(*) filter (where accepted and not held_out) as accepted,
        count(*) filter (where dismissed and not held_out) as dismissed,
        count(*) filter (where snoozed and not held_out) as snoozed,
        count(*) filter (where expired and not held_out) as expired,
        count(*) filter (where revoked and not held_out) as revoked,
        count(*) filter (where made and held_out) as held_out
    from lives
    group by playbook, offer
)
select
    *,
    presented::numeric / nullif(made, 0) as presented_rate,
    clicked::numeric / nullif(presented, 0) as clicked_rate,
    accepted::numeric / nullif(presented, 0) as accepted_rate,
    dismissed::numeric / nullif(presented, 0) as dismissed_rate
from counted
"""
"""Each offer counts once in each column, however often it was changed or snoozed; a rate of nothing is null."""


def upgrade() -> None:
    """Each table has the key that makes a repeated message change nothing."""
    _outcomes()
    _facts()
    _decisions()
    for positions in ("outcome_positions", "decision_positions"):
        op.create_table(
            positions,
            sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("next_offset", sa.BigInteger, nullable=False),
        )
    op.execute(OFFER_FUNNEL)


def _outcomes() -> None:
    """One row for each change of each offer, wide: no analysis has to look anything up."""
    op.create_table(
        "outcomes",
        sa.Column("offer_id", ID, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("offer", ID, nullable=False),
        sa.Column("playbook", ID, nullable=False),
        sa.Column("family", ID, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("target", ID, nullable=False),
        sa.Column("moment", ID, nullable=False),
        sa.Column("moment_kind", sa.Text, nullable=False),
        sa.Column("step", sa.Numeric),
        sa.Column("for_user", ID),
        sa.Column("by_user", ID),
        sa.Column("placement", ID),
        sa.Column("option", ID),
        sa.Column("reason", ID),
        sa.Column("plan", ID),
        sa.Column("term", ID),
        sa.Column("seats", sa.BigInteger),
        sa.Column("segments", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("levels", postgresql.JSONB, nullable=False),
        sa.Column("price_difference", sa.Numeric, comment="per month, whole account, list price, in currency"),
        sa.Column("currency", ID),
        sa.Column("held_out", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("decision_id", ID, nullable=False),
    )
    op.create_index("outcomes_account", "outcomes", ["account"])


def _facts() -> None:
    """Account facts that the engine accepted, for conversions."""
    op.create_table(
        "facts",
        sa.Column("source", ID, primary_key=True),
        sa.Column("fact_id", ID, primary_key=True),
        sa.Column("account", ID, nullable=False),
        sa.Column("fact", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("value", postgresql.JSONB, nullable=False),
    )
    op.create_index("facts_account_at", "facts", ["account", "at"])


def _decisions() -> None:
    """What was decided, also when it was nothing; the whole record beside what is counted by."""
    op.create_table(
        "decisions",
        sa.Column("decision_id", ID, primary_key=True),
        sa.Column("account", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("document", postgresql.JSONB, nullable=False),
    )
    op.create_index("decisions_account_at", "decisions", ["account", "at"])


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
