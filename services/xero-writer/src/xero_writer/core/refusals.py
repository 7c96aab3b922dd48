"""Xero's words to codes of the fault catalogue. Unknown words stay raw under UNKNOWN."""

from __future__ import annotations

import re

NUMBER_TAKEN = "NUMBER_CONFLICT"

_RULES: tuple[tuple[str, str], ...] = (
    (
        r"invoice # must be unique|order number must be unique|credit ?note (number|#).*unique|number .*already (exists|been used)",
        NUMBER_TAKEN,
    ),
    (
        r"payment or credit note allocated|has payments or credit notes allocated|must supply a lineitemid",
        "LOCKED_BY_PAYMENT",
    ),
    (
        r"not of valid status for modification|deleted purchaseorders cannot be updated|status change is invalid",
        NUMBER_TAKEN,
    ),
    (r"not subscribed to currency", "CURRENCY_NOT_SUBSCRIBED"),
    (r"has been archived\. the contact must|matched an archived contact", "CONTACT_ARCHIVED"),
    (
        r"account code .*(not a valid code|archived|deleted|removed)|account must be valid|account code must be specified",
        "ACCOUNT_INVALID",
    ),
    (r"taxtype|tax rate must be valid", "TAX_INVALID"),
    (r"lock date", "PERIOD_LOCKED"),
    (r"email address must be valid", "EMAIL_INVALID"),
    (r"limit of invoices you can approve", "APPROVAL_LIMIT"),
    (
        r"line total .* does not match|document total does not equal|tax amount cannot be greater",
        "AMOUNTS_DO_NOT_MATCH",
    ),
)


def code_of(texts: list[str]) -> str:
    """Catalogue code of a refusal; the first rule that any text fits decides."""
    for pattern, code in _RULES:
        if any(re.search(pattern, one, re.IGNORECASE) for one in texts):
            return code
    return "UNKNOWN"


REFERENCE_CODES = frozenset({"ACCOUNT_INVALID", "TAX_INVALID", "CURRENCY_NOT_SUBSCRIBED", "PERIOD_LOCKED"})
"""Refusals that newer reference data could explain: it is read again soon."""
