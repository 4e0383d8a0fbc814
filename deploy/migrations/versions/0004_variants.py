"""Which variant of its content an offer was shown in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Offers made before had no variants: null."""
    op.add_column("outcomes", sa.Column("variant", sa.Text(collation="C")))


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
