"""Which lines of the Sync Logs are wanted: from an address, as status-api takes it, and back into an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from dashboard.core.addresses import Address, href
from dashboard.names import FILES

PAGE_SIZE = 100
LEVELS = {"info": "Information", "warning": "Warning", "error": "Error"}
"""How much a line matters, in words."""
LEVEL_LOOKS = {"info": "other", "warning": "waiting", "error": "fault"}
"""Colours of `assets/status.css` for each level."""
KINDS = {"invoice": "Invoice", "purchase_order": "Purchase order"}
"""What an Autotask ID may be of, by status-api's parameter."""

_LONGEST_TEXT = 200
_LONGEST_CURSOR = 500
_ID = re.compile(r"(?:(?P<kind>INV|PO):)?(?P<id>[0-9]{1,19})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Lines that are wanted.

    Attributes:
        kind: of the document, a key of `KINDS`.
        document_id: only lines of the document with this Autotask id; empty: all.
        since, before: moments in UTC; empty: no bound.
        level: a key of `LEVELS`; empty: all.
        text: part of the message.
        cursor: of the page before; empty on the newest page.
    """

    kind: str = "invoice"
    document_id: str = ""
    since: str = ""
    before: str = ""
    level: str = ""
    text: str = ""
    cursor: str = ""

    @classmethod
    def of_address(cls, address: Address) -> Self:
        """From an address, which anybody may have written: what can not be is left out."""
        kind = "purchase_order" if address.one("purchase_order") else "invoice"
        wanted = address.one(kind)
        return cls(
            kind=kind,
            document_id=wanted if _ID.fullmatch(wanted) and wanted.isdecimal() else "",
            since=_moment(address.one("from")),
            before=_moment(address.one("before")),
            level=address.one("level") if address.one("level") in LEVELS else "",
            text=address.one("text").strip()[:_LONGEST_TEXT],
            cursor=address.one("cursor")[:_LONGEST_CURSOR],
        )

    def filters(self) -> dict[str, str]:
        """What narrows the lines, by status-api's names, which are the address's too."""
        return {
            self.kind: self.document_id,
            "from": self.since,
            "before": self.before,
            "level": self.level,
            "text": self.text,
        }

    def shown(self) -> dict[str, str]:
        """As it stands in the address."""
        return {**self.filters(), "cursor": self.cursor}

    def query(self, limit: int = PAGE_SIZE) -> dict[str, Any]:
        """As status-api is asked."""
        return {**self.shown(), "limit": limit}

    def newest(self) -> Self:
        """The first page of the same lines."""
        return replace(self, cursor="")

    @property
    def is_live(self) -> bool:
        """Whether new lines belong into what is shown: it is the newest page, and does not end in the past."""
        return not self.cursor and not self.before

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is filtered."""
        return any(self.filters().values())

    def file_href(self, tenant: str) -> str:
        """Where all the lines, every page of them, are a file."""
        return href(FILES.strip("/"), tenant, "logs.csv", **self.filters())


def read_id(typed: str, kind: str) -> tuple[str, str] | None:
    """Kind and digits of an Autotask ID as somebody typed it, `48213`, `INV:48213` or `PO:771`; None for what is none."""
    found = _ID.fullmatch(typed.strip())
    if found is None:
        return None
    named = {"inv": "invoice", "po": "purchase_order"}.get((found["kind"] or "").lower())
    return named or kind, found["id"]


def details(line: Mapping[str, Any]) -> dict[str, str]:
    """What a line has besides its message, for those who look closer."""
    more = {str(name): str(value) for name, value in line["fields"].items()}
    for name in ("revision", "trace_id", "event_id"):
        if line[name] is not None:
            more[name] = str(line[name])
    return more


def _moment(text: str) -> str:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text if read.tzinfo is not None else ""
