"""One page of a list in Xero."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from xero_writer.core.values import Json

_SMALLEST_PAGE = 100  # Xero's default: what a server gives that does not heed pageSize

T = TypeVar("T")


def read_page(
    body: Json, path: str, number: int, kept: Callable[[Json], T]
) -> tuple[list[T], tuple[int, list[Json]], bool]:
    """What is kept of a page; its length with its first and last element, by which it is known again; whether none follows."""
    elements = [element for element in body.get(path) or [] if isinstance(element, dict)]
    ends = (len(elements), elements[:1] + elements[-1:])
    return [kept(element) for element in elements], ends, _is_last_page(body, number, len(elements))


def _is_last_page(body: Json, number: int, count: int) -> bool:
    """Whether no page follows. Xero tells the number of pages; where it does not, only a short page is the last."""
    pages = (body.get("pagination") or {}).get("pageCount")
    return count == 0 or (number >= pages if isinstance(pages, int) else count < _SMALLEST_PAGE)
