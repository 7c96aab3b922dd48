"""Lists of status-api that come in pages: all of one, or as much as is needed to show some that fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.api.connection import Json, Query, StatusApi

_PAGE = 200
_MOST_PAGES = 25


@dataclass(frozen=True, slots=True)
class Found:
    """Part of a list.

    Attributes:
        items: those that fit.
        next_cursor: where to go on, None at the end.
        as_of: everything that had happened by then is in it; None for lists that are never older than the request.
    """

    items: list[Json]
    next_cursor: str | None
    as_of: str | None = None


def gather(
    api: StatusApi,
    path: str,
    query: Query | None = None,
    *,
    fits: Callable[[Json], bool] = lambda _: True,
    enough: int | None = None,
) -> Found:
    """Read page after page until enough items fit, the list ends, or it has been long enough for one answer.

    Whole pages are taken, so that nothing falls between what is shown and where the cursor goes on.

    Args:
        api: whose list.
        path: of the list.
        query: its filters, and the cursor to begin with.
        fits: which items are wanted, for what the list itself can not filter by.
        enough: how many; None = all.
    """
    asked = {"limit": _PAGE, **(query or {})}
    items: list[Json] = []
    next_cursor: str | None = None
    as_of: str | None = None
    for _ in range(_MOST_PAGES):
        page = api.get(path, asked)
        items += filter(fits, page["items"])
        next_cursor = page["next_cursor"]
        as_of = as_of or page.get("as_of")
        if next_cursor is None or (enough is not None and len(items) >= enough):
            break
        asked["cursor"] = next_cursor
    return Found(items, next_cursor, as_of)


def tenant_names(tenants: list[Json]) -> dict[str, str]:
    """Names of tenants by their ids."""
    return {tenant["tenant_id"]: tenant["name"] for tenant in tenants}
