"""That an account was erased, so that what is read of it afterwards and was written before is not added again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """One row an account, kept for ever; the digest does not tell which account it is."""
    op.create_table(
        "erasures",
        sa.Column("account_hash", sa.LargeBinary, primary_key=True, comment="blake2b of the account id, 16 bytes"),
        sa.Column("asked_at", INSTANT, nullable=False, comment="event time: facts up to it are of before"),
        sa.Column("judged_at", INSTANT, nullable=False, comment="the engine's time: what it decided until then"),
    )


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
