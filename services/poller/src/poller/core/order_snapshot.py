"""The full snapshot of a purchase order, made of Autotask's records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TypedDict

from invoice_events.types import AutotaskCompany, AutotaskOrder, AutotaskOrderLine
from poller.core.companies import CompanyNames, company_of, currency_of
from poller.core.values import (
    MalformedRecordError,
    Record,
    amount,
    business_date,
    moment,
    record_id,
    reference,
    text,
    whole,
)


class OrderSnapshot(TypedDict):
    """The parts of `purchase-order.discovered` that come from Autotask."""

    order: AutotaskOrder
    vendor: AutotaskCompany
    lines: list[AutotaskOrderLine]


@dataclass(frozen=True, slots=True)
class OrderNames:
    """What the ids of orders and their items stand for.

    Attributes:
        companies: what the vendor's record refers to.
        company_names: names of companies by id.
        statuses: labels of the orders' status by value.
        payment_terms: name by id.
        products: name by id.
        tickets: records by id.
        contracts: records by id.
    """

    companies: CompanyNames = field(default_factory=CompanyNames)
    company_names: Mapping[int, str] = field(default_factory=dict)
    statuses: Mapping[int, str | None] = field(default_factory=dict)
    payment_terms: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[int, str | None] = field(default_factory=dict)
    tickets: Mapping[int, Record] = field(default_factory=dict)
    contracts: Mapping[int, Record] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderParts:
    """Everything that belongs to one purchase order.

    Attributes:
        order: the record itself.
        items: its items.
        vendor: the company it is bought from, None if the API user may not see it.
        names: what ids stand for.
    """

    order: Record
    items: Sequence[Record]
    vendor: Record | None
    names: OrderNames


def make_order_snapshot(parts: OrderParts, zone: tzinfo) -> OrderSnapshot:
    """The snapshot of a purchase order.

    Args:
        parts: what belongs to it.
        zone: the tenant's time zone: the order's day is counted there, since Autotask keeps only instants.

    Raises:
        MalformedRecordError: a record lacks what every such record has; the message names the field.
    """
    names = parts.names
    return {
        "order": _order(parts, zone, currency_of(parts.vendor, names.companies)),
        "vendor": company_of(parts.vendor, _vendor_id(parts), names.companies),
        "lines": [_line(item, names) for item in sorted(parts.items, key=record_id)],
    }


def make_order_void_snapshot(parts: OrderParts, zone: tzinfo) -> OrderSnapshot:
    """The snapshot of an order that is to be deleted: whole if it can be, else with nothing but the order's own record.

    Arguments as of `make_order_snapshot`.

    Raises:
        MalformedRecordError: that record lacks what every such record has.
    """
    try:
        return make_order_snapshot(parts, zone)
    except MalformedRecordError:
        vendor = company_of(None, _vendor_id(parts), parts.names.companies)
        return {"order": _order(parts, zone, ""), "vendor": vendor, "lines": []}


def ordered_at(order: Record) -> datetime:
    """When an order was submitted, else when it was made.

    Raises:
        MalformedRecordError: neither is told.
    """
    found = moment(order, "submitDateTime") or moment(order, "createDateTime")
    if found is None:
        raise MalformedRecordError("createDateTime is missing")
    return found


def _vendor_id(parts: OrderParts) -> int:
    return reference(parts.order, "vendorID") or 0


def _order(parts: OrderParts, zone: tzinfo, currency: str) -> AutotaskOrder:
    record, names = parts.order, parts.names
    ordered = ordered_at(record)
    status = whole(record, "status") or 0
    term = reference(record, "paymentTerm")
    customer = reference(record, "purchaseForCompanyID")
    return {
        "id": record_id(record),
        "number": text(record, "purchaseOrderNumber"),
        "external_number": text(record, "externalPONumber"),
        "vendor_invoice_number": text(record, "vendorInvoiceNumber"),
        "status": status,
        "status_name": names.statuses.get(status),
        "created_at": moment(record, "createDateTime") or ordered,
        "submitted_at": moment(record, "submitDateTime"),
        "cancelled_at": moment(record, "cancelDateTime"),
        "date": ordered.astimezone(zone).date(),
        "expected_on": business_date(record, "latestEstimatedArrivalDate"),
        "currency": currency,
        "freight": amount(record, "freight"),
        "tax_region_id": reference(record, "taxRegionID"),
        "payment_term": None if term is None else names.payment_terms.get(term),
        "memo": text(record, "generalMemo"),
        "ship_to_name": text(record, "shipToName"),
        "ship_to_address_1": text(record, "shipToAddress1"),
        "ship_to_address_2": text(record, "shipToAddress2"),
        "ship_to_city": text(record, "shipToCity"),
        "ship_to_state": text(record, "shipToState"),
        "ship_to_postal_code": text(record, "shipToPostalCode"),
        "phone": text(record, "phone"),
        "purchased_for": None if customer is None else names.company_names.get(customer),
    }


def _line(item: Record, names: OrderNames) -> AutotaskOrderLine:
    product_id, ticket_id, contract_id = (
        reference(item, name) for name in ("productID", "ticketID", "contractID")
    )
    return {
        "id": record_id(item),
        "product_id": product_id,
        "product_name": names.products.get(product_id or 0),
        "memo": text(item, "memo"),
        "quantity": amount(item, "quantity"),
        "unit_cost": amount(item, "unitCost"),
        "expected_on": business_date(item, "estimatedArrivalDate"),
        "ticket_number": text(names.tickets.get(ticket_id or 0, {}), "ticketNumber") or None,
        "contract_name": text(names.contracts.get(contract_id or 0, {}), "contractName") or None,
    }
