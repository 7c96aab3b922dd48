"""Alembic's environment: the poller's own PostgreSQL schema, its version table inside."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateSchema

_LOCK_TIMEOUT_MS = (
    5_000  # a migration waits briefly for tables in use, then fails rather than block everybody
)


def run() -> None:
    """Run the missing migrations in one transaction."""
    schema: str = context.config.attributes["schema"]
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("sqlalchemy.url is not set")
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MS}"))
        connection.execute(CreateSchema(schema, if_not_exists=True))
        connection.execute(text("SELECT set_config('search_path', :schema, true)"), {"schema": schema})
        context.configure(connection=connection, version_table_schema=schema)
        with context.begin_transaction():
            context.run_migrations()


run()
