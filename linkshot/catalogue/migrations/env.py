"""Runs alembic on the connection that upgrade() holds."""

from alembic import context

from linkshot.catalogue.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
