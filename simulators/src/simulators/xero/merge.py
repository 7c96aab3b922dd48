"""What a document would be after an element was written to it: pure, nothing is stored here."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING

from simulators.xero import contacts, orders
from simulators.xero.amounts import totals
from simulators.xero.lines import LineWork, merged_lines, paid_lines, retaxed
from simulators.xero.state import Document

if TYPE_CHECKING:
    from datetime import datetime

    from simulators.xero.elements import Element
    from simulators.xero.kinds import Kind
    from simulators.xero.state import Contact, Organisation

_TYPES = (
    "ACCREC", "ACCPAY", "ACCRECCREDIT", "ACCPAYCREDIT",
    "AROVERPAYMENT", "ARPREPAYMENT", "APOVERPAYMENT", "APPREPAYMENT",
)  # fmt: skip
_LINE_AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")
_MAX_TEXT = 255
_MAX_URL = 2000
_PRINTABLE_ASCII = re.compile(r"[ -~]*")
_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
LOCKED = "This document cannot be edited as it has a payment or credit note allocated to it."
NO_CONTACT = "A Contact must be specified for this type of transaction"


@dataclass(slots=True)
class Merge:
    """One element on its way into a document.

    `contact` is a contact that has to be stored with the document (created by name, or changed by the members that
    came along with its id).
    """

    organisation: Organisation
    kind: Kind
    element: Element
    old: Document | None
    now: datetime
    four_places: bool
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    contact: contacts.Prepared | None = None

    @property
    def has_money(self) -> bool:
        """Whether payments or credits are applied to the document."""
        return self.old is not None and (self.old.is_settled_in_part or self.old.status == "PAID")


def new_document(organisation: Organisation, kind: Kind, now: datetime, client_id: str | None) -> Document:
    """An empty draft; its date is today in the organisation's time zone."""
    theme = min(organisation.themes, key=lambda theme: theme.sort_order, default=None)
    return Document(
        kind=kind,
        id=str(uuid.uuid4()),
        type=kind.own_type,
        number="",
        contact_id="",
        date=now.astimezone(organisation.zone).date(),
        status="DRAFT",
        currency=organisation.base_currency,
        currency_rate=Decimal("1.000000"),
        updated=now.astimezone(UTC),
        theme_id=None if theme is None else theme.id,
        created_by=client_id,
    )


def merge(work: Merge, start: Document) -> Document:
    """The document after the element; what is wrong is in `work.errors`. Members not sent keep their value."""
    element = work.element
    document = _status(work, start)
    if work.old is not None and work.errors:
        return document  # an illegal transition is refused with that text alone
    if work.old is None and not work.kind.is_order:
        document = _type(work, document)
    document = _texts(work, document)
    document = _supplier(work, document) if work.kind.is_order else _contact(work, document)
    due = element.date("DueDate")
    document = replace(document, due_date=due or document.due_date)
    if not work.has_money:
        document = _amount_fields(work, document)
    elif work.organisation.switches.paid_edits == "refuse":
        work.errors.append(LOCKED)
    document = _lines(work, document)
    return _sent(work, document)


def _status(work: Merge, document: Document) -> Document:
    statuses = work.kind.statuses
    status = work.element.choice("Status", statuses.every, f"{work.kind.label.replace(' ', '')}Status")
    if work.old is None:
        if status is not None and (status not in statuses.creation or _bills_an_order(work, status)):
            work.errors.append(work.kind.not_for_creation)
            return document
        return replace(document, status=status or "DRAFT")
    if work.kind.is_order and work.old.status == "DELETED":
        work.errors.append(orders.DELETED)
        return document
    wanted = status or work.old.status
    if wanted == "VOIDED" and work.old.is_settled_in_part:
        label = work.kind.label.lower()
        work.errors.append(
            f"The status VOIDED cannot be applied to the {label} "
            "because it has payments or credit notes allocated to it."
        )
        return document
    if wanted not in statuses.after[work.old.status] or (
        wanted != work.old.status and _bills_an_order(work, wanted)
    ):
        work.errors.append(work.kind.not_for_modification)
        return document
    return replace(document, status=wanted)


def _bills_an_order(work: Merge, status: str) -> bool:
    """Whether an app asks for BILLED although the switch says that only Xero itself sets it."""
    return status == "BILLED" and work.organisation.switches.billed_orders == "refuse"


def _type(work: Merge, document: Document) -> Document:
    kind = work.element.choice("Type", _TYPES, f"{work.kind.label.replace(' ', '')}Type")
    if kind not in work.kind.types:
        work.errors.append(work.kind.wrong_type)
        return document
    return replace(document, type=kind)


def _short_text(work: Merge, name: str, old: str) -> str:
    value = work.element.text(name)
    if value is None:
        return old
    if len(value) > _MAX_TEXT:
        work.errors.append(f"The {name} field must not be longer than {_MAX_TEXT} characters.")
    return value


def _texts(work: Merge, document: Document) -> Document:
    kind = work.kind
    number = _short_text(work, kind.number_member, document.number) or document.number
    if not _PRINTABLE_ASCII.fullmatch(number):
        work.errors.append(f"The {kind.number_member} field may only contain printable ASCII characters.")
    url = document.url
    if kind.has_url:
        sent = work.element.text("Url")
        url = document.url if sent is None else sent
        if url and (not _URL.fullmatch(url) or len(url) > _MAX_URL):
            work.errors.append("The Url field must be a valid URL.")
        if "xero" in url.lower():
            work.errors.append('The Url field must not contain "xero".')
    theme_id = work.element.guid("BrandingThemeID") or document.theme_id
    if theme_id not in {theme.id for theme in work.organisation.themes} | {None}:
        work.errors.append("Branding theme must be valid.")
    return replace(
        document,
        number=number,
        reference=_short_text(work, "Reference", document.reference),
        url=url,
        theme_id=theme_id,
    )


def _contact(work: Merge, document: Document) -> Document:
    element = work.element.object("Contact")
    if element is None:
        if not document.contact_id:
            work.errors.append(NO_CONTACT)
        return document
    found, errors = _meant_contact(work, document, element)
    if errors:
        work.errors.extend(errors)
        return document
    if found is not None and found.status != "ACTIVE":
        return document  # its own contact, archived since
    identifies_only = {name for name in element.members if element.has(name)} <= {"ContactID"}
    named_only = found is not None and not element.has("ContactID")
    if found is not None and (identifies_only or named_only):
        return replace(document, contact_id=found.id)
    prepared = contacts.prepare(work.organisation, element, found, work.now)
    if found is not None and not element.has("ContactPersons"):
        # Members beside the ContactID update the contact, and contact persons that are left out are removed.
        kept = {name: value for name, value in prepared.contact.members.items() if name != "ContactPersons"}
        prepared.contact = replace(prepared.contact, members=kept)
    work.errors.extend(prepared.errors)
    work.contact = prepared
    return replace(document, contact_id=prepared.contact.id)


def _meant_contact(work: Merge, document: Document, element: Element) -> tuple[Contact | None, list[str]]:
    """The contact that the element means (None = a new one of that name), or why it can not be this document's."""
    if not any(element.has(name) for name in ("ContactID", "ContactNumber", "Name")):
        return None, [contacts.NOT_IDENTIFIED]
    found, error = contacts.target(work.organisation.ledger, element)
    if error is not None or (found is None and not element.has("Name")):
        return None, [NO_CONTACT]
    if found is not None and found.id == document.contact_id:
        return found, []
    if found is not None and found.status != "ACTIVE":
        return None, [contacts.ARCHIVED_FOR_DOCUMENT]
    # The contact of a document that a credit note paid is fixed.
    return found, [LOCKED] if document.credited else []


def _supplier(work: Merge, document: Document) -> Document:
    """The contact of an order: an existing, active one; nothing of it is changed. And where to deliver."""
    delivery = orders.merged_delivery(work.element, document.delivery, work.errors)
    document = replace(document, delivery=delivery)
    element = work.element.object("Contact")
    if element is None and document.contact_id:
        return document
    found = orders.supplier(work.organisation, element)
    if found is None:
        work.errors.append(NO_CONTACT)
    elif found.status != "ACTIVE":
        if found.id != document.contact_id:
            work.errors.append(contacts.ARCHIVED_FOR_DOCUMENT)
    else:
        return replace(document, contact_id=found.id)
    return document


def _amount_fields(work: Merge, document: Document) -> Document:
    """Fields that money applied to the document freezes: dates of the ledger, currency, how amounts are read."""
    element = work.element
    types = element.choice("LineAmountTypes", _LINE_AMOUNT_TYPES, "LineAmountType")
    currency = element.text("CurrencyCode") or document.currency
    rate = element.decimal("CurrencyRate")
    if currency not in work.organisation.currencies:
        work.errors.append(f"Organisation is not subscribed to currency {currency}")
    if currency == work.organisation.base_currency:
        rate = Decimal("1.000000")
    elif rate is None:
        known = work.organisation.currency_rates.get(currency, Decimal("0.900000"))
        rate = known if currency != document.currency else document.currency_rate
    return replace(
        document,
        date=element.date("Date") or document.date,
        expected_payment_date=element.date("ExpectedPaymentDate") or document.expected_payment_date,
        line_amount_types=types or document.line_amount_types,
        currency=currency,
        currency_rate=rate.quantize(Decimal("0.000001")),
    )


def _lines(work: Merge, document: Document) -> Document:
    elements = work.element.objects("LineItems")
    line_work = LineWork(
        work.organisation, work.kind, document.line_amount_types, work.four_places, work.errors, work.warnings
    )
    lines = document.lines
    if elements is not None and work.has_money:
        lines = paid_lines(line_work, elements, lines)
    elif elements is not None:
        lines = merged_lines(line_work, elements, lines)
    elif work.old is not None and work.old.line_amount_types != document.line_amount_types:
        lines = tuple(retaxed(line_work, line) for line in lines)
    sub_total, total_tax, total = totals(lines, document.line_amount_types)
    return replace(document, lines=lines, sub_total=sub_total, total_tax=total_tax, total=total)


def _sent(work: Merge, document: Document) -> Document:
    """SentToContact may be set on approved documents only; otherwise a warning and nothing is set."""
    sent = work.element.boolean("SentToContact")
    if sent is None or sent == document.sent:
        return document
    if document.status not in work.kind.statuses.sent:
        work.warnings.append(work.kind.statuses.sent_warning)
        return document
    return replace(document, sent=sent)
