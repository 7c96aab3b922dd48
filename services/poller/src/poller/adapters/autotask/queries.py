"""Reading all of a query, page after page, by the last id seen.

There is no sort and no offset, and records that are stamped while a query is read leave its filter; a cursor of ids
(`id gt {last seen}`) is indifferent to that and survives restarts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from poller.adapters.autotask.client import MAX_IN_LIST, Filter, Page
from poller.core.values import Record, record_id


class Pages(Protocol):
    """Whoever can ask for one page."""

    def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:
        """The first page of a query."""


def pages(
    source: Pages,
    entity: str,
    filters: Sequence[Filter],
    fields: Sequence[str] | None = None,
    kept: Sequence[str] | None = None,
) -> Iterator[Sequence[Record]]:
    """Every page of a query, in ascending id; none is empty.

    Args:
        source: whom to ask.
        entity: such as `Invoices`.
        filters: conditions joined by AND.
        fields: those that are asked for, None for all. One that the API's version lacks makes the query fail.
        kept: those of the answer that are kept, the id among them, None for all: a record of all fields is a multiple of what is used.
    """
    after = 0
    while True:
        page = source.page(entity, [*filters, {"op": "gt", "field": "id", "value": after}], fields)
        if kept is not None:
            page = Page([_narrowed(record, kept) for record in page.items], page.last)
        if page.items:
            yield page.items
            after = record_id(page.items[-1])
        if page.last or not page.items:
            return


def _narrowed(record: Record, kept: Sequence[str]) -> Record:
    return {name: value for name in kept if (value := record.get(name)) is not None}


def records(
    source: Pages, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None
) -> list[Record]:
    """Every record of a query."""
    return [record for page in pages(source, entity, filters, fields) for record in page]


def records_where_in(
    source: Pages,
    entity: str,
    field: str,
    ids: Iterable[int],
    fields: Sequence[str] | None = None,
    also: Sequence[Filter] = (),
) -> list[Record]:
    """Every record whose field is one of the ids (200 a query) and that meets the other conditions."""
    return [
        record for where in _wheres(field, ids) for record in records(source, entity, [where, *also], fields)
    ]


def pages_where_in(
    source: Pages, entity: str, field: str, ids: Iterable[int], also: Sequence[Filter] = ()
) -> Iterator[Sequence[Record]]:
    """The same page by page, with all fields, for who needs few of the records and not all at once."""
    for where in _wheres(field, ids):
        yield from pages(source, entity, [where, *also])


def _wheres(field: str, ids: Iterable[int]) -> Iterator[Filter]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), MAX_IN_LIST):
        yield {"op": "in", "field": field, "value": wanted[start : start + MAX_IN_LIST]}
