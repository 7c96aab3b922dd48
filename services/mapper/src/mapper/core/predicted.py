"""What Xero is expected to compute, as events carry it."""

from __future__ import annotations

from invoice_amounts import Totals
from invoice_events.types import Prediction


def prediction(totals: Totals) -> Prediction:
    """The totals, and the amounts of each line that is sent."""
    return {
        "sub_total": totals.sub_total,
        "total_tax": totals.total_tax,
        "total": totals.total,
        "lines": [{"line_amount": amount, "tax_amount": tax} for amount, tax in totals.lines],
    }
