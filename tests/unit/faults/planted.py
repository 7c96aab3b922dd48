"""A history in which nothing is wrong, for planting anomalies into: two tenants, two invoices each, one foreign document."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from invoice_events import names
from tests.faults.history import Asked, History, Injection, Sample, TenantHistory, Told
from tests.faults.kinds import Fault, Stage

START = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
TENANTS = {"north": "autotask_id", "south": "xero"}
IDS = (1, 2)
BLOCKED = "invoice/9"
ORDER = "purchase-order/5"
FOREIGN_ID = "by-hand"
ORDERS = "/api.xro/2.0/PurchaseOrders"
SECRET = "autotask-north-made-up"


def at(seconds: float) -> datetime:
    """A moment of the history."""
    return START + timedelta(seconds=seconds)


def document(tenant: str, number: int, **members: Any) -> dict[str, Any]:  # noqa: ANN401  # Xero's members
    """The document in Xero of an invoice."""
    return {
        "InvoiceID": f"{tenant}-{number}",
        "InvoiceNumber": f"INV:{number}",
        "Status": "DRAFT",
        "Url": f"https://psa.example/invoice/{number}#sync=invoice/{number}",
        "Reference": "",
        "SubTotal": "100.00",
        "TotalTax": "15.00",
        "Total": "115.00",
        "LineItems": [
            {"AccountCode": "200", "TaxType": "OUTPUT2", "LineAmount": "100.00"},
            {"AccountCode": None, "TaxType": None, "LineAmount": None},
        ],
    } | members


def foreign() -> dict[str, Any]:
    """A document that a person made."""
    return document("", 0, InvoiceID=FOREIGN_ID, InvoiceNumber="HAND-1", Url=None)


def call(seconds: float, method: str, path: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401  # of the record
    """A recorded call that took a tenth of a second."""
    return {
        "at": at(seconds).isoformat(),
        "method": method,
        "path": path,
        "query": {},
        "tenant": "north",
        "status": 200,
        "duration_ms": 100,
        "request_body": None,
        "idempotency_key": None,
    } | members


def create(seconds: float, key: str, *numbers: int, **members: Any) -> dict[str, Any]:  # noqa: ANN401  # of the record
    """A recorded call that creates documents."""
    elements = [{"Url": f"https://x.example/#sync=invoice/{n}", "InvoiceNumber": f"INV:{n}"} for n in numbers]
    body = {"Invoices": elements}
    return call(seconds, "PUT", "/api.xro/2.0/Invoices", idempotency_key=key, request_body=body, **members)


def order(tenant: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401  # Xero's members
    """The document in Xero of the purchase order."""
    number = ORDER.partition("/")[2]
    found = document(tenant, 5, PurchaseOrderID=f"{tenant}-PO", PurchaseOrderNumber=f"PO:{number}")
    del found["InvoiceID"], found["InvoiceNumber"]
    return found | {"Url": None, "Reference": f"by van [PO {number}]"} | members


def create_order(seconds: float, key: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401  # of the record
    """A recorded call that creates the purchase order."""
    body = {"PurchaseOrders": [{"Reference": "by van [PO 5]", "PurchaseOrderNumber": "PO:5"}]}
    return call(seconds, "PUT", ORDERS, idempotency_key=key, request_body=body, **members)


def event(topic: str, tenant: str, name: str, seconds: float, **members: Any) -> Told:  # noqa: ANN401  # of the event
    """An event as it stands in Kafka; its revision is 1, and the database's clock is wrong."""
    told = {
        "event_id": f"{topic} {tenant} {name}",
        "tenant_id": tenant,
        "document": name,
        "revision": 1,
        "occurred_at": at(seconds + 1000),
        "xero_document_id": None,
    }
    return Told(topic, 0, 0, told | members, at(seconds))


def trouble(begin: float, end: float, **changes: Any) -> Injection:  # noqa: ANN401  # of the injection
    """North at its day limit."""
    found = Injection(
        fault=Fault.DAY_LIMIT,
        stage=Stage.CREATE,
        target="xero",
        tenant="north",
        begin=at(begin),
        end=at(end),
        aimed=True,
        hits=3,
    )
    return replace(found, **changes)


def asked(seconds: float, state: str | None = "done", **changes: Any) -> Asked:  # noqa: ANN401  # of the command
    """North's resync of its first invoice."""
    return replace(Asked("north", "resync", "invoice/1", "command", at(seconds), state), **changes)


def clean() -> History:
    """Nothing is wrong: found at 0 s, created at 1 s, told at 2 s, stamped at 100 s; purchase orders have no stamp."""
    events, samples = [], []
    for tenant in TENANTS:
        events.append(event("purchase-order.discovered", tenant, ORDER, 0))
        events.append(event("purchase-order.synced", tenant, ORDER, 2, xero_document_id=f"{tenant}-PO"))
        samples.append(Sample(at(2.5), tenant, ORDER, "Complete", 1))
        for number in IDS:
            name = f"invoice/{number}"
            events.append(event(names.DISCOVERED, tenant, name, 0))
            events.append(event(names.SYNCED, tenant, name, 2, xero_document_id=f"{tenant}-{number}"))
            samples += [
                Sample(at(0.5), tenant, name, "Pending Sync", 1),
                Sample(at(1), tenant, name, "Processing Now", 1),
                Sample(at(2.5), tenant, name, "Complete", 1),
            ]
        events.append(event(names.DISCOVERED, tenant, BLOCKED, 0))
        words = {"strike": True, "service": "xero-writer", "code": "NUMBER_CONFLICT", "text": "taken"}
        events.append(event(names.FAULTED, tenant, BLOCKED, 2, **words))
    return History(
        tenants=[_tenant(tenant, numbering) for tenant, numbering in TENANTS.items()],
        events=events,
        autotask_calls=[],
        xero_calls=[
            *(create(1, f"key-{tenant}", *IDS, tenant=tenant) for tenant in TENANTS),
            *(create_order(1, f"order-{tenant}", tenant=tenant) for tenant in TENANTS),
        ],
        samples=samples,
        shown={tenant: _shown() for tenant in TENANTS},
        logs={"poller": '{"message": "started"}'},
        buried=[],
        injections=[],
        deaths=[],
        secrets=frozenset({SECRET}),
        key_lifetime=18.0,
    )


def changed(tenant: str, **changes: Any) -> History:  # noqa: ANN401  # of the tenant
    """The clean history with something else at one tenant."""
    history = clean()
    tenants = [replace(each, **changes) if each.tenant == tenant else each for each in history.tenants]
    return replace(history, tenants=tenants)


def with_documents(tenant: str, *documents: dict[str, Any], made: int | None = None) -> History:
    """The clean history with these invoices in a tenant's Xero instead of its two; `made`: by the API, default all."""
    xero = _xero(tenant)
    xero["invoices"] = [*documents]
    count = sum(each["InvoiceID"] != FOREIGN_ID for each in documents) if made is None else made
    return changed(tenant, xero=xero | {"counters": {"documents_created": count + 1}})


def with_order(**members: Any) -> History:  # noqa: ANN401  # Xero's members
    """The clean history with another purchase order in north's Xero."""
    return with_orders(order("north", **members))


def with_orders(*orders: dict[str, Any]) -> History:
    """The clean history with these purchase orders in north's Xero."""
    return changed("north", xero=_xero("north") | {"purchase_orders": [*orders]})


def with_void(*, there: bool = True, **members: Any) -> History:  # noqa: ANN401  # Xero's members
    """The clean history, with north's first invoice voided in Autotask at 50 s and so in Xero; `there`: a trace is left."""
    voided = [document("north", 1, **members)] if there else []
    history = with_documents("north", *voided, document("north", 2), foreign(), made=2)
    tenants = [
        replace(each, voided={"invoice/1": at(50)}) if each.tenant == "north" else each
        for each in history.tenants
    ]
    return replace(history, tenants=tenants)


def with_calls(*calls: dict[str, Any], injections: tuple[Injection, ...] = ()) -> History:
    """The clean history with these calls to Xero, and creates of whatever they do not create."""
    named = {
        (each["tenant"], element["InvoiceNumber"])
        for each in calls
        for element in (each["request_body"] or {}).get("Invoices", ())
    }
    rest = [
        create(0, f"rest-{tenant}-{number}", number, tenant=tenant)
        for tenant in TENANTS
        for number in IDS
        if (tenant, f"INV:{number}") not in named
    ]
    ordered = {each["tenant"] for each in calls if each["path"] == ORDERS}
    rest += [create_order(0, f"rest-{tenant}", tenant=tenant) for tenant in TENANTS if tenant not in ordered]
    return replace(clean(), xero_calls=[*calls, *rest], injections=list(injections))


def _tenant(tenant: str, numbering: str) -> TenantHistory:
    amounts = {"sub_total": "100.00", "total_tax": "15.00", "total": "115.00"}
    lines = [{"account": "200", "tax_type": "OUTPUT2", "amount": "100.00"}]
    fate = {"document": amounts | {"lines": lines}}
    return TenantHistory(
        tenant=tenant,
        numbering=numbering,
        fates={name: deepcopy(fate) for name in (*(f"invoice/{number}" for number in IDS), BLOCKED, ORDER)},
        blocked=frozenset({BLOCKED}),
        autotask={
            "stamps": [
                {"entity": "Invoices", "id": number, "first_set_at": at(100).isoformat()} for number in IDS
            ]
        },
        xero=_xero(tenant),
        foreign={FOREIGN_ID: foreign()},
    )


def _xero(tenant: str) -> dict[str, Any]:
    invoices = [document(tenant, number) for number in IDS]
    return {
        "invoices": [*invoices, foreign()],
        "credit_notes": [],
        "purchase_orders": [order(tenant)],
        "counters": {"documents_created": len(invoices) + 1},
    }


def _shown() -> dict[str, str]:
    return {f"invoice/{number}": "Complete" for number in IDS} | {BLOCKED: "Fault", ORDER: "Complete"}
