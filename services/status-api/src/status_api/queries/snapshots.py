"""Long reads: everything that one answer tells is of one moment, row after row, at flat memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from status_api.queries.rows import Fields

_ROWS = 1000
_SILENCE_SECONDS = 60


class TakesTooLongError(Exception):
    """A long read was not done in time."""


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now until the end, and can not write.

    While it is open, PostgreSQL keeps every row version that it can see. So it ends by itself once nobody has asked it anything
    for a minute: then whoever takes the answer has stalled.
    """
    with engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{_SILENCE_SECONDS}s'"))
        yield connection


def has_more_than(connection: Connection, most: int, statement: str, values: Mapping[str, Any]) -> bool:
    """Whether a list has more rows than this. Its LIMIT has to be the value `limit`."""
    counted = f"SELECT 1 FROM ({statement}) whole OFFSET :most LIMIT 1"  # noqa: S608  # a statement of this package
    found = connection.execute(text(counted), {**values, "limit": most + 1, "most": most})
    return found.first() is not None


def rows_of(
    connection: Connection,
    statement: str,
    values: Mapping[str, Any],
    now: Callable[[], datetime],
    longest: timedelta,
) -> Iterator[Fields]:
    """Rows of a statement, some at a time, by a cursor of the server. Each time they are asked for has the usual time limit.

    Raises:
        TakesTooLongError: it was not done in time.
    """
    until = now() + longest
    streaming = connection.execution_options(stream_results=True, max_row_buffer=_ROWS)
    with streaming.execute(text(statement), dict(values)) as result:
        names = tuple(result.keys())
        for part in result.partitions(_ROWS):
            if now() > until:
                raise TakesTooLongError
            for row in part:
                yield dict(zip(names, row, strict=True))
