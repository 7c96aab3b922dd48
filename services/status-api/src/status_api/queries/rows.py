"""Rows as plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult

Fields = Mapping[str, Any]


def fetch_all(result: CursorResult[Any]) -> list[Fields]:
    """Every row by column name."""
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def fetch_one(result: CursorResult[Any]) -> Fields | None:
    """The only row, None if there is none."""
    return next(iter(fetch_all(result)), None)


def part_of(words: str) -> str:
    """Pattern of LIKE for texts with these words in them, which mean nothing but themselves."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
