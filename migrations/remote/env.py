"""How alembic runs on a remote in PostgreSQL: on the connection that llmhub passes in, in its current transaction."""

from alembic import context
from sqlalchemy import Connection

from llmhub.remote.tables import SCHEMA, metadata


def run(connection: Connection) -> None:
    """Run the migrations; their version table lies in the schema with all else."""
    context.configure(
        connection=connection, target_metadata=metadata, version_table_schema=SCHEMA, include_schemas=True
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
