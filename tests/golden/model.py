"""What a golden case consists of: Autotask's records in short form, and the Xero request that was worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

LINE_TYPES = {
    "labour": 1,
    "project charge": 2,
    "charge": 3,
    "expense": 4,
    "subscription": 5,
    "recurring service": 6,
    "recurring bundle": 7,
    "milestone": 8,
}
ORDER_STATUSES = {"new": 1, "submitted": 2, "received partially": 3, "received in full": 4, "cancelled": 5}


@dataclass(frozen=True, slots=True)
class Firm:
    """A customer or vendor in Autotask. `region` and `territory` by name."""

    id: int
    name: str
    number: str
    currency: str
    region: str | None
    territory: str | None


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The Xero contact that the firm has to be found as. `terms`: type and day of its sales payment terms."""

    name: str
    account_number: str
    terms: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Line:
    """A billing item; names of Autotask's own fields where they differ.

    Attributes:
        id: its id.
        type: `billingItemType`.
        code: short name of the billing code in the tenant's profile.
        name: `itemName`.
        text: `lineItemFullDescription`.
        quantity: as it stands.
        rate: as it stands.
        amount: `extendedPrice`.
        counted: `totalAmount`.
        tax: `taxDollars`.
        category: id of the tax category.
        day: `itemDate`.
        ticket: number and title.
        resource: who worked.
        contract: name of the contract.
        group: id and text of the printed group.
        non_billable: `nonBillable`.
        place: `sortOrderID`.
        business: line of business.
    """

    id: int
    type: int
    code: str | None
    name: str
    text: str
    quantity: Decimal
    rate: Decimal
    amount: Decimal
    counted: Decimal
    tax: Decimal
    category: int | None
    day: date | None
    ticket: tuple[str, str] | None
    resource: str | None
    contract: str | None
    group: tuple[int, str] | None
    non_billable: bool
    place: int | None
    business: str | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice's header. `region`: `taxRegionName`; `link`: where it is in Autotask, None for the usual place."""

    id: int
    number: str
    day: date
    due: date | None
    total: Decimal
    tax: Decimal
    order_number: str
    paid: date | None
    region: str | None
    link: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class OrderItem:
    """An item of a purchase order."""

    id: int
    product_id: int | None
    product: str | None
    memo: str
    quantity: Decimal
    cost: Decimal
    arrives: date | None


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase order. `ship_to`: name, address 1, address 2, city, state, postal code."""

    id: int
    number: str
    status: str
    day: date
    external_number: str
    vendor_invoice_number: str
    freight: Decimal
    memo: str
    ship_to: tuple[str, str, str, str, str, str]
    phone: str
    region: str | None
    items: tuple[OrderItem, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One golden file.

    Attributes:
        file: its name.
        title: what it is.
        shows: what it shows, in one sentence.
        tenant: name of the profile.
        settings: those on which it rests; the profile has to have them.
        firm: customer or vendor.
        counterpart: its Xero contact.
        source: what Autotask has.
        request: the Xero request, member by member; `Contact` and `BrandingThemeID` by name, `Url` by its fragment.
        totals: SubTotal, TotalTax and Total that Xero has to compute.
    """

    file: str
    title: str
    shows: str
    tenant: str
    settings: dict[str, Any]
    firm: Firm
    counterpart: Counterpart
    source: Invoice | Order
    request: dict[str, Any]
    totals: dict[str, Decimal]

    @property
    def document(self) -> str:
        """The document's name in events."""
        kind = "invoice" if isinstance(self.source, Invoice) else "purchase-order"
        return f"{kind}/{self.source.id}"
