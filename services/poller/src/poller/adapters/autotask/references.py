"""Ids by which records refer to each other."""

from __future__ import annotations

from collections.abc import Iterable

from poller.core.values import MalformedRecordError, Record, record_id, reference


def by_id(found: Iterable[Record]) -> dict[int, Record]:
    """Records by their own id.

    Raises:
        MalformedRecordError: one has none.
    """
    return {record_id(record): record for record in found}


def referred(referring: Iterable[Record], name: str) -> set[int]:
    """Every id that a field of the records names."""
    return {number for record in referring if (number := safe_reference(record, name))}


def safe_reference(record: Record, name: str) -> int:
    """An id to look up, 0 if there is none or it makes no sense: the snapshot faults that one document, not its whole batch."""
    try:
        return reference(record, name) or 0
    except MalformedRecordError:
        return 0
