"""Rows into a temporary table with COPY, in PostgreSQL's text form."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, whatever psycopg2 calls it

from status_api.core.groups import Row

# PostgreSQL's text can not hold NUL, Avro's can: the replacement character stands for it.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\ufffd"})


def copy_rows(cursor: Cursor, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """COPY rows; a column that a row lacks takes NULL."""
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join([field(row.get(name)) for name in columns]))
        buffer.write("\n")
    buffer.seek(0)
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer)


def field(value: Any) -> str:  # noqa: ANN401  # any value of a row
    """One value in COPY's text form."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
