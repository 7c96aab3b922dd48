"""Addresses of the pages: each restores what a person saw, and each can be sent to a colleague.

`/` home, `/t/acme` the product dashboard of a tenant, `/t/acme/sync/invoices?status=Fault&open=48213` a tab with its filter
and the row that is open, and so on. What is in the query belongs to the page named by the path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode

HOME = "/"
TABS = {
    "analytics": "Analytics",
    "invoices": "Invoices",
    "purchase-orders": "Purchase Orders",
    "sync-logs": "Sync Logs",
}
"""The four tabs of the Sync Overview, by their part of the address."""


@dataclass(frozen=True, slots=True)
class Address:
    """A place in the dashboard.

    Attributes:
        page: which page, one of the keys of `views.PAGES`.
        tenant: the tenant it is about; None for pages about none.
        parts: what else stands in the path, decoded.
        query: parameters; a repeated one has all its values.
    """

    page: str
    tenant: str | None = None
    parts: tuple[str, ...] = ()
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def one(self, name: str, default: str = "") -> str:
        """The last value of a parameter."""
        values = self.query.get(name, ())
        return values[-1] if values else default


def read_address(path: str, search: str) -> Address:
    """The place that a browser's path and query (with or without its `?`) name; page `unknown` if there is none."""
    parts = [unquote(part) for part in path.split("/") if part]
    query: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(search.removeprefix("?"), keep_blank_values=False):
        query[name] = (*query.get(name, ()), value)
    page, tenant, rest = _page(parts)
    return Address(page, tenant, rest, query)


def _page(parts: list[str]) -> tuple[str, str | None, tuple[str, ...]]:
    """Page, tenant and what else stands in a path."""
    found: tuple[str, str | None, tuple[str, ...]] = ("unknown", None, tuple(parts))
    match parts:
        case []:
            found = ("home", None, ())
        case ["t", tenant]:
            found = ("product", tenant, ())
        case ["t", tenant, "sync"]:
            found = ("sync", tenant, ("invoices",))
        case ["t", tenant, "sync", tab] if tab in TABS:
            found = ("sync", tenant, (tab,))
        case ["t", tenant, "explain"]:
            found = ("explain", tenant, ())
        case ["t", tenant, "configuration", "xero-options"]:
            found = ("settings", tenant, ())
        case ["people", person]:
            found = ("people", None, (person,))
        case [("profile" | "people" | "tokens" | "audit") as page]:
            found = (page, None, ())
    return found


def href(*parts: str, **query: str | int | Sequence[str] | None) -> str:
    """An address from its parts and parameters; parameters without a value are left out."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    given: list[tuple[str, str]] = []
    for name, value in query.items():
        if value is None or value == "":
            continue
        values = [str(value)] if isinstance(value, str | int) else list(value)
        given += [(name, each) for each in values]
    return f"{path}?{urlencode(given)}" if given else path


def tenant_href(tenant: str, **query: str | int | Sequence[str] | None) -> str:
    """The product dashboard of a tenant."""
    return href("t", tenant, **query)


def tab_href(tenant: str, tab: str, **query: str | int | Sequence[str] | None) -> str:
    """A tab of the Sync Overview."""
    return href("t", tenant, "sync", tab, **query)


def document_href(tenant: str, document: str) -> str:
    """Where a document, named `invoice/48213`, is open in its list."""
    kind, _, number = document.partition("/")
    tab = "invoices" if kind == "invoice" else "purchase-orders"
    return tab_href(tenant, tab, text=number, open=number)
