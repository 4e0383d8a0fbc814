"""How an offer came about: when its usage event was produced, and in what trace, until somebody sees it."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Two columns that may be empty: of an offer that time brought about, and of one from before."""
    op.execute("alter table offers add column produced_ms bigint, add column trace text")


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
