"""One query: its body, what it answers, and the address of the next page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from simulators.autotask.errors import RefusalError
from simulators.autotask.filters import Group, read_filter

if TYPE_CHECKING:
    from simulators.autotask.entities import EntityType
    from simulators.autotask.switches import MissingUdfs
    from simulators.autotask.table import Table

PAGE_LIMIT = 500
# The server keeps this many pages behind the one being read.
PAGES_KEPT = 50
_MEMBERS = frozenset({"maxrecords", "includefields", "filter"})
BEFORE_ALL = -1
_UDFS = "userDefinedFields"


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query: filter, page size, and the fields asked for (None = all)."""

    filter: Group
    page_size: int
    fields: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after ``after``; ``before`` holds the beginnings of the pages already read."""

    page_size: int
    before: tuple[int, ...]
    after: int

    def text(self) -> str:
        """As it stands in an address."""
        return json.dumps(
            {"pageSize": self.page_size, "previousIds": list(self.before), "nextIds": [self.after]},
            separators=(",", ":"),
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one page, and the cursors around it (None = there is no such page)."""

    records: list[dict[str, Any]]
    previous: Cursor | None
    next: Cursor | None


def read_query(entity: EntityType, document: object) -> Query:
    """Check the body of a query. There is no sort and no offset.

    Raises:
        RefusalError: A member that does not exist or has a wrong value, or a bad filter.
    """
    if not isinstance(document, dict):
        raise RefusalError("The query is no JSON object.")
    body = {str(name).lower(): value for name, value in document.items()}
    if unknown := set(body) - _MEMBERS:
        raise RefusalError(f"Unknown member of the query: {min(unknown)}.")
    size = body.get("maxrecords")
    if size is None:
        size = PAGE_LIMIT
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= PAGE_LIMIT:
        raise RefusalError(f"MaxRecords must be a number from 1 to {PAGE_LIMIT}.")
    return Query(
        read_filter(entity, body.get("filter")), size, _read_fields(entity, body.get("includefields"))
    )


def _read_fields(entity: EntityType, names: object) -> tuple[str, ...] | None:
    if names is None or names == []:
        return None
    if not isinstance(names, list):
        raise RefusalError("IncludeFields is an array of field names.")
    wanted = []
    for name in names:
        field = entity.field(str(name))
        if field is not None:
            wanted.append(field.name)
        elif entity.has_udf and str(name).lower() == "userdefinedfields":
            wanted.append(_UDFS)
        else:
            raise RefusalError(f"Unable to find {name} in the {entity.name} Entity.")
    return tuple(wanted)


def first_page(query: Query) -> Cursor:
    """The cursor of the first page."""
    return Cursor(query.page_size, (), BEFORE_ALL)


def read_cursor(text: str) -> Cursor:
    """The ``paging`` parameter of a ``query/next`` address.

    Raises:
        RefusalError: It is not one that this server gave out.
    """
    try:
        document = json.loads(text)
        before = tuple(int(each) for each in document["previousIds"])
        return Cursor(int(document["pageSize"]), before, int(document["nextIds"][-1]))
    except (ValueError, TypeError, KeyError, IndexError):
        raise RefusalError("The paging parameter is not valid.") from None


def run(table: Table, query: Query, cursor: Cursor, *, null_is_different: bool) -> Page:
    """One page of a query.

    Raises:
        RefusalError: More than one page matches and IncludeFields leaves out ``id``, from which cursors are made.
    """
    found = table.find(query.filter, after=cursor.after, null_is_different=null_is_different)
    records = list(islice(found, cursor.page_size + 1))
    more = len(records) > cursor.page_size
    if query.fields is not None and "id" not in query.fields and (more or cursor.after != BEFORE_ALL):
        raise RefusalError("IncludeFields must contain id if more records match than fit on a page.")
    records = records[: cursor.page_size]
    following = None
    if more:
        behind = (*cursor.before, cursor.after)[-PAGES_KEPT:]
        following = Cursor(cursor.page_size, behind, records[-1]["id"])
    previous = None
    if cursor.before:
        previous = Cursor(cursor.page_size, cursor.before[:-1], cursor.before[-1])
    return Page(records, previous, following)


def address(base: str, entity: EntityType, cursor: Cursor | None, search: str | None) -> str | None:
    """The address of a page. A GET query's carries its search; a POST query's is POSTed with the same body.

    Args:
        base: Root of the API, ending in a slash, without the version.
        entity: Whose query it is.
        cursor: Where the page begins; None = there is no such page.
        search: The search of a GET query, None for a POST query.
    """
    if cursor is None:
        return None
    url = f"{base}v1.0/{entity.name}/query/next?paging={quote(cursor.text(), safe='')}"
    return url if search is None else f"{url}&search={quote(search, safe='')}"


def project(
    entity: EntityType,
    record: dict[str, Any],
    fields: tuple[str, ...] | None,
    missing_udfs: MissingUdfs,
) -> dict[str, Any]:
    """A record as it is answered: every field (null where nothing is stored), or those asked for.

    The user-defined fields of a record that has none are ``[]``, null or absent: clients have to take all three.
    """
    names = tuple(field.name for field in entity.fields) if fields is None else fields
    shown = {name: record.get(name) for name in names if name != _UDFS}
    if entity.has_udf and (fields is None or _UDFS in fields):
        if record.get(_UDFS):
            shown[_UDFS] = record[_UDFS]
        elif missing_udfs != "absent":
            shown[_UDFS] = [] if missing_udfs == "empty" else None
    return shown
