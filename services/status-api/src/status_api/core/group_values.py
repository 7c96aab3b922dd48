"""What each group of columns takes from an event: the same columns for both kinds of documents, where they mean the same."""

from __future__ import annotations

import json
from typing import Any

from invoice_events.codec import Event

Row = dict[str, Any]
_CANCELLED = 5  # Autotask's status of a purchase order; older ones lack the time of it


def searchable(*words: str) -> str:
    """Words as the search column holds them and queries ask for them."""
    return " ".join(words).casefold()


def source(event: Event) -> Row:
    """What Autotask says: of an invoice, or of a purchase order, whose vendor stands where the company does."""
    return {
        "source_revision": event["revision"],
        "source_at": event["occurred_at"],
        "source_event_id": event["event_id"],
        "source_attempt": event["attempt"],
        "source_command_id": event["command_id"],
        "source_action": event["action"],
        "source_priority": event["priority"],
        "source_settings_version": event["settings_version"],
        "source_url": event["autotask_url"],
        "source_line_count": len(event["lines"]),
    } | (_order(event) if "order" in event else _invoice(event))


def _invoice(event: Event) -> Row:
    invoice, company = event["invoice"], event["company"]
    return {
        "source_number": invoice["number"],
        "source_date": invoice["date"],
        "source_due_date": invoice["due_date"],
        "source_total": invoice["total"],
        "source_tax_total": invoice["tax_total"],
        "source_currency": invoice["currency"],
        "source_company_id": company["id"],
        "source_company_name": company["name"],
        "source_is_voided": invoice["is_voided"],
        "source_stamped_at": invoice["web_service_date"],
        "source_order_status": None,
        "source_order_status_name": None,
        "source_expected_on": None,
        "source_search": searchable(invoice["number"], company["name"]),
    }


def _order(event: Event) -> Row:
    order, vendor = event["order"], event["vendor"]
    return {
        "source_number": order["number"],
        "source_date": order["date"],
        "source_due_date": None,
        "source_total": None,  # Autotask has none: what is shown is the mapping's
        "source_tax_total": None,
        "source_currency": order["currency"],
        "source_company_id": vendor["id"],
        "source_company_name": vendor["name"],
        "source_is_voided": order["cancelled_at"] is not None or order["status"] == _CANCELLED,
        "source_stamped_at": None,
        "source_order_status": order["status"],
        "source_order_status_name": order["status_name"],
        "source_expected_on": order["expected_on"],
        "source_search": searchable(
            order["number"], order["external_number"], order["vendor_invoice_number"], vendor["name"]
        ),
    }


def first_seen(event: Event) -> Row:
    """When the document was found for the first time."""
    return {"first_seen_revision": event["revision"], "first_seen_at": event["occurred_at"]}


def mapping(event: Event) -> Row:
    """The Xero document to be; a void has neither number nor totals."""
    xero, prediction = event["xero"], event["prediction"]
    return {
        "mapping_revision": event["revision"],
        "mapping_at": event["occurred_at"],
        "mapping_event_id": event["event_id"],
        "mapping_attempt": event["attempt"],
        "mapping_xero_kind": event["xero_kind"],
        "mapping_number": xero["number"] if xero else None,
        "mapping_due_date": event.get("due_date"),
        "mapping_total": prediction["total"] if prediction else None,
        "mapping_tax_total": prediction["total_tax"] if prediction else None,
        "mapping_settings_version": event["settings_version"],
        "mapping_reference_version": event["reference_version"],
        "mapping_warnings": json.dumps(event["warnings"], ensure_ascii=False),
    }


def processing(event: Event) -> Row:
    """The request that is under way."""
    return {
        "processing_revision": event["revision"],
        "processing_at": event["occurred_at"],
        "processing_event_id": event["event_id"],
        "processing_attempt": event["attempt"],
        "processing_request_id": event["request_id"],
        "processing_verifying": event["phase"] == "verifying",
    }


def synced(event: Event) -> Row:
    """What stands in Xero."""
    return {
        "synced_revision": event["revision"],
        "synced_at": event["occurred_at"],
        "synced_event_id": event["event_id"],
        "synced_attempt": event["attempt"],
        "synced_xero_id": event["xero_document_id"],
        "synced_xero_kind": event["xero_kind"],
        "synced_outcome": event["outcome"],
        "synced_number": event["xero_number"],
        "synced_url": event["xero_url"],
        "synced_xero_status": event["xero_status"],
        "synced_currency": event["currency"],
        "synced_sub_total": event["sub_total"],
        "synced_total_tax": event["total_tax"],
        "synced_total": event["total"],
        "synced_contact_id": event["contact_id"],
        "synced_contact_name": event["contact_name"],
        "synced_due_date": event.get("due_date"),
        "synced_warnings": json.dumps(event["warnings"], ensure_ascii=False),
        "synced_search": searchable(event["xero_number"], event["contact_name"]),
    }


def first_synced(event: Event) -> Row | None:
    """When the document first got into Xero; a void, which may have found nothing there, tells nothing of it."""
    if event["outcome"] == "voided":
        return None
    return {"first_synced_revision": event["revision"], "first_synced_at": event["occurred_at"]}


def fault(event: Event) -> Row:
    """What went wrong."""
    return {
        "fault_revision": event["revision"],
        "fault_at": event["occurred_at"],
        "fault_event_id": event["event_id"],
        "fault_attempt": event["attempt"],
        "fault_code": event["code"],
        "fault_text": event["text"],
        "fault_side": event["side"],
        "fault_service": event["service"],
        "fault_strike": event["strike"],
        "fault_final": event["final"],
        "fault_details": json.dumps(event["details"], ensure_ascii=False),
        "fault_xero_id": event["xero_document_id"],
    }


def skip(event: Event) -> Row:
    """Why it was left alone."""
    return {
        "skip_revision": event["revision"],
        "skip_at": event["occurred_at"],
        "skip_event_id": event["event_id"],
        "skip_attempt": event["attempt"],
        "skip_reason": event["reason"],
        "skip_text": event["text"],
    }


def hold(event: Event) -> Row:
    """The hold that lies over the document, and since when Autotask differs from what went over."""
    return {
        "hold_version": event["hold_version"],
        "hold_at": event["occurred_at"],
        "hold_event_id": event["event_id"],
        "hold": event["hold"],
        "hold_actor": event["actor"],
        "hold_changed_since": event.get("changed_since"),
    }
