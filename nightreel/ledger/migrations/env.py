"""Run by alembic; the connection is the caller's, and so is its transaction."""

from typing import cast

from alembic import context
from sqlalchemy import Connection

from nightreel.ledger.schema import metadata

connection = cast("Connection", context.config.attributes["connection"])
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
