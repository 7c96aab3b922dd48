"""The full snapshot of an invoice, made of Autotask's records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TypedDict

from invoice_events.types import AutotaskCompany, AutotaskContact, AutotaskInvoice, AutotaskLine
from poller.core.companies import CompanyNames, company_of, currency_of
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
        companies: what the company's record refers to.
        payment_terms: name by id.
        tax_regions: id by name, case folded: invoices carry the region's name more often than its id.
        billing_codes: records by id.
        tickets: records by id.
        contracts: records by id.
        resources: name of the technician by time entry; empty unless a setting asks for it.
        lines_of_business: name by id; the same.
    """

    companies: CompanyNames = field(default_factory=CompanyNames)
    payment_terms: Mapping[int, str] = field(default_factory=dict)
    tax_regions: Mapping[str, int] = field(default_factory=dict)
    billing_codes: Mapping[int, Record] = field(default_factory=dict)
    tickets: Mapping[int, Record] = field(default_factory=dict)
    contracts: Mapping[int, Record] = field(default_factory=dict)
    resources: Mapping[int, str | None] = field(default_factory=dict)
    lines_of_business: Mapping[int, str | None] = field(default_factory=dict)


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


def date_of(invoice: Record) -> date | None:
    """The invoice's date, None if it can not be read."""
    try:
        return business_date(invoice, "invoiceDateTime")
    except MalformedRecordError:
        return None


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
        "invoice": _invoice(parts, currency_of(parts.company, parts.names.companies)),
        "company": company_of(
            parts.company, reference(parts.invoice, "companyID") or 0, parts.names.companies
        ),
        "contact": None if parts.contact is None else _contact(parts.contact),
        "lines": [_line(line, parts.names) for line in sorted(parts.lines, key=record_id)],
    }


def make_void_snapshot(parts: Parts) -> Snapshot:
    """The snapshot of an invoice that is to be voided: whole if it can be, else with nothing but the invoice's own record.

    Raises:
        MalformedRecordError: that record lacks what every such record has.
    """
    try:
        return make_snapshot(parts)
    except MalformedRecordError:
        return {
            "invoice": _invoice(parts, ""),
            "company": company_of(None, reference(parts.invoice, "companyID") or 0, parts.names.companies),
            "contact": None,
            "lines": [],
        }


def _invoice(parts: Parts, currency: str) -> AutotaskInvoice:
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
        "currency": currency,
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
        "resource_name": names.resources.get(reference(record, "timeEntryID") or 0),
        "line_of_business": names.lines_of_business.get(
            reference(record, "organizationalLevelAssociationID") or 0
        ),
        "sort_order": whole(record, "sortOrderID"),
    }
