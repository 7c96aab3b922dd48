"""The served read model gives its place to the new one: two names change in one short transaction.

Materializers and servers go on. Whoever waited for a table of the old one finds the new one when it is let in, since PostgreSQL looks
names up again after it has waited; and nobody reads half of the one and half of the other, since all who read the old one are done.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from service_runtime.positions import Place
from status_api.names import APP_SCHEMA, NEXT_SCHEMA, OLD_SCHEMA, READ_SCHEMA
from status_api.rebuild.shape import shape

# In the order in which a fold locks them, so that one that prunes lets us in; what triggers write comes behind what fires them.
# The table of migrations is first: one that is under way has read it.
_ORDER = ("document", "timeline")
# Nobody waits for us longer than this, and we give up before PostgreSQL looks for deadlocks (after one second), which could end a reader.
_LONGEST_WAIT = "700ms"
_POSITIONS_WAIT = "5s"
_MOST_BEHIND = 20_000
_TABLES = text("SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(:schema) AND relkind = 'r'")


class ShapeChangedError(Exception):
    """A migration changed the served read model while the new one was made."""


def served_positions(connection: Connection) -> dict[Place, int]:
    """Where the served read model stands."""
    rows = connection.execute(text(f"SELECT topic, partition, next_offset FROM {READ_SCHEMA}.position"))  # noqa: S608  # a name of this package
    return {(row.topic, row.partition): int(row.next_offset) for row in rows}


def try_to_swap(
    connection: Connection,
    behind: Callable[[dict[Place, int]], int],
    catch_up: Callable[[dict[Place, int]], None],
) -> bool:
    """Swap, if nobody holds it up: no fold moves on while the last records are folded, no reader is inside for the swap itself.

    Args:
        connection: without a transaction; it begins and ends its own.
        behind: how many offsets the new read model is behind these positions.
        catch_up: folds up to these positions, over another connection.

    Returns:
        False if it was held up: by a fold, a long read, a migration, or because too much came meanwhile. Nothing has changed then.

    Raises:
        ShapeChangedError: the two are no longer made alike.
        SQLAlchemyError: the database failed.
    """
    try:
        with connection.begin():
            _held(connection, f"SET LOCAL lock_timeout = '{_POSITIONS_WAIT}'")
            _held(connection, f"LOCK TABLE {READ_SCHEMA}.position IN EXCLUSIVE MODE")
            positions = served_positions(connection)
            if behind(positions) > _MOST_BEHIND:
                return False
            catch_up(positions)
            _shut_out(connection)
            if shape(connection, READ_SCHEMA, indexes=True) != shape(connection, NEXT_SCHEMA, indexes=True):
                raise ShapeChangedError
            connection.execute(
                text(
                    # The new one has folded all that the old one has, so it is as old as that.
                    f"INSERT INTO {NEXT_SCHEMA}.progress AS p SELECT * FROM {READ_SCHEMA}.progress"  # noqa: S608  # names of this package
                    " ON CONFLICT (one) DO UPDATE SET as_of = excluded.as_of"
                )
            )
            connection.execute(text(f"ALTER SCHEMA {READ_SCHEMA} RENAME TO {OLD_SCHEMA}"))
            connection.execute(text(f"ALTER SCHEMA {NEXT_SCHEMA} RENAME TO {READ_SCHEMA}"))
    except _HeldUpError:
        return False
    return True


class _HeldUpError(Exception):
    """A lock was not to be had in time."""


def _shut_out(connection: Connection) -> None:
    """Wait a moment until nobody is inside the served read model, and keep everybody out until the end of the transaction."""
    tables = sorted(
        connection.execute(_TABLES, {"schema": READ_SCHEMA}).scalars(),
        key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name),
    )
    every = ", ".join([f"{APP_SCHEMA}.alembic_version", *(f'{READ_SCHEMA}."{name}"' for name in tables)])
    _held(connection, f"SET LOCAL statement_timeout = '{_LONGEST_WAIT}'")
    _held(connection, f"LOCK TABLE {every} IN ACCESS EXCLUSIVE MODE")


def _held(connection: Connection, statement: str) -> None:
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", None) in {"55P03", "57014", "40P01"}:  # lock, statement, deadlock
            raise _HeldUpError from error
        raise


def drop(connection: Connection, schema: str) -> None:
    """Drop a read model that is not served, if it is there.

    Raises:
        SQLAlchemyError: the database failed.
    """
    with connection.begin():
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
