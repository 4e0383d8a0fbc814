"""Offers as the offer API shows them, and how far its copy of the log reaches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """``offers``: one row an offer, newest state. ``offer_positions``: one row a partition, moved with the rows."""
    op.create_table(
        "offers",
        # ids are compared byte by byte and never sorted for people
        sa.Column("account", sa.Text(collation="C"), primary_key=True),
        sa.Column("offer_id", sa.Text(collation="C"), primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("over", sa.Boolean, nullable=False),
        sa.Column("snoozed_until", sa.DateTime(timezone=True)),
        sa.Column("changed_offset", sa.BigInteger, nullable=False),
        sa.Column("reported", sa.Text),
        sa.Column("reported_id", sa.Text),
        sa.Column("reported_until", sa.DateTime(timezone=True)),
        sa.Column("taken", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("offer", postgresql.JSONB, nullable=False),
    )
    # what a front end asks for again and again; the ended ones of an account outnumber the open ones in time
    op.create_index("offers_not_over", "offers", ["account"], postgresql_where=sa.text("not over"))
    op.create_table(
        "offer_positions",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
