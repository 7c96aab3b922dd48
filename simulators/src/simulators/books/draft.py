"""An invoice in the making: its lines and their amounts, before ids and dates turn it into records."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from simulators.books.money import cents, stored

if TYPE_CHECKING:
    from datetime import date


@dataclass(slots=True)
class Line:
    """One billing item.

    Attributes:
        line_type: Autotask's ``billingItemType``, 1 to 8.
        name: ``itemName``.
        text: ``lineItemFullDescription``.
        quantity: May be negative.
        rate: Price of one; may be negative.
        code: Id of the billing code, or None.
        category: Tax category, from the billing code.
        covered: It has a price, but counts 0 on the invoice: a contract covers it, or it is not billable.
        non_billable: Why it is covered: nobody pays for it.
        four_decimals: Autotask keeps four decimals of the amount instead of posting cents.
        group: Text of the printed group that it belongs to.
        tax_rate: As a fraction.
        tax: As Autotask has it in ``taxDollars``.
        worked: Day of the work, once there is a record of it.
        resource: Who did the work, if it is work on a ticket.
    """

    line_type: int
    name: str
    text: str
    quantity: Decimal
    rate: Decimal
    code: int | None
    category: int | None
    covered: bool = False
    non_billable: bool = False
    four_decimals: bool = False
    group: str = ""
    tax_rate: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    worked: date | None = None
    resource: str = ""

    @property
    def extended(self) -> Decimal:
        """``extendedPrice``: quantity times rate with four decimals."""
        return stored(self.quantity * self.rate)

    @property
    def total(self) -> Decimal:
        """What the line counts on the invoice, as exactly as Autotask has it."""
        if self.covered:
            return Decimal(0)
        return self.extended if self.four_decimals else cents(self.extended)

    @property
    def amount(self) -> Decimal:
        """What the line counts, in cents."""
        return cents(self.total)

    @property
    def exact_tax(self) -> Decimal:
        """Tax of the line's cents, not rounded (four decimals are enough for every rate here)."""
        return stored(self.amount * self.tax_rate)


@dataclass(slots=True)
class Draft:
    """The lines of one invoice.

    Attributes:
        lines: In the order of their ids.
        tax_on_total: Autotask taxed the total instead of each line.
        basis: Whether ``invoiceTotal`` is without or with tax; None: as usual for the tenant.
        taxed_lines: ``totalAmount`` of the lines includes their tax.
    """

    lines: list[Line] = field(default_factory=list)
    tax_on_total: bool = False
    basis: Literal["net", "gross"] | None = None
    taxed_lines: bool = False

    @property
    def net(self) -> Decimal:
        """Sum of the lines, each rounded to cents first."""
        return sum((line.amount for line in self.lines), Decimal(0))

    def settle_taxes(self) -> Decimal:
        """Give each line its tax and return ``totalTaxValue``.

        Normally each line's tax is rounded half up to cents and the total is their sum. Where the total was
        taxed, lines keep four decimals and only their sum is rounded.
        """
        for line in self.lines:
            line.tax = line.exact_tax if self.tax_on_total else cents(line.exact_tax)
        return cents(sum((line.tax for line in self.lines), Decimal(0)))

    def needs_spreading(self) -> bool:
        """Whether taxing the total gives another sum than taxing each line."""
        exact = sum((line.exact_tax for line in self.lines), Decimal(0))
        return cents(exact) != sum((cents(line.exact_tax) for line in self.lines), Decimal(0))
