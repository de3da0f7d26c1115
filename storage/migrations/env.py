"""Alembic's way in: it is handed an open connection by `storage.setup` and runs the migrations on it, in one transaction."""

from alembic import context
from sqlmodel import SQLModel

from storage import attached, entered, same_people, tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

__all__ = ["attached", "entered", "same_people", "tables"]
