"""Line items: reading them from a request, merging them into a document, recomputing their amounts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from simulators.xero.amounts import Rounding
from simulators.xero.state import Line
from simulators.xero.tracking import tracked

if TYPE_CHECKING:
    from simulators.xero.elements import Element
    from simulators.xero.kinds import Kind
    from simulators.xero.state import Account, Organisation

MAX_DESCRIPTION = 4000
_MAX_QUANTITY_DIGITS = 13
_MAX_LINE_AMOUNT = Decimal("9999999999.99")
_HUNDRED = Decimal(100)
LINE_ID_WANTED = "To update fields on a paid invoice line item, you must supply a LineItemID"
TAX_TOO_LARGE = "Tax amount cannot be greater than the line amount"
_AMOUNT_MEMBERS = ("Quantity", "UnitAmount", "LineAmount", "DiscountRate", "DiscountAmount")
_NOT_FOR_DOCUMENTS = frozenset(
    {"DEBTORS", "CREDITORS", "GST", "RETAINEDEARNINGS", "HISTORICAL", "WAGESPAYABLES"}
)


@dataclass(slots=True)
class LineWork:
    """What reading the lines of one element needs and finds."""

    organisation: Organisation
    kind: Kind
    line_amount_types: str
    four_places: bool
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def rounding(self) -> Rounding:
        """The rounding of this organisation."""
        return Rounding(self.organisation.switches.rounding_mode)


def _plain(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.01")), "f")


def _amounts(work: LineWork, element: Element, line: Line) -> Line:
    """Quantity, unit amount, discount and line amount; two of the three amounts give the third."""
    quantity = element.decimal("Quantity")
    unit = element.decimal("UnitAmount")
    amount = element.decimal("LineAmount")
    rounding = work.rounding
    if quantity is not None and len(quantity.as_tuple().digits) > _MAX_QUANTITY_DIGITS:
        work.errors.append(f"Quantity must not have more than {_MAX_QUANTITY_DIGITS} digits.")
    quantity = line.quantity if quantity is None else rounding.four(quantity)
    if unit is None and amount is None:
        unit = line.unit_amount
    if unit is not None:
        unit = rounding.unit(unit, four_places=work.four_places)
    rate = element.decimal("DiscountRate") if element.has("DiscountRate") else line.discount_rate
    discount = element.decimal("DiscountAmount") if element.has("DiscountAmount") else line.discount_amount
    if (rate is not None or discount is not None) and not work.kind.has_discounts:
        work.errors.append("Discounts are not supported on this document.")
    if unit is None and amount is None:
        unit = Decimal("0.00")
    if quantity is None:
        quantity = rounding.four(amount / unit if amount is not None and unit else Decimal(1))
    if unit is None:
        unit = rounding.unit(
            amount / quantity if amount and quantity else Decimal(0), four_places=work.four_places
        )
        expected = rounding.cents(amount or Decimal(0))
    else:
        expected = rounding.line_amount(quantity, unit, rate, discount)
    if amount is not None and rounding.cents(amount) != expected:
        work.errors.append(
            f"The line total {_plain(amount)} does not match the expected line total {_plain(expected)}"
        )
    if abs(expected) > _MAX_LINE_AMOUNT:
        work.errors.append("The line amount is too large.")
    return replace(
        line,
        quantity=quantity,
        unit_amount=unit,
        discount_rate=rate,
        discount_amount=discount,
        line_amount=expected,
    )


def _fits(account: Account) -> bool:
    """Whether documents may be coded to the account at all (no bank account, none that Xero keeps itself)."""
    return account.type != "BANK" and account.system not in _NOT_FOR_DOCUMENTS


def _account(work: LineWork, element: Element, line: Line) -> Line:
    organisation = work.organisation
    code = element.text("AccountCode")
    account_id = element.guid("AccountID")
    if not code and account_id is None:
        return line
    account = organisation.account_by_code(code) if code else organisation.account_by_id(account_id or "")
    shown = code or account_id
    if account is None and organisation.switches.unknown_account == "remove":
        work.warnings.append(
            f"Account code '{shown}' has been removed as it does not match a recognised account."
        )
        return replace(line, account_code=None, account_id=None)
    if account is None or not _fits(account):
        work.errors.append(f"Account code '{shown}' is not a valid code for this document.")
        return line
    if account.status != "ACTIVE":
        work.errors.append(
            f"Account code '{shown}' has been archived, or has been deleted. "
            "Each line item must reference a valid account."
        )
        return line
    return replace(line, account_code=account.code, account_id=account.id)


def _tax_type(work: LineWork, element: Element, line: Line) -> Line:
    """The tax type sent, else the one the line has, else the account's default; NoTax documents have NONE."""
    if work.line_amount_types == "NoTax":
        return replace(line, tax_type="NONE" if line.has_amount else None)
    sent = element.text("TaxType")
    account = work.organisation.account_by_code(line.account_code) if line.account_code else None
    tax_type = (
        sent or line.tax_type or (account.tax_type if account is not None and line.has_amount else None)
    )
    if tax_type is None:
        return line
    rate = work.organisation.tax_rates.get(tax_type)
    if rate is None or rate.status != "ACTIVE":
        work.errors.append("Tax rate must be valid.")  # the exact text for an unknown TaxType is not known
    elif account is not None and account.account_class not in rate.applies_to:
        work.errors.append(
            f"The TaxType code '{tax_type}' cannot be used with account code '{account.code}'."
        )
    return replace(line, tax_type=tax_type)


def _tax_amount(work: LineWork, line: Line, override: Decimal | None) -> Line:
    if line.line_amount is None:
        return replace(line, tax_amount=None, tax_given=False)
    if override is None or work.line_amount_types == "NoTax":
        rate = work.organisation.tax_rates.get(line.tax_type or "NONE")
        percent = Decimal(0) if rate is None else rate.rate
        tax = work.rounding.tax(line.line_amount, percent, work.line_amount_types)
        return replace(line, tax_amount=tax, tax_given=False)
    tax = work.rounding.cents(override)
    by_unit = work.organisation.switches.tax_amount_limit == "unit_amount"
    limit = line.unit_amount if by_unit else line.line_amount
    if abs(tax) > abs(limit or Decimal(0)) or tax * line.line_amount < 0:
        work.errors.append(TAX_TOO_LARGE)
    return replace(line, tax_amount=tax, tax_given=True)


def retaxed(work: LineWork, line: Line) -> Line:
    """The line after the document's LineAmountTypes changed: the tax is computed anew, overrides are gone."""
    if work.line_amount_types == "NoTax" and line.has_amount:
        line = replace(line, tax_type="NONE")
    return _tax_amount(work, line, None)


def read_line(work: LineWork, element: Element, old: Line | None) -> Line:
    """The line after writing `element` to `old` (None = a new line); errors and warnings go to `work`."""
    line = Line(str(uuid.uuid4())) if old is None else old
    description = element.text("Description")
    if description is not None:
        if len(description) > MAX_DESCRIPTION:
            work.errors.append(f"The Description field must not be longer than {MAX_DESCRIPTION} characters.")
        line = replace(line, description=description)
    if element.has("ItemCode"):
        work.errors.append(f"Item code '{element.text('ItemCode')}' is not valid")
    touched = any(element.has(member) for member in _AMOUNT_MEMBERS)
    if touched:
        line = _amounts(work, element, line)
    line = _account(work, element, line)
    before = line.tax_type
    line = _tax_type(work, element, line)
    override = element.decimal("TaxAmount")
    if override is None and old is not None and old.tax_given and not touched and line.tax_type == before:
        override = old.tax_amount
    line = _tax_amount(work, line, override)
    entries = element.objects("Tracking")
    if entries is not None:
        line = replace(line, tracking=tracked(work.organisation, entries, work.errors))
    return line


def merged_lines(work: LineWork, elements: list[Element], old: tuple[Line, ...]) -> tuple[Line, ...]:
    """Lines of an update: a known LineItemID updates its line, no id adds one, a line that is not listed is deleted."""
    known = {line.id: line for line in old}
    lines = []
    for element in elements:
        line_id = element.guid("LineItemID")
        existing = None if line_id is None else known.pop(line_id, None)
        if line_id is not None and existing is None and old:
            work.errors.append(f"The line item with the LineItemID {line_id} could not be found.")
        lines.append(read_line(work, element, existing))
    return tuple(lines)


def paid_lines(work: LineWork, elements: list[Element], old: tuple[Line, ...]) -> tuple[Line, ...]:
    """Lines of a document with money applied: only description, account and tracking change, amounts are ignored.

    Each line must carry its LineItemID.
    """
    known = {line.id: line for line in old}
    changed = {}
    for element in elements:
        line_id = element.guid("LineItemID")
        if line_id is None or line_id not in known:
            work.errors.append(LINE_ID_WANTED)
            return old
        line = known[line_id]
        description = element.text("Description")
        line = line if description is None else replace(line, description=description)
        line = _account(work, element, line)
        entries = element.objects("Tracking")
        if entries is not None:
            line = replace(line, tracking=tracked(work.organisation, entries, work.errors))
        changed[line_id] = line
    return tuple(changed.get(line.id, line) for line in old)
