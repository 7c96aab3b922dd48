"""A simulator's control API: plant faults, read the record of calls, read the books, do what people do by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import requests

_TIMEOUT_SECONDS = 60.0
Collection = Literal["invoices", "credit_notes", "purchase_orders"]


class SimulatorControl:
    """Control calls of one simulator (Autotask or Xero)."""

    def __init__(self, url: str) -> None:
        """`url` is the simulator's root."""
        self._root = f"{url}/_control"

    def plant(
        self,
        match: dict[str, Any],
        action: dict[str, Any],
        *,
        times: int | None = 1,
        skip: int = 0,
        when: str = "before",
    ) -> str:
        """Plant a fault; returns its id. `times` None: until faults are cleared."""
        fault = {"match": match, "action": action, "times": times, "skip": skip, "when": when}
        return str(self._call("POST", "faults", fault)["id"])

    def fired(self, fault: str) -> int:
        """How often a planted fault has fired."""
        listed: list[dict[str, Any]] = self._call("GET", "faults")["faults"]
        return int(next(one["fired"] for one in listed if str(one["id"]) == fault))

    def clear_faults(self) -> None:
        """Forget every planted fault."""
        self._call("DELETE", "faults")

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Recorded calls, oldest first, after a sequence number."""
        found: list[dict[str, Any]] = self._call("GET", f"calls?since={since}")["calls"]
        return found

    def books(self, tenant: str) -> dict[str, Any]:
        """Everything the simulator holds for a tenant; amounts as texts."""
        found: dict[str, Any] = self._call("GET", f"books/{tenant}")
        return found

    def refuse(self, seconds: float) -> None:
        """Refuse connections for a while."""
        self._call("POST", "refuse", {"seconds": seconds})

    def latency(self, tenant: str | None, seconds: float) -> None:
        """Let every answer to a tenant (None: to all) take so long."""
        self._call("POST", "latency", {"tenant": tenant, "seconds": seconds})

    def clock(self, offset_seconds: float) -> None:
        """Move the simulator's clock so far from the true time."""
        self._call("POST", "clock", {"offset_seconds": offset_seconds})

    def in_autotask(self, tenant: str) -> "AutotaskPages":
        """What a person does in Autotask's own pages; only for the control of an Autotask simulator."""
        return AutotaskPages(self, tenant)

    def in_xero(self, tenant: str) -> "XeroPages":
        """What a person does in Xero's own pages; only for the control of a Xero simulator."""
        return XeroPages(self, tenant)

    def post(self, path: str, body: Any) -> Any:  # noqa: ANN401  # any JSON
        """Any other control call, such as `tenants/acme/invoices/48213/clear-stamp`."""
        return self._call("POST", path, body)

    def get(self, path: str) -> Any:  # noqa: ANN401  # any JSON
        """Any other reading control call, such as `tenants/acme/entities/Contacts`."""
        return self._call("GET", path)

    def delete(self, path: str) -> Any:  # noqa: ANN401  # any JSON
        """Any other deleting control call, such as `tenants/acme/entities/PurchaseOrderItems/9`."""
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401  # any JSON
        answer = requests.request(method, f"{self._root}/{path}", json=_plain(body), timeout=_TIMEOUT_SECONDS)
        if answer.status_code >= requests.codes.bad_request:
            # The simulator says what is wrong with the document; without it a failing test says only "400".
            raise requests.HTTPError(f"{method} {path}: {answer.status_code} {answer.text}", response=answer)
        return answer.json() if answer.content else None


@dataclass(frozen=True)
class AutotaskPages:
    """One tenant's Autotask, as its people use it. Fields have Autotask's names; amounts may be Decimals."""

    control: SimulatorControl
    tenant: str

    def put(self, entity: str, *records: Mapping[str, Any]) -> None:
        """Add records, or set the given fields of those that exist (by `id`)."""
        self._post(f"entities/{entity}", [dict(record) for record in records])

    def records(self, entity: str) -> list[dict[str, Any]]:
        """Every record of an entity."""
        found: list[dict[str, Any]] = self.control.get(f"tenants/{self.tenant}/entities/{entity}")["items"]
        return found

    def remove(self, entity: str, number: int) -> None:
        """Delete a record, for example an item of an order."""
        self.control.delete(f"tenants/{self.tenant}/entities/{entity}/{number}")

    def void_invoice(
        self,
        number: int,
        *,
        at: datetime | None = None,
        lines: Literal["kept", "detached", "detached_null"] = "kept",
        resource: int | None = None,
    ) -> None:
        """Void an invoice (at a time, else now). `lines`: they keep its id, or have 0 or null from then on."""
        options = {"lines": lines, "resource": resource}
        self._post(f"invoices/{number}/void", options if at is None else {**options, "at": _moment(at)})

    def clear_stamp(self, number: int) -> None:
        """Empty the Web Service Date of an invoice."""
        self._post(f"invoices/{number}/clear-stamp", {})

    def set_paid(self, number: int, day: date | None) -> None:
        """Set or empty the date on which an invoice was paid."""
        self._post(f"invoices/{number}/paid", {"date": None if day is None else day.isoformat()})

    def change_order(self, number: int, **fields: Any) -> None:  # noqa: ANN401  # any field of an order
        """Set fields of a purchase order; a `status` (1 new … 4 received in full, 5 cancelled) sets its time too."""
        self._post(f"purchase-orders/{number}", fields)

    def cancel_order(self, number: int) -> None:
        """Cancel a purchase order."""
        self.change_order(number, status=5)

    def deactivate_contact(self, number: int) -> None:
        """Make a contact inactive."""
        self.put("Contacts", {"id": number, "isActive": 0})

    def set_picklist(self, field: str, labels: Mapping[str, str]) -> None:
        """Name the values of a picklist: `set_picklist("Companies.territoryID", {"1": "North Island"})`."""
        self._post("picklists", {field: dict(labels)})

    def switch(self, **switches: Any) -> None:  # noqa: ANN401  # each switch has its own type
        """Change switches of the simulator."""
        self._post("switches", switches)

    def _post(self, path: str, body: Any) -> Any:  # noqa: ANN401  # any JSON
        return self.control.post(f"tenants/{self.tenant}/{path}", body)


@dataclass(frozen=True)
class XeroPages:
    """One tenant's Xero organisation, as its people use it. A `key` is the id or number of a document or contact."""

    control: SimulatorControl
    tenant: str

    def make(self, collection: Collection, **members: Any) -> str:  # noqa: ANN401  # Xero's members
        """Make a document as a person would (any status); returns its id."""
        return str(self._post(collection, members)["id"])

    def change(self, key: str, **members: Any) -> None:  # noqa: ANN401  # Xero's members
        """Change a document: `Status` (whatever it was), number, `Reference`, `Url`."""
        self._post(f"documents/{key}", members)

    def pay(self, key: str, amount: Decimal | None = None) -> None:
        """Pay an invoice or refund a credit note, in part, or completely without an amount."""
        self._post(f"documents/{key}", {"Status": "PAID"} if amount is None else {"Payment": amount})

    def allocate(self, credit_note: str, invoice: str, amount: Decimal) -> None:
        """Apply money of a credit note to an invoice."""
        self._post(f"documents/{credit_note}", {"Allocate": {"Invoice": invoice, "Amount": amount}})

    def release(self, key: str) -> None:
        """Take every payment and allocation off a document; a PAID one is AUTHORISED again."""
        self._post(f"documents/{key}", {"Release": True})

    def put_contact(self, **members: Any) -> str:  # noqa: ANN401  # Xero's members
        """Add or change a contact (by ContactID, else by Name; archived ones too); returns its id."""
        return str(self._post("contacts", members)["id"])

    def merge_contact(self, key: str, into: str) -> None:
        """Merge a contact away: it is archived and names the other, which takes its documents over."""
        self._post(f"contacts/{key}/merge", {"into": into})

    def put_account(self, **members: Any) -> str:  # noqa: ANN401  # Xero's members
        """Add or change an account (by Code), for example with `Status="ARCHIVED"`; returns its id."""
        return str(self._post("accounts", members)["id"])

    def put_tax_rate(self, **members: Any) -> None:  # noqa: ANN401  # Xero's members
        """Add or change a tax rate (by TaxType)."""
        self._post("tax_rates", members)

    def put_tracking_category(self, name: str, options: Iterable[Any] = (), **members: Any) -> None:  # noqa: ANN401  # Xero's members
        """Add or change a tracking category (by Name) and its options (names, or objects with Name and Status)."""
        self._post("tracking_categories", {"Name": name, "Options": list(options), **members})

    def put_branding_theme(self, name: str, *, remove: bool = False) -> None:
        """Add or remove a branding theme."""
        self._post("branding_themes", {"Name": name, "remove": remove})

    def lock_until(self, day: date | None, *, year: bool = False) -> None:
        """Lock the period (or the financial year) until a day, or unlock it."""
        member = "EndOfYearLockDate" if year else "PeriodLockDate"
        self._post("organisation", {member: None if day is None else day.isoformat()})

    def switch(self, **switches: Any) -> None:  # noqa: ANN401  # each switch has its own type
        """Change switches of the simulator."""
        self._post("organisation", {"switches": switches})

    def _post(self, path: str, body: Any) -> Any:  # noqa: ANN401  # any JSON
        return self.control.post(f"tenants/{self.tenant}/{path}", body)


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """JSON with amounts as texts, so that none becomes a binary fraction on its way."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
