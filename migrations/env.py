"""How alembic runs: on the connection that llmhub passes in, or on alembic.ini's address for developers."""

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

from llmhub.arena.sql import tables  # noqa: F401 -- fills the metadata that --autogenerate compares with
from llmhub.offers.sql import tables as offer_tables  # noqa: F401 -- importing it defines the tables


def run(connection: Connection) -> None:
    """Run the migrations on a connection, in its current transaction."""
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "").begin() as own:
        run(own)
