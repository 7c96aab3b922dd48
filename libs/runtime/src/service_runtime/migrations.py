"""What every service's `migrations/env.py` runs."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text


def run_migrations() -> None:
    """Run the missing migrations inside the service's own PostgreSQL schema, in a transaction, with short lock waits.

    A migration that can not get its lock in five seconds gives up instead of queueing every reader behind it.
    """
    schema: str = context.config.attributes["schema"]
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
        connection.execute(text(f'SET search_path TO "{schema}"'))
        connection.execute(text("SET lock_timeout TO '5s'"))
        connection.commit()
        context.configure(connection=connection, version_table_schema=schema)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()
