"""What the walk-throughs about lost data and rolling releases share: copies of schemas, commands of services, a suite at rest."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql
from psycopg2.errors import DeadlockDetected
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection

from local_stack.services import SERVICES
from tests.end_to_end.suite import Suite
from tests.support.waiting import wait_until

_COMMAND_SECONDS = 120


@dataclass(frozen=True, slots=True)
class SchemaCopy:
    """Every row of one PostgreSQL schema as it stood at one moment, as a backup keeps it.

    Attributes:
        schema: its name.
        rows: of each table, in COPY's text form.
        columns: those that are stored, generated ones left out.
        sequences: the last value of each, None if it was never asked.
    """

    schema: str
    rows: dict[str, bytes]
    columns: dict[str, list[str]]
    sequences: dict[str, int | None]

    @classmethod
    def take(cls, url: str, schema: str) -> SchemaCopy:
        """Copy a schema while its service goes on working."""
        with _session(url) as session, session.cursor() as cursor:
            session.set_isolation_level(ISOLATION_LEVEL_REPEATABLE_READ)
            cursor.execute(
                "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns"
                " JOIN information_schema.tables USING (table_schema, table_name)"
                " WHERE table_schema = %s AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' GROUP BY table_name",
                [schema],
            )
            columns = {table: list(names) for table, names in cursor.fetchall()}
            rows = {}
            for table, names in columns.items():
                buffer = io.BytesIO()
                statement = sql.SQL("COPY {} ({}) TO STDOUT").format(*_named(schema, table, names))
                cursor.copy_expert(statement.as_string(cursor), buffer)
                rows[table] = buffer.getvalue()
            cursor.execute(
                "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %s", [schema]
            )
            return cls(schema, rows, columns, dict(cursor.fetchall()))

    def restore(self, url: str) -> None:
        """Lay the copy over the schema, which has the same tables. Nobody may be working in it."""
        with _session(url) as session, session.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # rows come in any order
            for table, names in self.columns.items():
                place, stored = _named(self.schema, table, names)
                cursor.execute(sql.SQL("DELETE FROM {}").format(place))
                statement = sql.SQL("COPY {} ({}) FROM STDIN").format(place, stored)
                cursor.copy_expert(statement.as_string(cursor), io.BytesIO(self.rows[table]))
            for sequence, value in self.sequences.items():
                if value is not None:
                    cursor.execute(
                        "SELECT setval(%s::regclass, %s)", [f'"{self.schema}"."{sequence}"', value]
                    )


def drop_schema(url: str, schema: str) -> None:
    """Drop a schema with everything in it, whoever works in it: it wants every table, and meets who holds one and wants another."""

    def dropped() -> bool:
        with _session(url) as session, session.cursor() as cursor:
            try:
                cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
            except DeadlockDetected:
                session.rollback()
                return False
            return True

    wait_until(dropped, f"the schema {schema} to be dropped")


def execute(url: str, statement: str) -> None:
    """One statement in one transaction; tables are named with their schema."""
    with _session(url) as session, session.cursor() as cursor:
        cursor.execute(statement)


def run_by_hand(suite: Suite, service: str, *arguments: str) -> str:
    """A command that a person types, with the variables that the service runs with; what it wrote.

    Raises:
        CalledProcessError: its exit code is not 0.
    """
    process = next(name for name in suite.stack.supervisor.names if name.startswith(service))
    done = subprocess.run(
        [sys.executable, "-m", SERVICES[service].package, *arguments],
        env={**os.environ, **suite.stack.supervisor.process(process).spec.environment},
        capture_output=True,
        text=True,
        timeout=_COMMAND_SECONDS,
        check=True,
    )
    return done.stdout


def stamped_now(suite: Suite, tenant: str) -> set[int]:
    """Invoices that carry a Web Service Date at this moment; `Suite.stamped` counts those that ever did."""
    records = suite.autotask.in_autotask(tenant).records("Invoices")
    return {int(invoice["id"]) for invoice in records if invoice["webServiceDate"]}


def _named(schema: str, table: str, columns: list[str]) -> tuple[sql.Composable, sql.Composable]:
    return sql.Identifier(schema, table), sql.SQL(", ").join(map(sql.Identifier, columns))


@contextmanager
def _session(url: str) -> Iterator[connection]:
    """A connection whose one transaction is committed at the end."""
    session = psycopg2.connect(url)
    try:
        with session:
            yield session
    finally:
        session.close()
