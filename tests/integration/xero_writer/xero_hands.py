"""What tests do with documents in Xero, whatever their kind: make one of ours, and what people do to it by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.xero.people import put_document_by_hand
from tests.integration.xero_writer.made_up import ORDER
from tests.integration.xero_writer.rig import CUSTOMER, TENANT
from xero_writer.core.body import Call

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

KINDS = ("invoice", "credit_note", ORDER)
IDS = {"invoice": "InvoiceID", "credit_note": "CreditNoteID", ORDER: "PurchaseOrderID"}
MEMBERS = {"invoice": "invoices", "credit_note": "credit_notes", ORDER: "purchase_orders"}
TYPES = {"invoice": "ACCREC", "credit_note": "ACCRECCREDIT"}
NUMBERS = {"invoice": "InvoiceNumber", "credit_note": "CreditNoteNumber", ORDER: "PurchaseOrderNumber"}


def created(rig: Rig, kind: str, status: str = "DRAFT", document: int = 1, **xero: object) -> dict[str, Any]:
    """A document of ours in Xero, in this status; `xero`: fields of the document to be."""
    at_once = "DRAFT" if status == "SUBMITTED" and kind != ORDER else status
    rig.arrive(rig.mapped(document, kind=kind, xero=xero | {"status": at_once}))
    rig.work()
    [stands] = rig.copies(document, kind)
    if at_once != status:
        rig.person_changes(stands[IDS[kind]], Status=status)
    return rig.copies(document, kind)[0]


def the_document(rig: Rig, kind: str, document: int = 1) -> dict[str, Any]:
    """The one document with the mark, gone or not."""
    [stands] = rig.marked(document, kind)
    return stands


def foreign(rig: Rig, kind: str, number: str, status: str = "AUTHORISED", **fields: object) -> str:
    """Somebody else's document under this number. Returns its id."""
    organisation = rig.simulator._loaded(TENANT)
    with organisation.lock:
        contact_id = next(one.id for one in organisation.ledger.contacts.values() if one.name != CUSTOMER)
        account, tax = ("300", "INPUT2") if kind == ORDER else ("200", "OUTPUT2")
        value = {
            "Contact": {"ContactID": contact_id},
            "LineItems": [
                {
                    "Description": "Theirs",
                    "Quantity": 1,
                    "UnitAmount": 7,
                    "AccountCode": account,
                    "TaxType": tax,
                }
            ],
            "Date": "2026-11-01",
            "Status": status,
            NUMBERS[kind]: number,
        }
        if kind == "invoice":
            value["DueDate"] = "2026-12-01"
        if kind in TYPES:
            value["Type"] = TYPES[kind]
        now = rig.simulator.clock.now()
        return put_document_by_hand(organisation, MEMBERS[kind], value | fields, now)["id"]


def allocate(rig: Rig, note: dict[str, Any], invoice: dict[str, Any], amount: str = "15.00") -> None:
    """A credit note applied to an invoice, as Xero's own pages do it."""
    body = f'{{"Allocations":[{{"Amount":{amount},"Invoice":{{"InvoiceID":"{invoice["InvoiceID"]}"}}}}]}}'
    call = Call("PUT", f"/CreditNotes/{note['CreditNoteID']}/Allocations", body.encode())
    rig.client.write(call, f"allocate-{note['CreditNoteID']}", lambda: True)


def verify(rig: Rig) -> None:
    """Let all the time pass that it takes to be sure of an unknown outcome."""
    for seconds in (10, 245, 430, 70):
        rig.pass_time(seconds)
        rig.work()
