"""Dry runs: what ends a try before there is a document goes on to the xero-writer, who answers.

It is never published as a fault or a skip: those would end the document's real try, and count.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from invoice_events import names
from invoice_events.catalogue import fault
from invoice_events.types import (
    AutotaskCompany,
    ContactCriteria,
    DiagnosedObstacle,
    InvoiceDiscovered,
    PurchaseOrderDiscovered,
)
from mapper.core.naming import invoice_mark, order_mark
from mapper.core.outcome import Faulted, Heading, Mapped, OrderMapped, Outcome, Skipped, envelope
from mapper.core.work import Source

_UNKNOWN_VERSION = 0
"""Of reference data: what was used is not asked where there is no document."""


def is_diagnosis(source: Source) -> bool:
    """Whether nothing may be written, and nothing counted."""
    return source["purpose"] == "diagnose"


def diagnosed(source: Source, outcome: Outcome) -> Mapped | OrderMapped:
    """What a dry run has come to: the document to be as it is, a fault or a skip as what stands in its way."""
    if isinstance(outcome, Faulted):
        event = outcome.event
        obstacle: DiagnosedObstacle = {
            "outcome": "faulted",
            "code": event["code"],
            "text": event["text"],
            "details": event["details"],
        }
    elif isinstance(outcome, Skipped):
        skip = outcome.event
        obstacle = {"outcome": "skipped", "code": skip["reason"], "text": skip["text"], "details": []}
    else:
        return outcome
    return _obstructed(source, obstacle, outcome.event["occurred_at"])


def failed(source: Source, reason: str, occurred_at: datetime) -> Mapped | OrderMapped:
    """A dry run of a document that nobody foresaw: what would be an unreadable event for a real try."""
    obstacle: DiagnosedObstacle = {
        "outcome": "faulted",
        "code": "EVENT_UNREADABLE",
        "text": fault("EVENT_UNREADABLE").text,
        "details": [reason],
    }
    return _obstructed(source, obstacle, occurred_at)


def _obstructed(source: Source, obstacle: DiagnosedObstacle, occurred_at: datetime) -> Mapped | OrderMapped:
    if "order" in source:
        order = cast("PurchaseOrderDiscovered", source)
        return OrderMapped(
            {
                **_heading(source, order_mark(order["order"]["id"]), obstacle, occurred_at),
                "xero_kind": "purchase_order",
                "contact": _of_company(order["vendor"]),
                "xero": None,
                "prediction": None,
                "decisions": [],
                "warnings": [],
            }
        )
    invoice: InvoiceDiscovered = source
    return Mapped(
        {
            **_heading(source, invoice_mark(invoice["invoice"]["id"], "invoice"), obstacle, occurred_at),
            "xero_kind": "invoice",
            "contact": _of_company(invoice["company"]),
            "due_rule": "autotask",
            "due_date": None,
            "xero": None,
            "prediction": None,
            "decisions": [],
            "warnings": [],
        }
    )


def _heading(source: Source, mark: str, obstacle: DiagnosedObstacle, occurred_at: datetime) -> Heading:
    return {
        **envelope(source, names.MAPPED, occurred_at),
        "action": source["action"],
        "priority": source["priority"],
        "purpose": "diagnose",
        "settings_version": source["settings_version"],
        "reference_version": _UNKNOWN_VERSION,
        "number_is_ours": False,
        "mark": mark,
        "recreate": False,
        "obstacle": obstacle,
    }


def _of_company(company: AutotaskCompany) -> ContactCriteria:
    """Nobody looks for the contact: it is there because every event of this kind names one."""
    return {
        "company_id": company["id"],
        "name": company["name"],
        "account_number": company["number"],
        "match_by": "name",
        "ignore_case": True,
        "pinned_contact_id": None,
        "create_missing": False,
        "refresh": False,
        "details": None,
    }
