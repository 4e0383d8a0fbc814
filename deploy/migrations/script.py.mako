"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """TODO: say what appears."""


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
