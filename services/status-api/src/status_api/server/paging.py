"""Pages of lists: one item more than asked tells whether there is a next page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from status_api.core.cursors import BadCursorError, make_cursor, read_cursor
from status_api.server.bodies import wrong_with_text
from status_api.server.operations import Request
from status_api.server.problems import bad_parameter

T = TypeVar("T")

_NUMBER = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a page begins and how long it is.

    Attributes:
        what: the list's filters and order; a cursor of another list is refused.
        after: sort key of the last item before this page, None on the first page.
        limit: items on a page.
    """

    what: Mapping[str, Any]
    after: list[str] | None
    limit: int

    @property
    def asked(self) -> int:
        """How many rows to ask for."""
        return self.limit + 1

    def page(self, rows: Sequence[T], place: Callable[[T], Sequence[str]]) -> tuple[Sequence[T], str | None]:
        """The rows of this page, and the cursor of the next one."""
        if len(rows) <= self.limit:
            return rows, None
        kept = rows[: self.limit]
        return kept, make_cursor(self.what, place(kept[-1]))


def _require_place(part: str, key: type) -> None:
    """Check a part of a cursor, which anybody can make up.

    Raises:
        ValueError: the database could not look for it.
    """
    if wrong_with_text(part) is not None or (key is int and not _NUMBER.fullmatch(part)):
        raise ValueError("this is no cursor: take next_cursor as it was given")


def paging(request: Request, *, keys: tuple[type, ...], name: str) -> Paging:
    """Paging of a request.

    Args:
        request: with `limit` and perhaps `cursor` among its query parameters.
        keys: types of the sort key's parts, to refuse made-up cursors; `str` takes any text.
        name: which list it is.

    Raises:
        Problem: the cursor is none of this list.
    """
    filters = {key: value for key, value in request.query.items() if key not in {"limit", "cursor"}}
    what = {"list": name, "path": dict(request.path), **filters}
    cursor = request.query.get("cursor")
    after = None
    if cursor is not None:
        try:
            after = read_cursor(what, cursor, len(keys))
            for part, key in zip(after, keys, strict=True):
                _require_place(part, key)
        except (BadCursorError, ValueError) as error:
            raise bad_parameter("cursor", str(error)) from error
    return Paging(what, after, request.query["limit"])
