"""Whether a document's currency is one that Xero has."""

from __future__ import annotations

from mapper.core.problems import Problem
from mapper.core.rules import Rules


def currency_problems(currency: str, rules: Rules) -> list[Problem]:
    """The fault of a currency that the organisation is not subscribed to, in Xero's words."""
    if currency in rules.currencies:
        return []
    subscribed = ", ".join(sorted(rules.currencies))
    text = f"Organisation is not subscribed to currency {currency}"
    return [Problem("CURRENCY_NOT_SUBSCRIBED", text, (f"subscribed: {subscribed}",))]
