"""What a generated set of books consists of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import datetime as dt

Outcome = Literal["synced", "skipped", "fault", "not_discovered"]
Numbering = Literal["xero", "autotask_id", "autotask_number"]
ImportAs = Literal["draft", "approved", "approved_and_sent"]
Later = Literal["voided", "cancelled"]


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """One amount that must stand in Xero; continuation and group texts are lines without an amount.

    ``amount`` is without tax, in cents, signed as on the document; ``tax`` is Autotask's, which may have four
    decimals where the tax was computed on the total. ``tracking`` has ``Category: Option`` for each category.
    """

    account: str
    tax_type: str
    amount: Decimal
    tax: Decimal
    tracking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """The document that must stand in Xero. Amounts of a credit note are positive, as Xero has them.

    Attributes:
        kind: Xero's type.
        number: None if Xero gives it.
        contact: Name of the contact.
        currency: Three letters.
        date: Of the document.
        due_date: None for purchase orders.
        status: Right after the sync.
        sub_total: Without tax.
        total_tax: Tax.
        total: With tax.
        lines: In the order of Autotask's ids.
        basis: Whether Autotask's ``invoiceTotal`` of this one is without or with tax.
        texts: Pieces that must occur in the descriptions of its lines.
    """

    kind: Literal["ACCREC", "ACCRECCREDIT", "PURCHASEORDER"]
    number: str | None
    contact: str
    currency: str
    date: dt.date
    due_date: dt.date | None
    status: str
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    lines: tuple[ExpectedLine, ...]
    basis: Literal["net", "gross"] = "net"
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """What must become of one invoice or purchase order.

    Attributes:
        outcome: ``synced``, ``skipped`` (seen, but not written), ``fault``, or ``not_discovered``.
        cause: Why. Of a fault its code in the product's catalogue: ``CONTACT_NOT_FOUND``, ``ACCOUNT_MISSING``
            (the settings name none), ``ACCOUNT_INVALID`` (Xero has no such account),
            ``CURRENCY_NOT_SUBSCRIBED``, ``AMOUNTS_DO_NOT_MATCH``, ``NO_LINES``, ``NUMBER_EMPTY``. Else
            ``voided`` or ``no_lines`` (skipped), ``stamped``, ``out_of_window``, ``unpaid``, ``not_triggered``,
            ``cancelled`` or ``switched_off`` (not discovered), ``new``.
        tags: Every special case that this document shows.
        document: What must stand in Xero, if it syncs.
        later: What a person is to do to it in Autotask once it is in Xero.
        gone: Whether its document in Xero must be deleted or voided after that.
    """

    outcome: Outcome
    cause: str
    tags: frozenset[str] = frozenset()
    document: Expected | None = None
    later: Later | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class TenantBooks:
    """One tenant on both sides.

    Attributes:
        tenant: Its id.
        autotask: What the Autotask simulator loads.
        xero: What the Xero simulator loads.
        entry: Its entry in the product's tenants file.
        fates: By Autotask invoice id.
        orders: By Autotask purchase order id.
    """

    tenant: str
    autotask: dict[str, Any]
    xero: dict[str, Any]
    entry: dict[str, Any]
    fates: dict[int, Fate]
    orders: dict[int, Fate] = field(default_factory=dict)

    def by_document(self) -> dict[str, Fate]:
        """Every fate by the name of its document, such as ``invoice/41208`` and ``purchase-order/771``."""
        return {
            **{f"invoice/{number}": fate for number, fate in self.fates.items()},
            **{f"purchase-order/{number}": fate for number, fate in self.orders.items()},
        }


@dataclass(frozen=True, slots=True)
class Books:
    """Several tenants."""

    tenants: tuple[TenantBooks, ...]

    def tenant(self, name: str) -> TenantBooks:
        """The books of one tenant; KeyError if there is none of that id."""
        return {each.tenant: each for each in self.tenants}[name]

    def tenants_file(self) -> dict[str, Any]:
        """The product's tenants file as a document."""
        return {"tenants": [each.entry for each in self.tenants]}

    def fates_document(self) -> dict[str, Any]:
        """Every fate as JSON, by tenant and document: money and dates as texts, tags sorted."""
        return {
            each.tenant: {name: _plain(asdict(fate)) for name, fate in each.by_document().items()}
            for each in self.tenants
        }


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a dataclass
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if hasattr(value, "isoformat") else value
