"""What people do in Autotask's own pages, and what tests need to see: control routes of one tenant.

Below ``tenants/{t}/``: ``entities/{Entity}`` (POST an array to upsert, GET to read), ``entities/{Entity}/{id}``
(DELETE), ``invoices/{id}/void``, ``…/clear-stamp`` and ``…/paid``, ``purchase-orders/{id}``, ``picklists``,
``switches`` (POST those to change), ``unlock``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from simulators.autotask.entities import EntityType, entity
from simulators.autotask.picklists import read_picklists
from simulators.autotask.query import read_query
from simulators.kit.documents import BadDocumentError, UnknownTenantError, as_object, check_members
from simulators.kit.simulator import ControlRoute

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.autotask.database import Database
    from simulators.kit.clock import Clock

_TENANT = r"tenants/(?P<tenant>[^/]+)"
# What becomes of the lines of a voided invoice is not documented: all three are possible.
_LINES: dict[str, int | None] = {"kept": None, "detached": 0, "detached_null": None}
_SUBMITTED, _CANCELLED = 2, 5


class Control:
    """The control routes that only this simulator has."""

    def __init__(self, database: Callable[[str], Database], clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def routes(self) -> list[ControlRoute]:
        """All of them."""
        entities = _TENANT + r"/entities/(?P<entity>\w+)"
        invoice = _TENANT + r"/invoices/(?P<invoice>\d+)/"
        routes: list[tuple[str, str, Callable[[dict[str, str], object], object]]] = [
            ("POST", entities, self._upsert),
            ("GET", entities, self._read),
            ("DELETE", entities + r"/(?P<number>\d+)", self._remove),
            ("POST", invoice + "clear-stamp", self._clear_stamp),
            ("POST", invoice + "void", self._void),
            ("POST", invoice + "paid", self._pay),
            ("POST", _TENANT + r"/purchase-orders/(?P<order>\d+)", self._change_order),
            ("POST", _TENANT + "/picklists", self._set_picklists),
            ("POST", _TENANT + "/switches", self._switch),
            ("POST", _TENANT + "/unlock", self._unlock),
        ]
        return [ControlRoute(method, re.compile(path), handler) for method, path, handler in routes]

    def _upsert(self, groups: dict[str, str], document: object) -> object:
        return {"records": self._database(groups["tenant"]).upsert(groups["entity"], document)}

    def _read(self, groups: dict[str, str], _document: object) -> object:
        database = self._database(groups["tenant"])
        with database.lock:
            return {"items": list(database.tables[_entity(groups["entity"]).name])}

    def _remove(self, groups: dict[str, str], _document: object) -> object:
        self._database(groups["tenant"]).remove(groups["entity"], int(groups["number"]))
        return {}

    def _clear_stamp(self, groups: dict[str, str], _document: object) -> object:
        return self._change_invoice(groups, {"webServiceDate": None})

    def _void(self, groups: dict[str, str], document: object) -> object:
        options = {} if document is None else as_object(document, "void")
        check_members(options, "void", optional=("lines", "resource", "at"))
        lines = options.get("lines", "kept")
        if lines not in _LINES:
            raise BadDocumentError(f"void.lines: one of {', '.join(_LINES)} is wanted")
        at = options.get("at") or self._now()
        values = {"isVoided": True, "voidedDate": at, "voidedByResourceID": options.get("resource")}
        answer = self._change_invoice(groups, values)
        if lines != "kept":
            self._detach(self._database(groups["tenant"]), int(groups["invoice"]), _LINES[lines])
        return answer

    @staticmethod
    def _detach(database: Database, invoice: int, value: int | None) -> None:
        """The lines of a voided invoice go back to those that are still to be invoiced."""
        with database.lock:
            table = database.tables["BillingItems"]
            condition = {"op": "eq", "field": "invoiceID", "value": invoice}
            query = read_query(table.entity, {"filter": [condition]})
            for line in list(table.find(query.filter)):
                table.change(line["id"], {"invoiceID": value})

    def _pay(self, groups: dict[str, str], document: object) -> object:
        options = as_object(document, "paid")
        check_members(options, "paid", required=("date",))
        day = options["date"]
        return self._change_invoice(groups, {"paidDate": None if day is None else f"{day}T00:00:00Z"})

    def _change_invoice(self, groups: dict[str, str], values: dict[str, Any]) -> object:
        database, number = self._database(groups["tenant"]), int(groups["invoice"])
        with database.lock:
            table = database.tables["Invoices"]
            if table.get(number) is None:
                raise UnknownTenantError(f"invoice {number} of tenant {groups['tenant']}")
            database.check_record(table.entity, {"id": number, **values})
            database.write(table.entity, number, values, self._clock.now())
            return {"item": table.get(number)}

    def _change_order(self, groups: dict[str, str], document: object) -> object:
        """Any fields of a purchase order; a status brings the time with it at which it was reached."""
        values = as_object(document, "purchase order")
        database, number = self._database(groups["tenant"]), int(groups["order"])
        with database.lock:
            table = database.tables["PurchaseOrders"]
            before = table.get(number)
            if before is None:
                raise UnknownTenantError(f"purchase order {number} of tenant {groups['tenant']}")
            database.check_record(table.entity, {**values, "id": number})
            status = values.get("status", before.get("status"))
            moments = {}
            if status == _CANCELLED and before.get("status") != _CANCELLED:
                moments["cancelDateTime"] = self._now()
            elif (
                status is not None and _SUBMITTED <= status < _CANCELLED and not before.get("submitDateTime")
            ):
                moments["submitDateTime"] = self._now()
            database.upsert("PurchaseOrders", [{**moments, **values, "id": number}])
            return {"item": table.get(number)}

    def _set_picklists(self, groups: dict[str, str], document: object) -> object:
        database = self._database(groups["tenant"])
        with database.lock:
            database.picklists = {**database.picklists, **read_picklists(document, "picklists")}
        return {}

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

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entity(name: str) -> EntityType:
    kind = entity(name)
    if kind is None:
        raise UnknownTenantError(f"entity {name}")
    return kind
