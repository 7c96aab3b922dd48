"""Where the truth about Xero is open, or a test wants it otherwise: one switch each, per organisation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switches:
    """What the known facts about Xero leave open, and limits. The defaults are the likelier reading.

    `tax_amount_limit`: a TaxAmount may not exceed the line amount, or the unit amount.
    `unknown_account`: refuse the document, or remove the code with a warning.
    `unknown_tracking`: refuse the document, or drop the entry silently.
    `paid_edits`: changes of amounts on documents with money applied are ignored silently, or refused.
    `billed_orders`: whether an app may give a purchase order the status BILLED.
    `approve_limit`: how many sales invoices may be approved (a plan's cap), None = no cap.
    """

    rounding_mode: str = "half_up"
    tax_amount_limit: str = "line_amount"
    minute_limit: int = 60
    day_limit: int = 5000
    concurrent_limit: int = 5
    app_minute_limit: int = 10_000
    limits_on: bool = True
    first_number: int = 1001
    unknown_account: str = "refuse"
    unknown_tracking: str = "refuse"
    paid_edits: str = "ignore"
    billed_orders: str = "accept"
    credit_note_numbers_unique: bool = False
    approve_limit: int | None = None
    max_body_bytes: int = 3_500_000
