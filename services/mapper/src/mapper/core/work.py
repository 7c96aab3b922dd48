"""What a discovered event may ask for."""

from __future__ import annotations

from invoice_events.names import Document, Kind
from invoice_events.types import InvoiceDiscovered, PurchaseOrderDiscovered

Source = InvoiceDiscovered | PurchaseOrderDiscovered
"""A snapshot of either kind of document."""

_ACTIONS = frozenset({"create", "update", "void"})
_PURPOSES = frozenset({"sync", "diagnose"})


class UnsupportedWorkError(ValueError):
    """The event asks for something this release can not do; doing something else instead would be worse than refusing."""


def require_known_work(event: Source, kind: Kind, autotask_id: int) -> None:
    """Refuse what is beyond this release, and a snapshot that is not of the document its event names.

    Raises:
        UnsupportedWorkError: with what was wanted instead.
    """
    if event["action"] not in _ACTIONS or event["purpose"] not in _PURPOSES:
        raise UnsupportedWorkError(
            f"action {event['action']} with purpose {event['purpose']} can not be mapped, wanted create, update or void with purpose sync or diagnose"
        )
    if event["document"] != str(Document(kind, autotask_id)):
        raise UnsupportedWorkError(f"{event['document']} carries {kind} {autotask_id}")
