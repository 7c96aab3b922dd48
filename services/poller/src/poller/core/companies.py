"""A company as snapshots hold it: the customer of an invoice, or the vendor of a purchase order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from invoice_events.types import AutotaskCompany
from poller.core.values import MalformedRecordError, Record, record_id, reference, text

_OWN_ADDRESS = ("address1", "address2", "city", "state", "postalCode")
_BILL_TO_ADDRESS = ("billingAddress1", "billingAddress2", "billToCity", "billToState", "billToZipCode")


@dataclass(frozen=True, slots=True)
class CompanyNames:
    """What the ids of a company's record stand for.

    Attributes:
        currencies: three letters by id.
        own_currency: id of the tenant's own, which companies without one have.
        countries: name by id; empty unless a setting asks for them.
        territories: name by id; the same.
    """

    currencies: Mapping[int, str] = field(default_factory=dict)
    own_currency: int | None = None
    countries: Mapping[int, str | None] = field(default_factory=dict)
    territories: Mapping[int, str | None] = field(default_factory=dict)


def company_of(record: Record | None, company_id: int, names: CompanyNames) -> AutotaskCompany:
    """The company. Without a visible record only its id is known, and the mapper faults the document for want of a contact.

    Where Autotask has a bill-to address or a person the bill is addressed to, the bill-to address counts; one that was left
    empty is no address, and the company's own is kept.

    Raises:
        MalformedRecordError: an id of the record is none; the message names the field.
    """
    if record is None:
        record = {"id": company_id}
    bill_to = [text(record, name) for name in _BILL_TO_ADDRESS]
    attention = text(record, "billToAttention")
    billed_elsewhere = bool(bill_to[0] or attention) and any(part.strip() for part in bill_to)
    parts = bill_to if billed_elsewhere else [text(record, name) for name in _OWN_ADDRESS]
    address_1, address_2, city, state, postal_code = parts
    country_id = reference(record, "billToCountryID" if billed_elsewhere else "countryID")
    return {
        "id": record_id(record),
        "name": text(record, "companyName"),
        "number": text(record, "companyNumber"),
        "tax_region_id": reference(record, "taxRegionID"),
        "tax_number": text(record, "taxID"),
        "phone": text(record, "phone"),
        "address_1": address_1,
        "address_2": address_2,
        "city": city,
        "state": state,
        "postal_code": postal_code,
        "country_id": country_id,
        "attention": attention,
        "country_name": names.countries.get(country_id or 0),
        "territory": names.territories.get(reference(record, "territoryID") or 0),
    }


def currency_of(record: Record | None, names: CompanyNames) -> str:
    """The company's currency: documents have none of their own. One that is not known is never taken for another.

    Raises:
        MalformedRecordError: Autotask does not list the currency.
    """
    chosen = reference(record or {}, "currencyID") or names.own_currency
    name = names.currencies.get(chosen or 0)
    if not name:
        raise MalformedRecordError(f"currencyID is {chosen!r}, which Autotask does not list")
    return name
