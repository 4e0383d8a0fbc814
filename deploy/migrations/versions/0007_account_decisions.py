"""Decisions as the offer API tells operators of them, and which accounts were erased, for it alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

ID = sa.Text(collation="C")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The metrics sink has decisions of its own, for figures: each service owns what it reads."""
    op.create_table(
        "account_decisions",
        sa.Column("account", ID, primary_key=True),
        sa.Column("decision_id", ID, primary_key=True),
        sa.Column("log_offset", sa.BigInteger, nullable=False, comment="an account lies in one partition: its order"),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("offer_id", ID),
        sa.Column("offers", postgresql.ARRAY(sa.Text), nullable=False, comment="names of all that competed"),
        sa.Column("document", postgresql.JSONB, nullable=False),
    )
    op.create_index("account_decisions_newest", "account_decisions", ["account", "log_offset"])
    # what is older than the log keeps is deleted, too
    op.create_index("account_decisions_at", "account_decisions", ["at"])
    op.create_table(
        "account_decision_positions",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "account_erasures",
        sa.Column("account_hash", sa.LargeBinary, primary_key=True, comment="blake2b of the account id, 16 bytes"),
        sa.Column("judged_at", INSTANT, nullable=False, comment="the engine's time: what it decided until then"),
        sa.Column("log_offset", sa.BigInteger, nullable=False, comment="where in rung.offers it was told"),
    )


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
