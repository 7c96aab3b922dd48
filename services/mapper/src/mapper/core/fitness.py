"""Which accounts and tax types can stand on a sales line, and which on a purchase line; Xero has the last word."""

from __future__ import annotations

from invoice_events.types import XeroAccount, XeroTaxRate

_SALES_CLASSES = frozenset({"REVENUE", "EXPENSE", "LIABILITY"})
"""Classes a sales line can be booked on: income, passed-on cost, and prepaid work."""


def sales_account_problem(account: XeroAccount) -> str | None:
    """Why an account can not be used on sales lines, None if it can."""
    general = _account_problem(account)
    if general is not None:
        return general
    if account["type"] == "BANK" or account["account_class"] not in _SALES_CLASSES:
        return f"it is of type {account['type']}, wanted a revenue account"
    return None


def purchase_account_problem(account: XeroAccount) -> str | None:
    """Why an account can not be used on purchase lines, None if it can: goods are cost, stock or equipment."""
    general = _account_problem(account)
    if general is not None:
        return general
    return "it is a bank account" if account["type"] == "BANK" else None


def _account_problem(account: XeroAccount) -> str | None:
    if account["status"] != "ACTIVE":
        return f"it is {account['status']}, wanted an active account"
    if account["system_account"]:
        return f"it is Xero's system account {account['system_account']}"
    return None


def sales_tax_problem(rate: XeroTaxRate) -> str | None:
    """Why a tax type can not be used on sales lines, None if it can."""
    if rate["status"] != "ACTIVE":
        return f"it is {rate['status']}, wanted an active tax type"
    return None if rate["can_apply_to_revenue"] else "it does not apply to revenue"


def purchase_tax_problem(rate: XeroTaxRate) -> str | None:
    """Why a tax type can not be used on purchase lines, None if it can, or if nothing is known against it."""
    if rate["status"] != "ACTIVE":
        return f"it is {rate['status']}, wanted an active tax type"
    return "it does not apply to expenses" if rate["can_apply_to_expenses"] is False else None
