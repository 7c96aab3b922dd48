"""From a snapshot, settings and reference data to one event: mapped, faulted or skipped."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from invoice_events.settings import Settings
from invoice_events.types import PurchaseOrderDiscovered, XeroReference
from mapper.core.invoices import map_invoice
from mapper.core.orders import map_order
from mapper.core.outcome import Outcome
from mapper.core.rules import Rules, prepare
from mapper.core.work import Source, UnsupportedWorkError

__all__ = ["Source", "UnsupportedWorkError", "map_document", "map_invoice", "map_order", "map_snapshot"]


def map_snapshot(
    event: Source,
    settings: Settings,
    settings_version: int,
    reference: XeroReference,
    occurred_at: datetime,
) -> Outcome:
    """`map_document` with rules made for this one document: the whole decision as one function of its inputs."""
    return map_document(event, prepare(settings, settings_version, reference), occurred_at)


def map_document(event: Source, rules: Rules, occurred_at: datetime) -> Outcome:
    """Decide what an invoice or a purchase order becomes in Xero.

    Args:
        event: the snapshot.
        rules: the tenant's settings and reference data.
        occurred_at: the time that the resulting event carries.

    Raises:
        UnsupportedWorkError: action or purpose is beyond this release, or the snapshot is another document's.
    """
    if "order" in event:
        return map_order(cast("PurchaseOrderDiscovered", event), rules, occurred_at)
    return map_invoice(event, rules, occurred_at)
