"""Run by Alembic; the connection, with its transaction, comes from `store.migration`."""

from __future__ import annotations

from alembic import context

from bartizan.store.schema import MARK, METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=MARK.name,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
