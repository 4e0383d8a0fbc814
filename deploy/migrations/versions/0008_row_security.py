"""A second net under the offer API's own care: who asks for one account can be given no row of another."""

from alembic import op

revision = "0008"
down_revision = "0007"

PER_ACCOUNT = ("offers", "account_decisions")
READ = ("offer_positions", "account_decision_positions", "account_erasures", "service_keys")


def upgrade() -> None:
    """A role that requests are answered in, and a policy on each table that has an account.

    The tables' owner, which folds the logs into them, is not bound by it. A role belongs to the whole server: where the
    user that migrates may make none, an administrator makes ``<schema>_front`` first and grants it to that user.
    """
    schema = op.get_context().version_table_schema
    role = f'"{schema}_front"'  # settings allow only [a-z0-9_]
    op.execute(f"""
        do $$ begin
            if not exists (select from pg_roles where rolname = '{schema}_front') then
                create role {role} nologin;
            end if;
        exception when duplicate_object or unique_violation then null;  -- another database of this server was quicker
        end $$
    """)
    op.execute(f"""
        do $$ begin
            if not pg_has_role(current_user, '{schema}_front', 'member') then
                grant {role} to current_user;
            end if;
        end $$
    """)
    op.execute(f'grant usage on schema "{schema}" to {role}')
    for table in (*PER_ACCOUNT, *READ):
        op.execute(f"grant select on {table} to {role}")
    op.execute(f"grant insert, update on offers to {role}")
    own = "account = current_setting('rung.account', true)"
    for table in PER_ACCOUNT:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy own_account on {table} to {role} using ({own}) with check ({own})")


def downgrade() -> None:
    """Backups and the logs bring data back, not this."""
    raise NotImplementedError
