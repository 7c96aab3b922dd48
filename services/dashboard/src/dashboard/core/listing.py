"""What a list of documents is asked for: from an address, as status-api takes it, and back into an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from dashboard.core.addresses import Address, href
from dashboard.core.bulk import things_of
from dashboard.core.statuses import STATUSES
from dashboard.names import FILES

PAGE_SIZE = 500
"""Documents on a page: the greatest that status-api gives at once."""
DEFAULT_SORT = "-changed"
SORTS = ("-changed", "changed", "-date", "date", "-id", "id")
"""Orders that status-api knows; `-` is newest first."""

_LONGEST_TEXT = 200
_LONGEST_CODE = 100
_AUTOTASK_ID = re.compile(r"[1-9][0-9]{0,17}")
_IN_WORDS = {
    "-changed": "last change first",
    "changed": "oldest change first",
    "-date": "newest date first",
    "date": "oldest date first",
    "-id": "greatest id first",
    "id": "least id first",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of a list.

    Attributes:
        text: part of an id, number, client or vendor.
        statuses: that are shown; none: every one.
        first, last: dates of the document, both included; empty: no bound.
        cause: fault code or reason; empty: any.
        sort: one of `SORTS`.
        after: cursor of the page before; empty on the first page.
        page: number of the page, counted from the newest.
    """

    text: str = ""
    statuses: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    cause: str = ""
    sort: str = DEFAULT_SORT
    after: str = ""
    page: int = 1

    @classmethod
    def of_address(cls, address: Address) -> Self:
        """From an address, which anybody may have written: what can not be is left out."""
        asked = {name: address.one(name) for name in ("text", "from", "to", "cause", "sort", "after", "page")}
        return cls.of_store({**asked, "status": address.query.get("status", ())})

    @classmethod
    def of_store(cls, kept: Mapping[str, Any]) -> Self:
        """From what the browser keeps, by the names of the address."""
        after = str(kept["after"])
        page = str(kept["page"])
        return cls(
            text=str(kept["text"]).strip()[:_LONGEST_TEXT],
            statuses=tuple(status for status in STATUSES if status in kept["status"]),
            first=_day(str(kept["from"])),
            last=_day(str(kept["to"])),
            cause=str(kept["cause"])[:_LONGEST_CODE],
            sort=kept["sort"] if kept["sort"] in SORTS else DEFAULT_SORT,
            after=after,
            page=int(page) if after and re.fullmatch("[1-9][0-9]{0,6}", page) else (2 if after else 1),
        )

    def for_store(self) -> dict[str, Any]:
        """As the browser keeps it, with the cursors of earlier pages, which nobody knows yet, and a count of changes."""
        return {
            **self.filters(),
            "status": list(self.statuses),
            "sort": self.sort,
            "after": self.after,
            "page": self.page,
            "earlier": [],
            "n": 0,
        }

    def filters(self) -> dict[str, Any]:
        """What narrows the list, by status-api's names."""
        return {
            "text": self.text,
            "status": list(self.statuses),
            "from": self.first,
            "to": self.last,
            "cause": self.cause,
        }

    def query(self) -> dict[str, Any]:
        """The page as status-api is asked for it."""
        return {**self.filters(), "sort": self.sort, "cursor": self.after, "limit": PAGE_SIZE}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is filtered."""
        return any(self.filters().values())

    @property
    def by_status_alone(self) -> bool:
        """Whether nothing narrows the list but perhaps statuses: their counts then tell how many documents there are."""
        return not (self.text or self.first or self.last or self.cause)

    @property
    def id_asked(self) -> str | None:
        """The text, if it can be an Autotask id."""
        return self.text if _AUTOTASK_ID.fullmatch(self.text) else None

    @property
    def order_words(self) -> str:
        """The order in words."""
        return _IN_WORDS[self.sort]

    def file_href(self, tenant: str, name: str) -> str:
        """Where everything that is shown, all pages of it, is a file."""
        shown = {**self.filters(), "sort": self.sort}
        return href(FILES.strip("/"), tenant, name, **shown)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def total_of(wanted: Wanted, counts: Mapping[str, int]) -> int | None:
    """How many documents a list has in all, where the counts by status tell it."""
    if not wanted.by_status_alone:
        return None
    return sum(counts.get(status, 0) for status in wanted.statuses or counts)


def range_words(wanted: Wanted, shown: int, *, more: bool, total: int | None, kind: str) -> str:
    """Which part of the list a page is, such as `501 to 1,000 of 52,310 invoices, last change first`."""
    things = things_of(kind, shown if wanted.page == 1 else None)
    if shown == 0:
        return f"No {things}"
    first = (wanted.page - 1) * PAGE_SIZE + 1
    last = first + shown - 1
    if wanted.page == 1 and not more:
        return f"{shown:,} {things}, {wanted.order_words}"
    known = total if total is not None and total >= last else None
    if not more:
        known = last
    of = f"of {known:,} {things}" if known is not None else f"of over {last:,} {things}"
    return f"{first:,} to {last:,} {of}, {wanted.order_words}"
