"""What a page is made from: the place, the person, the tenant, the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash
from dash.development.base_component import Component

from dashboard.api.connection import Json, StatusApi, below
from dashboard.core.addresses import Address, read_address
from dashboard.core.roles import may
from dashboard.server.current import person_zone, status_api
from invoice_events.identity import utc_now


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at some page.

    Attributes:
        address: where.
        api: calls as this person.
        zone: their time zone.
        now: the moment, in UTC.
    """

    address: Address
    api: StatusApi
    zone: ZoneInfo
    now: datetime

    @classmethod
    def of(cls, address: Mapping[str, Any]) -> Visit:
        """From the store `address`: `path` and `search` as the browser has them.

        Raises:
            SessionEndedError: nobody is signed in.
        """
        return cls(read_address(address["path"], address["search"]), status_api(), person_zone(), utc_now())

    @property
    def tenant(self) -> str:
        """The tenant this page is about."""
        assert self.address.tenant is not None  # noqa: S101  # pages of a tenant alone ask
        return self.address.tenant

    def of_tenant(self, *parts: str) -> str:
        """A path of status-api below the tenant."""
        return below("tenants", self.tenant, *parts)

    def me(self) -> Json:
        """Who this is, and what they may do."""
        return self.api.get(below("me"))

    def may(self, me: Json, role: str) -> bool:
        """Whether they have a role at the page's tenant."""
        return may(me, role, self.tenant)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the dashboard.

    Attributes:
        title: for the browser's tab.
        render: its content; raises what status-api answers.
        register: adds its callbacks to the application, once.
    """

    title: str
    render: Callable[[Visit], Component]
    register: Callable[[Dash], None]
