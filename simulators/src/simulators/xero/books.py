"""The complete state of an organisation for independent comparison: money as text, dates in ISO form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.xero.kinds import CREDIT_NOTE, INVOICE, PURCHASE_ORDER

if TYPE_CHECKING:
    from decimal import Decimal

    from simulators.xero.kinds import Kind
    from simulators.xero.state import Delivery, Document, Line, Organisation


def _money(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _line(line: Line) -> dict[str, Any]:
    return {
        "LineItemID": line.id,
        "Description": line.description,
        "Quantity": _money(line.quantity),
        "UnitAmount": _money(line.unit_amount),
        "DiscountRate": _money(line.discount_rate),
        "DiscountAmount": _money(line.discount_amount),
        "LineAmount": _money(line.line_amount),
        "AccountCode": line.account_code,
        "TaxType": line.tax_type,
        "TaxAmount": _money(line.tax_amount),
        "TaxAmountGiven": line.tax_given,
        "Tracking": [{"Name": entry.category, "Option": entry.option} for entry in line.tracking],
    }


def _document(organisation: Organisation, document: Document) -> dict[str, Any]:
    contact = organisation.ledger.contacts[document.contact_id]
    kind = document.kind
    return {
        kind.id_member: document.id,
        kind.number_member: document.number,
        "Type": document.type,
        "Status": document.status,
        "Contact": {"ContactID": contact.id, "Name": contact.name},
        "Date": document.date.isoformat(),
        "DueDate": None if document.due_date is None else document.due_date.isoformat(),
        "Reference": document.reference,
        "Url": document.url,
        "CurrencyCode": document.currency,
        "CurrencyRate": _money(document.currency_rate),
        "LineAmountTypes": document.line_amount_types,
        "BrandingThemeID": document.theme_id,
        "SentToContact": document.sent,
        "SubTotal": _money(document.sub_total),
        "TotalTax": _money(document.total_tax),
        "Total": _money(document.total),
        "AmountDue": _money(document.due),
        "AmountPaid": _money(document.paid),
        "AmountCredited": _money(document.credited),
        **(_delivery(document.delivery) if kind.is_order else {}),
        "CreatedByApp": document.created_by,
        "UpdatedDateUTC": document.updated.isoformat(),
        "LineItems": [_line(line) for line in document.lines],
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "DeliveryDate": None if delivery.day is None else delivery.day.isoformat(),
        "DeliveryAddress": delivery.address,
        "AttentionTo": delivery.attention_to,
        "Telephone": delivery.telephone,
        "DeliveryInstructions": delivery.instructions,
    }


def _documents(organisation: Organisation, kind: Kind) -> list[dict[str, Any]]:
    return [
        _document(organisation, entry) for entry in organisation.ledger.documents[kind.collection].values()
    ]


def books(organisation: Organisation) -> dict[str, Any]:
    """Documents with lines, contacts, accounts, and counters of what the API did since the tenant was loaded.

    `counters`: invoices_created, invoices_updated, likewise creditnotes, purchaseorders and contacts;
    payments_created, allocations_created, documents_created (of all three kinds), mails_sent (always 0: nothing here
    sends mail).
    """
    ledger = organisation.ledger
    made = ("invoices", "creditnotes", "purchaseorders")
    names = [f"{name}_{what}" for name in (*made, "contacts") for what in ("created", "updated")]
    counters = dict.fromkeys((*names, "payments_created", "allocations_created"), 0) | ledger.counters
    return {
        "tenant": organisation.tenant,
        "organisation": {
            "OrganisationID": organisation.id,
            "Name": organisation.details["Name"],
            "BaseCurrency": organisation.base_currency,
        },
        "currencies": organisation.currencies,
        "invoices": _documents(organisation, INVOICE),
        "credit_notes": _documents(organisation, CREDIT_NOTE),
        "purchase_orders": _documents(organisation, PURCHASE_ORDER),
        "contacts": [
            {"ContactID": entry.id, "Name": entry.name, "ContactStatus": entry.status, **entry.members}
            for entry in ledger.contacts.values()
        ],
        "accounts": [
            {
                "AccountID": entry.id,
                "Code": entry.code,
                "Name": entry.name,
                "Type": entry.type,
                "Status": entry.status,
            }
            for entry in organisation.accounts.values()
        ],
        "counters": {
            **counters,
            "documents_created": sum(counters[f"{name}_created"] for name in made),
            "mails_sent": 0,
        },
    }
