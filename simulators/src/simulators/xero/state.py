"""The state of one organisation. Documents are replaced, never changed in place, so a batch can be undone."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.xero.kinds import CREDIT_NOTE, INVOICE, Kind

if TYPE_CHECKING:
    import datetime as dt
    from zoneinfo import ZoneInfo

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Switches:
    """What the known facts about Xero leave open, and limits. The defaults are the likelier reading.

    `tax_amount_limit`: a TaxAmount may not exceed the line amount, or the unit amount.
    `unknown_account`: refuse the document, or remove the code with a warning.
    `unknown_tracking`: refuse the document, or drop the entry silently.
    `paid_edits`: changes of amounts on documents with money applied are ignored silently, or refused.
    `approve_limit`: how many sales invoices may be approved (a plan's cap), None = no cap.
    """

    rounding_mode: str = "half_up"
    tax_amount_limit: str = "line_amount"
    minute_limit: int = 60
    day_limit: int = 5000
    concurrent_limit: int = 5
    app_minute_limit: int = 10_000
    limits_on: bool = True
    first_number: int = 1001
    unknown_account: str = "refuse"
    unknown_tracking: str = "refuse"
    paid_edits: str = "ignore"
    credit_note_numbers_unique: bool = False
    approve_limit: int | None = None
    max_body_bytes: int = 3_500_000


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
class Category:
    """A tracking category with its options by id."""

    id: str
    name: str
    options: dict[str, str]


@dataclass(frozen=True, slots=True)
class Theme:
    """A branding theme; the one with sort order 0 is the default."""

    id: str
    name: str
    sort_order: int


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact: `members` are the writable members in Xero's spelling."""

    id: str
    name: str
    status: str
    members: dict[str, Any]
    updated: dt.datetime
    is_customer: bool = False
    is_supplier: bool = False


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
    reference: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or credit note. Money has 2 decimals, quantities 4, unit amounts up to 4."""

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
    created_by: str | None = None

    @property
    def paid(self) -> Decimal:
        """Sum of the payments that were not deleted."""
        return sum((payment.amount for payment in self.payments if not payment.deleted), ZERO)

    @property
    def due(self) -> Decimal:
        """What is left to pay (or to allocate)."""
        return self.total - self.paid

    @property
    def is_sale(self) -> bool:
        """Whether it is a document for a customer."""
        return self.type == self.kind.sales_type


@dataclass(slots=True)
class Ledger:
    """Everything in an organisation that API calls change; the indexes hold folded texts."""

    documents: dict[str, dict[str, Document]] = field(
        default_factory=lambda: {INVOICE.collection: {}, CREDIT_NOTE.collection: {}}
    )
    numbers: dict[str, dict[str, str]] = field(
        default_factory=lambda: {INVOICE.collection: {}, CREDIT_NOTE.collection: {}}
    )
    contacts: dict[str, Contact] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    next_number: dict[str, int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Ledger:
        """A copy that shares the (immutable) entries."""
        return Ledger(
            {collection: dict(entries) for collection, entries in self.documents.items()},
            {collection: dict(entries) for collection, entries in self.numbers.items()},
            dict(self.contacts),
            dict(self.names),
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
