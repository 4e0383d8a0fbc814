"""Keys of services and operators, as hashes: whoever reads this table can not act as one of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """One row a key; a revoked one stays, so that the log of who asked keeps its names."""
    op.create_table(
        "service_keys",
        sa.Column("key_id", sa.Text(collation="C"), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text), nullable=False),
        # of 256 random bits: nothing to guess, so a slow hash would only be slow
        sa.Column("secret_hash", sa.LargeBinary, nullable=False, comment="SHA-256"),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
    )


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
