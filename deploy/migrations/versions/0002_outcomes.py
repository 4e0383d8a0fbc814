"""What the metrics sink keeps: outcomes, facts, decisions, and how far it has read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None


def upgrade() -> None:
    """Tables of the numbers, each with the key that makes a repeated message change nothing."""
    op.create_table(
        "outcome_positions",
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )
