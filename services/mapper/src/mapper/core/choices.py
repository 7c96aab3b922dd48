"""Account and tax type of a line, each with the reason in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from invoice_events.types import AutotaskLine, InvoiceDiscovered
from mapper.core.problems import Problem, problem
from mapper.core.rules import Rules, TaxType, region_key


class Choice(NamedTuple):
    """What was chosen, and why."""

    value: str
    why: str


def choose_account(line: AutotaskLine, rules: Rules) -> Choice | Problem:
    """Account by billing code, else by line type, else the default; it has to exist, be active and fit a sales line."""
    settings = rules.settings["accounts"]
    billing_code = line["billing_code_id"]
    account = None if billing_code is None else settings["by_billing_code"].get(str(billing_code))
    if account is not None:
        choice = Choice(account, f"code {billing_code} → account {account} by billing code")
    elif (account := settings["by_line_type"].get(str(line["type"]))) is not None:
        choice = Choice(account, f"type {line['type']} → account {account} by line type")
    elif (account := settings["default"]) is not None:
        choice = Choice(account, f"account {account} by default")
    else:
        return problem(
            "ACCOUNT_MISSING",
            f"line {line['id']}: neither billing code {billing_code} nor line type {line['type']} has an account, and there is no default",
        )
    return usable_account(choice, f"line {line['id']}: ", rules.accounts)


def usable_account(choice: Choice, place: str, known: Mapping[str, str | None]) -> Choice | Problem:
    """The account that was chosen, if it can stand on the line.

    Args:
        choice: its code, and why.
        place: where it would stand, as the beginning of the sentence that says why it can not.
        known: the accounts for this kind of line, see `Rules`.
    """
    refusal = known.get(choice.value, "this Xero organisation has no such account")
    if refusal is None:
        return choice
    text = f"Account code '{choice.value}' is not a valid code for this document."  # Xero's own words
    return Problem("ACCOUNT_INVALID", text, (f"{place}{choice.why}, but {refusal}",))


def region_keys(event: InvoiceDiscovered) -> tuple[str, ...]:
    """How the invoice's tax region may be named in the settings: id first, then name; the company's region if it has none."""
    invoice = event["invoice"]
    region_id = invoice["tax_region_id"]
    if region_id is None and not invoice["tax_region_name"]:
        region_id = event["company"]["tax_region_id"]
    found = (region_id, invoice["tax_region_name"])
    return tuple(region_key(part) for part in found if part)


def choose_tax(
    line: AutotaskLine, regions: tuple[str, ...], rules: Rules
) -> tuple[Choice, TaxType] | Problem:
    """Tax type by region and category, else the zero-rated one if Autotask's tax is zero, else the default."""
    choice = _tax_by_settings(line, regions, rules)
    if choice is None:
        return problem(
            "TAX_MISSING",
            f"line {line['id']}: nothing is set for region {' / '.join(regions) or 'none'} and category {line['tax_category_id']}, and there is no default",
        )
    return usable_tax(choice, f"line {line['id']}: ", rules.tax_types, "sales")


def usable_tax(
    choice: Choice, place: str, known: Mapping[str, TaxType], use: Literal["sales", "purchases"]
) -> tuple[Choice, TaxType] | Problem:
    """The tax type that was chosen, if it can stand on lines of this use.

    Args:
        choice: the tax type, and why.
        place: where it would stand, as the beginning of the sentence that says why it can not; empty for the whole document.
        known: the organisation's tax types.
        use: what kind of line it is.
    """
    tax_type = known.get(choice.value)
    if tax_type is None:
        refusal: str | None = "this Xero organisation has no such tax type"
    else:
        refusal = tax_type.problem if use == "sales" else tax_type.purchase_problem
    if tax_type is None or refusal is not None:
        text = problem("TAX_INVALID").text.replace("sales", use)  # the catalogue's words are those of sales
        return Problem("TAX_INVALID", text, (f"{place}{choice.why}, but {refusal}",))
    return choice, tax_type


def _tax_by_settings(line: AutotaskLine, regions: tuple[str, ...], rules: Rules) -> Choice | None:
    category = line["tax_category_id"]
    if category is not None and rules.region_taxes:
        for region in regions:
            chosen = rules.region_taxes.get((region, str(category)))
            if chosen is not None:
                return Choice(chosen, f"tax type {chosen} by region {region} and category {category}")
    taxes = rules.settings["taxes"]
    if not line["tax"] and taxes["zero_rated"] is not None:
        return Choice(taxes["zero_rated"], f"tax type {taxes['zero_rated']} since Autotask's tax is zero")
    if taxes["default"] is not None:
        return Choice(taxes["default"], f"tax type {taxes['default']} by default")
    return None
