"""What a generated set of books consists of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import datetime as dt

Outcome = Literal["synced", "skipped", "fault", "not_discovered"]
Numbering = Literal["xero", "autotask_id", "autotask_number"]
ImportAs = Literal["draft", "approved", "approved_and_sent"]


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """One amount that must stand in Xero; continuation and group texts are lines without an amount.

    ``amount`` is without tax, in cents, signed as on the document; ``tax`` is Autotask's, which may have four
    decimals where the tax was computed on the total.
    """

    account: str
    tax_type: str
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Expected:
    """The document that must stand in Xero. Amounts of a credit note are positive, as Xero has them."""

    kind: Literal["ACCREC", "ACCRECCREDIT"]
    number: str | None  # None: Xero gives it
    contact: str
    currency: str
    date: dt.date
    due_date: dt.date
    status: str
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    lines: tuple[ExpectedLine, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """What must become of one invoice.

    Attributes:
        outcome: ``synced``, ``skipped`` (seen, but not written), ``fault``, or ``not_discovered``.
        cause: Why. Of a fault its code in the product's catalogue: ``CONTACT_NOT_FOUND``, ``ACCOUNT_MISSING``
            (the settings name none), ``ACCOUNT_INVALID`` (Xero has no such account),
            ``CURRENCY_NOT_SUBSCRIBED``, ``AMOUNTS_DO_NOT_MATCH``, ``NO_LINES``, ``NUMBER_EMPTY``. Else
            ``voided`` or ``no_lines`` (skipped), ``stamped`` or ``out_of_window`` (not discovered), ``new``.
        tags: Every special case that this invoice shows.
        document: What must stand in Xero, if it syncs.
    """

    outcome: Outcome
    cause: str
    tags: frozenset[str] = frozenset()
    document: Expected | None = None


@dataclass(frozen=True, slots=True)
class TenantBooks:
    """One tenant on both sides.

    Attributes:
        tenant: Its id.
        autotask: What the Autotask simulator loads.
        xero: What the Xero simulator loads.
        entry: Its entry in the product's tenants file.
        fates: By Autotask invoice id.
    """

    tenant: str
    autotask: dict[str, Any]
    xero: dict[str, Any]
    entry: dict[str, Any]
    fates: dict[int, Fate]


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
        """Every fate as JSON: money and dates as texts, tags sorted."""
        return {
            each.tenant: {str(number): _plain(asdict(fate)) for number, fate in each.fates.items()}
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
