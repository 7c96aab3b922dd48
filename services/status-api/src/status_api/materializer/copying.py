"""Rows into a temporary table with COPY, in PostgreSQL's text form."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, whatever psycopg2 calls it

from status_api.core.group_values import Row

_PIECE_CHARACTERS = 1024 * 1024  # the rows of a batch are in memory already; their text need not be, too
_SPECIAL = re.compile(r"[\\\t\n\r\0]")
# Backslash first. PostgreSQL's text can not hold NUL, Avro's can: the replacement character stands for it.
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\ufffd"))


def copy_rows(cursor: Cursor, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """COPY rows, a piece at a time; a column that a row lacks takes NULL."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    piece: list[str] = []
    size = 0
    for row in rows:
        line = "\t".join([field(row.get(name)) for name in columns])
        piece.append(line)
        size += len(line)
        if size > _PIECE_CHARACTERS:
            _copy(cursor, statement, piece)
            piece, size = [], 0
    if piece:
        _copy(cursor, statement, piece)


def _copy(cursor: Cursor, statement: str, lines: list[str]) -> None:
    cursor.copy_expert(statement, io.StringIO("\n".join(lines) + "\n"))


def field(value: Any) -> str:  # noqa: ANN401  # any value of a row
    """One value in COPY's text form."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return _escaped(value) if _SPECIAL.search(value) else value
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _escaped(text: str) -> str:
    for special, escape in _ESCAPES:  # several times faster than translate() on long texts
        text = text.replace(special, escape)
    return text
