"""By what the results of an offer are told apart: what the account was when it was made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Of offers made before nothing is known: empty."""
    op.add_column("outcomes", sa.Column("report", JSONB, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
