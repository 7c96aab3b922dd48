"""What every service's `migrations/env.py` runs."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateSchema


def run_migrations() -> None:
    """Run the missing migrations inside the service's own PostgreSQL schema, in one transaction, with short lock waits.

    A migration that can not get its lock in five seconds gives up instead of queueing every reader behind it.
    """
    schema: str = context.config.attributes["schema"]
    url = context.config.get_main_option("sqlalchemy.url") or ""
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(CreateSchema(schema, if_not_exists=True))
        connection.execute(text("SELECT set_config('search_path', :schema, true)"), {"schema": schema})
        context.configure(connection=connection, version_table_schema=schema)
        with context.begin_transaction():
            context.run_migrations()
