"""Faults found while mapping: collected, then published as one, the gravest first."""

from __future__ import annotations

from typing import NamedTuple

from invoice_events.catalogue import fault

SEVERITY = (
    "EVENT_UNREADABLE",
    "TENANT_DATA_MISSING",
    "INVOICE_TOO_LARGE",
    "AMOUNTS_DO_NOT_MATCH",
    "AMOUNT_PRECISION",
    "NO_LINES",
    "NUMBER_EMPTY",
    "NUMBER_INVALID",
    "CURRENCY_NOT_SUBSCRIBED",
    "NO_ACTIVE_CONTACT",
    "EMAIL_INVALID",
    "BRANDING_THEME_INVALID",
    "ACCOUNT_MISSING",
    "ACCOUNT_INVALID",
    "TAX_MISSING",
    "TAX_INVALID",
    "TRACKING_INVALID",
    "TAX_MISMATCH",
    "ROUNDING_ACCOUNT_MISSING",
)
"""What the mapper can find, gravest first: wrong data at the source, then the document, then the mapping of its lines."""


class Problem(NamedTuple):
    """One fault: its code, the words users know it by, and where exactly it lies."""

    code: str
    text: str
    details: tuple[str, ...] = ()


def problem(code: str, *details: str) -> Problem:
    """A fault in the catalogue's words."""
    return Problem(code, fault(code).text, details)


class Gravest(NamedTuple):
    """The fault to publish, with everything else that was found in its details."""

    code: str
    text: str
    side: str
    details: list[str]


def gravest(problems: list[Problem]) -> Gravest:
    """The gravest fault with its details first, then the others, each under its code.

    Faults of one code (several lines without account) are one fault with several details.
    """
    ranked = sorted(problems, key=lambda item: SEVERITY.index(item.code))
    first = ranked[0]
    details: list[str] = []
    for item in ranked:
        if item.code == first.code:
            details += item.details
        else:
            details += [f"{item.code}: {detail}" for detail in item.details or (item.text,)]
    return Gravest(first.code, first.text, fault(first.code).side, details)
