"""The full snapshot of an invoice, made of Autotask's records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TypedDict

from invoice_events.types import AutotaskCompany, AutotaskContact, AutotaskInvoice, AutotaskLine
from poller.core.tries import Subject
from poller.core.values import (
    MalformedRecordError,
    Record,
    amount,
    business_date,
    flag,
    moment,
    record_id,
    reference,
    text,
    whole,
)


class Snapshot(TypedDict):
    """The parts of `invoice.discovered` that come from Autotask."""

    invoice: AutotaskInvoice
    company: AutotaskCompany
    contact: AutotaskContact | None
    lines: list[AutotaskLine]


@dataclass(frozen=True, slots=True)
class Names:
    """Records that lines and invoices refer to, by id (tax regions also by name).

    Attributes:
        currencies: three letters by id.
        own_currency: id of the tenant's own, which companies without one have.
        payment_terms: name by id.
        tax_regions: id by name, case folded: invoices carry the region's name more often than its id.
        billing_codes: records by id.
        tickets: records by id.
        contracts: records by id.
    """

    currencies: Mapping[int, str] = field(default_factory=dict)
    own_currency: int | None = None
    payment_terms: Mapping[int, str] = field(default_factory=dict)
    tax_regions: Mapping[str, int] = field(default_factory=dict)
    billing_codes: Mapping[int, Record] = field(default_factory=dict)
    tickets: Mapping[int, Record] = field(default_factory=dict)
    contracts: Mapping[int, Record] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that belongs to one invoice.

    Attributes:
        invoice: the record itself.
        lines: its billing items.
        company: its company, None if the API user may not see it.
        contact: the accounts contact, None if the company has no active one.
        names: what ids stand for.
    """

    invoice: Record
    lines: Sequence[Record]
    company: Record | None
    contact: Record | None
    names: Names


def subject_of(invoice: Record) -> Subject:
    """What the ledger keeps of an invoice.

    Raises:
        MalformedRecordError: id or invoice date are missing.
    """
    return Subject(*_identity(invoice))


def _identity(invoice: Record) -> tuple[int, date, datetime]:
    """Id, invoice date, and when it was made (the start of its date if that is not told)."""
    day = business_date(invoice, "invoiceDateTime")
    if day is None:
        raise MalformedRecordError("invoiceDateTime is missing")
    created_at = moment(invoice, "createDateTime") or datetime.combine(day, time.min, UTC)
    return record_id(invoice), day, created_at


def make_snapshot(parts: Parts) -> Snapshot:
    """The snapshot of an invoice.

    Raises:
        MalformedRecordError: a record lacks what every such record has; the message names the field.
    """
    return {
        "invoice": _invoice(parts),
        "company": _company(parts),
        "contact": None if parts.contact is None else _contact(parts.contact),
        "lines": [_line(line, parts.names) for line in sorted(parts.lines, key=record_id)],
    }


def _invoice(parts: Parts) -> AutotaskInvoice:
    record, names = parts.invoice, parts.names
    number, day, created_at = _identity(record)
    region_name = text(record, "taxRegionName") or None
    term = reference(record, "paymentTerm")
    return {
        "id": number,
        "number": text(record, "invoiceNumber"),
        "date": day,
        "due_date": business_date(record, "dueDate"),
        "created_at": created_at,
        "total": amount(record, "invoiceTotal"),
        "tax_total": amount(record, "totalTaxValue"),
        "currency": _currency(parts),
        "tax_region_id": reference(record, "taxGroup")
        or names.tax_regions.get((region_name or "").casefold()),
        "tax_region_name": region_name,
        "order_number": text(record, "orderNumber"),
        "comments": text(record, "comments"),
        "payment_term": None if term is None else names.payment_terms.get(term),
        "period_from": business_date(record, "fromDate"),
        "period_to": business_date(record, "toDate"),
        "batch_id": reference(record, "batchID"),
        "is_voided": flag(record, "isVoided"),
        "voided_at": moment(record, "voidedDate"),
        "paid_date": business_date(record, "paidDate"),
        "web_service_date": moment(record, "webServiceDate"),
    }


def _currency(parts: Parts) -> str:
    """The company's currency: invoices have none of their own. One that is not known is never taken for another."""
    chosen = reference(parts.company or {}, "currencyID") or parts.names.own_currency
    name = parts.names.currencies.get(chosen or 0)
    if not name:
        raise MalformedRecordError(f"currencyID is {chosen!r}, which Autotask does not list")
    return name


def _company(parts: Parts) -> AutotaskCompany:
    """The company; without a visible record only its id is known, and the mapper faults the invoice for want of a contact."""
    record: Record = parts.company or {"id": reference(parts.invoice, "companyID") or 0}
    return {
        "id": record_id(record),
        "name": text(record, "companyName"),
        "number": text(record, "companyNumber"),
        "tax_region_id": reference(record, "taxRegionID"),
        "tax_number": text(record, "taxID"),
        "phone": text(record, "phone"),
        "address_1": text(record, "address1"),
        "address_2": text(record, "address2"),
        "city": text(record, "city"),
        "state": text(record, "state"),
        "postal_code": text(record, "postalCode"),
        "country_id": reference(record, "countryID"),
    }


def _contact(record: Record) -> AutotaskContact:
    return {
        "id": record_id(record),
        "first_name": text(record, "firstName"),
        "last_name": text(record, "lastName"),
        "email": text(record, "emailAddress"),
        "phone": text(record, "phone"),
    }


def _line(record: Record, names: Names) -> AutotaskLine:
    code_id, ticket_id, contract_id = (
        reference(record, name) for name in ("billingCodeID", "ticketID", "contractID")
    )
    code = names.billing_codes.get(code_id or 0, {})
    ticket = names.tickets.get(ticket_id or 0, {})
    contract = names.contracts.get(contract_id or 0, {})
    return {
        "id": record_id(record),
        "type": whole(record, "billingItemType") or 0,
        "sub_type": whole(record, "subType") or 0,
        "item_name": text(record, "itemName"),
        "description": text(record, "lineItemFullDescription") or text(record, "description"),
        "group_id": reference(record, "lineItemID"),
        "group_description": text(record, "lineItemGroupDescription"),
        "date": business_date(record, "itemDate"),
        "quantity": amount(record, "quantity"),
        "rate": amount(record, "rate"),
        "extended_price": amount(record, "extendedPrice"),
        "total_amount": amount(record, "totalAmount"),
        "tax": amount(record, "taxDollars"),
        "non_billable": flag(record, "nonBillable"),
        "billing_code_id": code_id,
        "billing_code_name": text(code, "name") or None,
        # Only the newest API has the category on the line; before, the billing code decides it.
        "tax_category_id": reference(record, "taxCategoryID") or reference(code, "taxCategoryID"),
        "ticket_id": ticket_id,
        "ticket_number": text(ticket, "ticketNumber") or None,
        "ticket_title": text(ticket, "title") or None,
        "contract_id": contract_id,
        "contract_name": text(contract, "contractName") or None,
        "resource_name": None,
        "sort_order": whole(record, "sortOrderID"),
    }


def autotask_url(web_root: str, invoice_id: int) -> str:
    """Link to an invoice in Autotask's own pages.

    The API gives only the root; the path is not part of it. Every resync must give the same link, because Xero stores it.
    """
    return f"{web_root.rstrip('/')}/contracts/views/invoiceView.asp?invoiceId={invoice_id}"
