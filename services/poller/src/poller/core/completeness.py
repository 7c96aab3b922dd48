"""Whether Autotask has finished an invoice. It shows invoices while the billing run still writes them."""

from __future__ import annotations

from datetime import datetime, timedelta

from invoice_amounts import adds_up
from invoice_events.settings import Settings, tolerance
from poller.core.snapshot import Snapshot

INCOMPLETE = "INVOICE_INCOMPLETE"
"""Fault of an invoice that Autotask has not finished."""

_STILL_YOUNG = timedelta(minutes=10)


def is_incomplete(snapshot: Snapshot, settings: Settings, now: datetime) -> bool:
    """Whether an invoice is young and looks unfinished: no number yet, or lines that do not add up.

    Older than ten minutes it goes to the mapper as it is, which says what is wrong with it.
    """
    invoice = snapshot["invoice"]
    if now - invoice["created_at"] >= _STILL_YOUNG:
        return False
    if not invoice["number"].strip():
        return True
    return not adds_up(
        snapshot["lines"],
        invoice["total"],
        invoice["tax_total"],
        invoice["currency"],
        basis=settings["amount_basis"],
        tolerance=tolerance(settings),
    )
