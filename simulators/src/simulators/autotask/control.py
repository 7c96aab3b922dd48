"""What people do in Autotask's own pages, and what tests need to see: control routes of one tenant.

``tenants/{t}/entities/{Entity}`` (POST an array to upsert, GET to read), ``tenants/{t}/invoices/{id}/void`` and
``…/clear-stamp``, ``tenants/{t}/switches`` (POST those to change), ``tenants/{t}/unlock``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from simulators.autotask.entities import EntityType, entity
from simulators.autotask.query import read_query
from simulators.kit.documents import BadDocumentError, UnknownTenantError, as_object, check_members
from simulators.kit.simulator import ControlRoute

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.autotask.database import Database
    from simulators.kit.clock import Clock

_TENANT = r"tenants/(?P<tenant>[^/]+)"
# What becomes of the lines of a voided invoice is not documented: both are possible.
_LINES = {"kept": None, "detached": 0}


class Control:
    """The control routes that only this simulator has."""

    def __init__(self, database: Callable[[str], Database], clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def routes(self) -> list[ControlRoute]:
        """All of them."""
        entities = re.compile(_TENANT + r"/entities/(?P<entity>\w+)")
        invoice = _TENANT + r"/invoices/(?P<invoice>\d+)/"
        return [
            ControlRoute("POST", entities, self._upsert),
            ControlRoute("GET", entities, self._read),
            ControlRoute("POST", re.compile(invoice + "clear-stamp"), self._clear_stamp),
            ControlRoute("POST", re.compile(invoice + "void"), self._void),
            ControlRoute("POST", re.compile(_TENANT + "/switches"), self._switch),
            ControlRoute("POST", re.compile(_TENANT + "/unlock"), self._unlock),
        ]

    def _upsert(self, groups: dict[str, str], document: object) -> object:
        return {"records": self._database(groups["tenant"]).upsert(groups["entity"], document)}

    def _read(self, groups: dict[str, str], _document: object) -> object:
        database = self._database(groups["tenant"])
        with database.lock:
            return {"items": list(database.tables[_entity(groups["entity"]).name])}

    def _clear_stamp(self, groups: dict[str, str], _document: object) -> object:
        return self._change(groups, {"webServiceDate": None})

    def _void(self, groups: dict[str, str], document: object) -> object:
        options = {} if document is None else as_object(document, "void")
        check_members(options, "void", optional=("lines", "resource"))
        lines = options.get("lines", "kept")
        if lines not in _LINES:
            raise BadDocumentError(f"void.lines: one of {', '.join(_LINES)} is wanted")
        database = self._database(groups["tenant"])
        moment = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        values = {"isVoided": True, "voidedDate": moment, "voidedByResourceID": options.get("resource")}
        answer = self._change(groups, values)
        if lines == "detached":
            with database.lock:
                table = database.tables["BillingItems"]
                condition = {"op": "eq", "field": "invoiceID", "value": int(groups["invoice"])}
                query = read_query(table.entity, {"filter": [condition]})
                for line in list(table.find(query.filter)):
                    table.change(line["id"], {"invoiceID": _LINES[lines]})
        return answer

    def _change(self, groups: dict[str, str], values: dict[str, Any]) -> object:
        database, number = self._database(groups["tenant"]), int(groups["invoice"])
        with database.lock:
            table = database.tables["Invoices"]
            if table.get(number) is None:
                raise UnknownTenantError(f"invoice {number} of tenant {groups['tenant']}")
            database.write(table.entity, number, values, self._clock.now())
            return {"item": table.get(number)}

    def _switch(self, groups: dict[str, str], document: object) -> object:
        database = self._database(groups["tenant"])
        with database.lock:
            database.switches = database.switches.with_changes(as_object(document, "switches"), "switches")
        return {}

    def _unlock(self, groups: dict[str, str], _document: object) -> object:
        database = self._database(groups["tenant"])
        with database.lock:
            database.locked, database.failed_logins = False, 0
        return {}


def _entity(name: str) -> EntityType:
    kind = entity(name)
    if kind is None:
        raise UnknownTenantError(f"entity {name}")
    return kind
