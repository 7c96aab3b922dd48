"""What must become of an invoice, from the way it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.books.cases import Case
from simulators.books.lines import ALL_TYPES
from simulators.books.model import Fate

if TYPE_CHECKING:
    from simulators.books.builder import Builder
    from simulators.books.draft import Draft
    from simulators.books.profile import Firm


def fate_of(case: Case, builder: Builder, invoice: dict[str, Any], firm: Firm, draft: Draft) -> Fate:
    """The fate of one invoice. Every tag is read off the invoice itself, except those that only the case knows."""
    tags = frozenset({case.value, *_tags(builder, firm, draft)})
    outcome = (
        _unpaid(builder, invoice) or _exclusion(case) or _fault(case, builder) or _no_contact(builder, firm)
    )
    if outcome is not None:
        return Fate(outcome.outcome, outcome.cause, tags)
    voided = case is Case.VOIDED_LATER
    return Fate(
        "synced",
        "new",
        tags,
        builder.expected(invoice, firm, draft),
        later="voided" if voided else None,
        gone=voided and builder.profile.is_on("void_autotask_invoices"),
    )


def _exclusion(case: Case) -> Fate | None:
    return {
        Case.STAMPED: Fate("not_discovered", "stamped"),
        Case.OUT_OF_WINDOW: Fate("not_discovered", "out_of_window"),
        Case.VOIDED: Fate("skipped", "voided"),
    }.get(case)


def _unpaid(builder: Builder, invoice: dict[str, Any]) -> Fate | None:
    if builder.profile.is_on("paid_invoices_only") and invoice["paidDate"] is None:
        return Fate("not_discovered", "unpaid")
    return None


def _no_contact(builder: Builder, firm: Firm) -> Fate | None:
    return None if builder.profile.finds_contact(firm) else Fate("fault", "CONTACT_NOT_FOUND")


def _fault(case: Case, builder: Builder) -> Fate | None:
    if case is Case.EMPTY_NUMBER and builder.choices.numbering == "autotask_number":
        return Fate("fault", "NUMBER_EMPTY")
    if case is Case.NO_LINES and not builder.profile.fault_when_no_lines:
        return Fate("skipped", "no_lines")
    code = {
        Case.NO_LINES: "NO_LINES",
        Case.FAULT_ACCOUNT: builder.profile.fault_code[1],
        Case.FAULT_CURRENCY: "CURRENCY_NOT_SUBSCRIBED",
        Case.FAULT_AMOUNTS: "AMOUNTS_DO_NOT_MATCH",
    }.get(case)
    return None if code is None else Fate("fault", code)


def _tags(builder: Builder, firm: Firm, draft: Draft) -> set[str]:
    lines = draft.lines
    seen = {
        "second_currency": firm.currency != builder.profile.base,
        "four_decimal_amount": any(line.total != line.amount for line in lines),
        "four_decimal_rate": any(line.rate != round(line.rate, 2) for line in lines),
        "fine_quantity": any(line.quantity != round(line.quantity, 1) for line in lines),
        "product_needs_rounding": any(
            line.quantity * line.rate != line.amount and not line.covered for line in lines
        ),
        "covered_line": any(line.covered for line in lines),
        "non_billable_line": any(line.non_billable for line in lines),
        "ticket_line": any(line.resource for line in lines),
        "negative_line": any(line.amount < 0 for line in lines),
        "group_description": any(line.group for line in lines),
        "no_billing_code": any(line.code is None for line in lines),
        "long_text": any(len(line.text) > 4_000 for line in lines),  # noqa: PLR2004 - Xero's longest line
        "zero_total": bool(lines) and draft.net == 0,
        "negative_total": draft.net < 0,
        "tax_exempt": firm.exempt,
        "several_rates": len({line.tax_rate for line in lines}) > 1,
        "one_line": len(lines) == 1,
        "twenty_lines": len(lines) >= 20,  # noqa: PLR2004 - many
    }
    tags = {name for name, is_so in seen.items() if is_so}
    return tags | {f"type_{each}" for each in ALL_TYPES if any(line.line_type == each for line in lines)}
