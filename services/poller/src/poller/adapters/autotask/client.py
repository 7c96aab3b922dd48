"""One tenant's calls to the Autotask REST API. Not thread-safe: Autotask wants one request after another, and so it gets them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from poller.adapters.autotask.answers import picklist_labels, read_answer
from poller.adapters.autotask.errors import DownError, RefusedError
from poller.core.budget import Usage
from poller.core.values import Record
from poller.core.window import as_autotask_moment
from service_runtime import metrics
from service_runtime.deadline import deadline
from service_runtime.tenants import AutotaskCredentials

SIDE = "autotask"
PAGE_SIZE = 500
MAX_IN_LIST = 200
"""Ids in one `in` filter: within the limits that public clients keep to."""

CALL_SECONDS = 60.0
"""Longest total time of one call."""

_CONNECT_SECONDS = 10.0
_ZONE_SECONDS = 12 * 3600.0

Filter = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Zone:
    """Where the tenant's database lives.

    Attributes:
        api_root: root of the API, with a trailing slash, without the version.
        web_root: root of Autotask's own pages.
    """

    api_root: str
    web_root: str


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one page in ascending id, and whether the server says that none follows."""

    items: Sequence[Record]
    last: bool


class AutotaskClient:
    """Finds the tenant's zone and calls it with the credentials of the moment."""

    def __init__(
        self,
        tenant_id: str,
        zone_root: str,
        session: requests.Session,
        credentials: Callable[[], AutotaskCredentials],
        now: Callable[[], float] = time.monotonic,
        *,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        """`zone_root`: where zone discovery is asked, without `/v1.0/…`; `now`: seconds of a monotonic clock.

        `call_seconds`: total time of one call, at most half a lease, so that no call outlives the lease it was made under.
        """
        self._tenant_id = tenant_id
        self._zone_root = zone_root
        self._session = session
        self._credentials = credentials
        self._now = now
        self._call_seconds = call_seconds
        self._zone: Zone | None = None
        self._zone_at = 0.0
        self._zone_user = ""

    def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:
        """The first page of a query, at most 500 records in ascending id.

        Args:
            entity: such as `Invoices`.
            filters: conditions joined by AND.
            fields: those that are wanted, None for all.

        Raises:
            AutotaskError: see its kinds.
        """
        body: dict[str, Any] = {"MaxRecords": PAGE_SIZE, "filter": list(filters)}
        if fields is not None:
            body["IncludeFields"] = list(fields)
        answer = self._call("POST", f"{entity}/query", f"query {entity}", body)
        items = answer.get("items")
        if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
            raise DownError(f"Autotask's answer to a query of {entity} has no items")
        details = answer.get("pageDetails")
        told_last = isinstance(details, dict) and "nextPageUrl" in details and details["nextPageUrl"] is None
        return Page(items, last=told_last or len(items) < PAGE_SIZE)

    def picklist(self, entity: str, field: str) -> Mapping[int, str]:
        """Labels of a picklist field by value. Autotask writes the values as texts; one that is no number is passed over.

        Args:
            entity: such as `Companies`.
            field: such as `territoryID`.

        Raises:
            AutotaskError: see its kinds.
        """
        answer = self._call("GET", f"{entity}/entityInformation/fields", f"fields {entity}")
        fields = answer.get("fields")
        if not isinstance(fields, list):
            raise DownError(f"Autotask's answer about the fields of {entity} has none")
        return picklist_labels(fields, field)

    def stamp(self, invoice_id: int, at: datetime) -> None:
        """Write an invoice's Web Service Date. PATCH changes only what is sent; PUT would blank the invoice's number.

        Raises:
            AutotaskError: see its kinds. After `DownError` the stamp may have been written all the same.
        """
        body = {"id": invoice_id, "webServiceDate": as_autotask_moment(at)}
        self._call("PATCH", "Invoices", "stamp", body)

    def usage(self) -> Usage:
        """Requests of the rolling hour, all integrations together. The call itself counts.

        Raises:
            AutotaskError: see its kinds.
        """
        answer = self._call("GET", "ThresholdInformation", "threshold")
        used, limit = answer.get("currentTimeframeRequestCount"), answer.get("externalRequestThreshold")
        if not isinstance(used, int) or not isinstance(limit, int):
            raise DownError("Autotask's answer about its threshold has no numbers")
        return Usage(used, limit)

    def forget_zone(self) -> None:
        """The next call looks up anew where the tenant's database lives."""
        self._zone = None

    def web_root(self) -> str:
        """Root of Autotask's own pages for this tenant.

        Raises:
            AutotaskError: the zone could not be found.
        """
        return self._current_zone().web_root

    def _call(
        self, method: str, path: str, operation: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call the tenant's zone. A 401 can mean that the database has moved: the zone is looked up again, once."""
        zone = self._current_zone()
        try:
            return self._send(method, f"{zone.api_root}v1.0/{path}", operation, body)
        except RefusedError:
            self._zone = None
            moved = self._current_zone()
            if moved.api_root == zone.api_root:
                raise  # the same request at the same place would only be another failed login
        return self._send(method, f"{moved.api_root}v1.0/{path}", operation, body)

    def _current_zone(self) -> Zone:
        user = quote(self._credentials().username, safe="")
        another = user != self._zone_user  # who may live in another zone
        if self._zone is None or another or self._now() - self._zone_at > _ZONE_SECONDS:
            answer = self._exchange(
                "GET", f"{self._zone_root}/v1.0/zoneInformation?user={user}", "zone", {}, None
            )
            api_root, web_root = answer.get("url"), answer.get("webUrl")
            if not isinstance(api_root, str) or not isinstance(web_root, str):
                raise DownError("Autotask's answer about the zone names no address")
            self._zone = Zone(api_root.rstrip("/") + "/", web_root)
            self._zone_at = self._now()
            self._zone_user = user
        return self._zone

    def _send(self, method: str, url: str, operation: str, body: dict[str, Any] | None) -> dict[str, Any]:
        credentials = self._credentials()
        headers = {
            "UserName": credentials.username,
            "Secret": credentials.secret,
            "ApiIntegrationCode": credentials.integration_code,
            "Content-Type": "application/json",
        }
        return self._exchange(method, url, operation, headers, None if body is None else json.dumps(body))

    def _exchange(
        self, method: str, url: str, operation: str, headers: dict[str, str], body: str | None
    ) -> dict[str, Any]:
        began = time.monotonic()
        status = "none"
        try:
            with deadline(self._call_seconds):
                response = self._session.request(
                    method,
                    url,
                    data=body,
                    headers=headers,
                    timeout=(min(_CONNECT_SECONDS, self._call_seconds), self._call_seconds),
                    allow_redirects=False,
                )
            status = str(response.status_code)
            content = response.content
        except requests.RequestException as error:
            # The library's own message may repeat the address with the user's name.
            raise DownError(f"no answer from Autotask ({type(error).__name__})") from error
        finally:
            metrics.outside_calls.labels(SIDE, self._tenant_id, operation, status).inc()
            metrics.outside_seconds.labels(SIDE).observe(time.monotonic() - began)
        return read_answer(response.status_code, response.headers, content)
