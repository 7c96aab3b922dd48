"""The little of status-api that demo, tests and benchmarks ask."""

from collections.abc import Iterator
from typing import Any

import requests

_TIMEOUT_SECONDS = 30.0


class StatusClient:
    """A machine client of status-api."""

    def __init__(self, url: str, token: str) -> None:
        """`url` is the root of the service."""
        self._root = f"{url}/api/v1"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> Any:  # noqa: ANN401  # any JSON
        """One GET below /api/v1; raises HTTPError for anything but success."""
        answer = self._session.get(f"{self._root}/{path}", params=query, timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def overview(self, tenant: str) -> dict[str, Any]:
        """A tenant's overview: counts by status, connections, totals."""
        found: dict[str, Any] = self.get(f"tenants/{tenant}/overview")
        return found

    def invoices(self, tenant: str, **query: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  # filters as the API takes them
        """Every invoice of a tenant, page by page."""
        page = self.get(f"tenants/{tenant}/invoices", limit=200, **query)
        while True:
            yield from page["items"]
            if not page.get("next_cursor"):
                return
            page = self.get(f"tenants/{tenant}/invoices", limit=200, cursor=page["next_cursor"], **query)

    def command(self, tenant: str, kind: str, document: str | None = None) -> dict[str, Any]:
        """Send a command; the stored command with its id."""
        body = {"kind": kind} | ({"document": document} if document else {})
        answer = self._session.post(
            f"{self._root}/tenants/{tenant}/commands", json=body, timeout=_TIMEOUT_SECONDS
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
