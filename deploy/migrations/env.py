"""How alembic runs here: in the transaction and the schema that `services.kit.db.migrations` hands over.

The connection's search path is the schema, so scripts name tables without it.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=context.config.attributes["schema"],
)
context.run_migrations()
