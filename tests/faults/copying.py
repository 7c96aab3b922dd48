"""Copies of a service's tables inside its own database, taken while it works, and their return later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text

SCHEMAS = {"poller": "poller", "xero-writer": "xero_writer"}
_OLDER = "older"
_ALEMBIC = "alembic_version"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename <> :alembic ORDER BY 1"
_PLAIN_COLUMNS = (
    "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
    " WHERE table_schema = :schema AND table_name = :table AND is_generated = 'NEVER' AND column_name IN"
    " (SELECT column_name FROM information_schema.columns WHERE table_schema = 'older' AND table_name = :table)"
)
_SEQUENCES = "SELECT sequencename, coalesce(last_value, 1) AS at, last_value IS NOT NULL AS used FROM pg_sequences WHERE schemaname = :schema"
_SET_SEQUENCES = "SELECT setval(format('%I.%I', cast(:schema AS text), sequencename)::regclass, at, used) FROM older.sequences"


def keep(url: str, schema: str) -> None:
    """Copy every table as of one moment; an earlier copy is forgotten."""
    with _connected(url, "REPEATABLE READ") as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {_OLDER} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {_OLDER}"))
        for table in _tables(connection, schema):
            connection.execute(text(f"CREATE TABLE {_OLDER}.{table} AS TABLE {schema}.{table}"))
        connection.execute(text(f"CREATE TABLE {_OLDER}.sequences AS {_SEQUENCES}"), {"schema": schema})


def restore(url: str, schema: str) -> None:
    """Everything is as it was when it was copied, numbers to be given next included; what a later migration added is empty."""
    with _connected(url) as connection:
        _empty(connection, schema)
        # Rows come before what they refer to.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in _tables(connection, schema):
            columns = connection.execute(
                text(_PLAIN_COLUMNS), {"schema": schema, "table": table}
            ).scalar_one()
            rows = f"SELECT {columns} FROM {_OLDER}.{table}"  # noqa: S608  # names of the catalogue
            connection.execute(
                text(f"INSERT INTO {schema}.{table} ({columns}) OVERRIDING SYSTEM VALUE {rows}")
            )
        connection.execute(text(_SET_SEQUENCES), {"schema": schema})


def drop(url: str, schema: str) -> None:
    """The schema is gone."""
    with _connected(url) as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


def empty(url: str, schema: str) -> None:
    """The tables of a schema are there, without rows."""
    with _connected(url) as connection:
        _empty(connection, schema)


def _empty(connection: Connection, schema: str) -> None:
    tables = ", ".join(f"{schema}.{table}" for table in _tables(connection, schema))
    connection.execute(text(f"TRUNCATE {tables}"))


def _tables(connection: Connection, schema: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(text(_TABLES), {"schema": schema, "alembic": _ALEMBIC})]


@contextmanager
def _connected(url: str, isolation: str = "READ COMMITTED") -> Iterator[Connection]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://"), isolation_level=isolation)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
