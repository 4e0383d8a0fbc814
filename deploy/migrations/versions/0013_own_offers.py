"""What front ends ask for most, in one way to the server and back, under the same second net as all they ask."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """``own_offers_not_over(asking)``: rows of ``offers`` that whoever acts for the account ``asking`` may see.

    It runs as who calls it, so the policy on ``offers`` binds it as it binds any other statement of that role. In it
    are two statements, since the policy must find the account named before it is looked at.
    """
    schema = op.get_context().version_table_schema
    op.execute(f"""
        create function own_offers_not_over(asking text) returns setof offers language plpgsql as $$
        begin
            perform set_config('rung.account', asking, true);  -- for this transaction alone
            return query select * from "{schema}".offers where not over;
        end $$
    """)  # noqa: S608 - settings allow only [a-z0-9_]
    op.execute("revoke execute on function own_offers_not_over from public")
    op.execute(f'grant execute on function own_offers_not_over to "{schema}_front"')


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
