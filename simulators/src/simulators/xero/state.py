"""The state of one organisation. Documents are replaced, never changed in place, so a batch can be undone."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.xero.kinds import KINDS, Kind

if TYPE_CHECKING:
    import datetime as dt
    from zoneinfo import ZoneInfo

    from simulators.xero.switches import Switches

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the chart. `tax_type` is its default tax; `system` names Xero's own accounts (DEBTORS, …)."""

    id: str
    code: str
    name: str
    type: str
    account_class: str
    tax_type: str | None
    status: str
    system: str
    enable_payments: bool
    description: str
    updated: dt.datetime


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One tax rate; `rate` in percent. `applies_to` holds the account classes it may be used with."""

    tax_type: str
    name: str
    rate: Decimal
    status: str
    applies_to: frozenset[str]


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a tracking category; archived ones can not be used any more."""

    id: str
    name: str
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Category:
    """A tracking category with its options by id."""

    id: str
    name: str
    options: dict[str, Option]
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Theme:
    """A branding theme; the one with sort order 0 is the default."""

    id: str
    name: str
    sort_order: int


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact: `members` are the writable members in Xero's spelling; `merged_to` the one it was merged into."""

    id: str
    name: str
    status: str
    members: dict[str, Any]
    updated: dt.datetime
    is_customer: bool = False
    is_supplier: bool = False
    merged_to: str | None = None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A tracking entry of a line."""

    category_id: str
    category: str
    option_id: str
    option: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line item. A line that is only a description has no amounts at all. `tax_given`: TaxAmount was an override."""

    id: str
    description: str | None = None
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    line_amount: Decimal | None = None
    account_code: str | None = None
    account_id: str | None = None
    tax_type: str | None = None
    tax_amount: Decimal | None = None
    tax_given: bool = False
    tracking: tuple[Tracked, ...] = ()

    @property
    def has_amount(self) -> bool:
        """Whether the line is more than a description."""
        return self.line_amount is not None


@dataclass(frozen=True, slots=True)
class Payment:
    """Money applied to a document."""

    id: str
    date: dt.date
    amount: Decimal
    account_code: str
    updated: dt.datetime
    reference: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Credit:
    """An allocation: money of a credit note applied to an invoice. Both documents carry it."""

    id: str
    date: dt.date
    amount: Decimal
    credit_note_id: str
    invoice_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where and when a purchase order is to be delivered."""

    day: dt.date | None = None
    expected_arrival: dt.date | None = None
    address: str = ""
    attention_to: str = ""
    telephone: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice, credit note or purchase order. Money has 2 decimals, quantities 4, unit amounts up to 4."""

    kind: Kind
    id: str
    type: str
    number: str
    contact_id: str
    date: dt.date
    status: str
    currency: str
    currency_rate: Decimal
    updated: dt.datetime
    reference: str = ""
    due_date: dt.date | None = None
    expected_payment_date: dt.date | None = None
    line_amount_types: str = "Exclusive"
    lines: tuple[Line, ...] = ()
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    url: str = ""
    theme_id: str | None = None
    sent: bool = False
    payments: tuple[Payment, ...] = ()
    credits: tuple[Credit, ...] = ()
    delivery: Delivery = Delivery()
    created_by: str | None = None

    @property
    def paid(self) -> Decimal:
        """Sum of the payments that were not deleted."""
        return sum((payment.amount for payment in self.payments if not payment.deleted), ZERO)

    @property
    def credited(self) -> Decimal:
        """Sum of the allocations: of credit notes to this invoice, or of this credit note to invoices."""
        return sum((credit.amount for credit in self.credits), ZERO)

    @property
    def due(self) -> Decimal:
        """What is left to pay (or to allocate)."""
        return self.total - self.paid - self.credited

    @property
    def is_settled_in_part(self) -> bool:
        """Whether money or credits are applied: such a document is locked."""
        return self.paid > 0 or self.credited > 0

    @property
    def owns_number(self) -> bool:
        """Whether its number comes from our sequence and is nobody else's: sales documents and orders, not bills."""
        return self.type == self.kind.own_type

    @property
    def is_sale(self) -> bool:
        """Whether it is a document for a customer."""
        return self.owns_number and not self.kind.is_order


@dataclass(slots=True)
class Ledger:
    """Everything in an organisation that API calls change; the indexes hold folded texts.

    `names` of active contacts, `archived_names` of the others; `contact_keys` by ContactNumber and AccountNumber.
    """

    documents: dict[str, dict[str, Document]] = field(
        default_factory=lambda: {collection: {} for collection in KINDS}
    )
    numbers: dict[str, dict[str, str]] = field(
        default_factory=lambda: {collection: {} for collection in KINDS}
    )
    contacts: dict[str, Contact] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    archived_names: dict[str, str] = field(default_factory=dict)
    contact_keys: dict[tuple[str, str], str] = field(default_factory=dict)
    next_number: dict[str, int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Ledger:
        """A copy that shares the (immutable) entries."""
        return Ledger(
            {collection: dict(entries) for collection, entries in self.documents.items()},
            {collection: dict(entries) for collection, entries in self.numbers.items()},
            dict(self.contacts),
            dict(self.names),
            dict(self.archived_names),
            dict(self.contact_keys),
            dict(self.next_number),
            dict(self.counters),
        )

    def count(self, counter: str) -> None:
        """Adds one to a counter."""
        self.counters[counter] = self.counters.get(counter, 0) + 1


@dataclass(slots=True)
class Organisation:
    """One Xero organisation and the app's connection to it. `lock` is held while a call works, never during delays."""

    tenant: str
    client_id: str
    client_secret: str
    id: str
    connection_id: str
    details: dict[str, Any]
    base_currency: str
    zone: ZoneInfo
    period_lock: dt.date | None
    year_lock: dt.date | None
    connected_at: dt.datetime
    switches: Switches
    currencies: list[str]
    accounts: dict[str, Account]
    tax_rates: dict[str, TaxRate]
    categories: list[Category]
    themes: list[Theme]
    currency_rates: dict[str, Decimal]
    ledger: Ledger = field(default_factory=Ledger)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def account_by_code(self, code: str) -> Account | None:
        """The account with this code, whatever its status."""
        return self.accounts.get(code)

    def account_by_id(self, account_id: str) -> Account | None:
        """The account with this id, whatever its status."""
        return next((account for account in self.accounts.values() if account.id == account_id), None)
