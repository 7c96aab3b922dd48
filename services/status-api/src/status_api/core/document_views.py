"""How a document is told: JSON members of invoices and purchase orders, as lists show them and when they are opened."""

from __future__ import annotations

from status_api.core.statuses import REASONS, STAGES
from status_api.core.views import Fields, Json, told

_SKIPPED = next(number for number, name in STAGES.items() if name == "skipped")


def document_item(row: Fields) -> Json:
    """A document as lists show it."""
    view: Json = {
        "id": row["id"],
        "document": f"{row['kind']}/{row['id']}",
        "status": row["status"],
        "phase": _phase(row),
        "cause": _cause(row),
        "strikes": 0 if row["resync_open"] else row["strikes"],
        "hold": row["hold"],
        "revision": row["revision"],
        "changed_at": row["changed_at"],
        **(_invoice(row) if _is_invoice(row) else _order(row)),
        "action": row["source_action"],
        "priority": row["source_priority"],
        "autotask_url": row["source_url"],
        "has_warnings": row["has_warnings"],
        "xero": _xero(row),
    }
    return told(view)


def _is_invoice(row: Fields) -> bool:
    return bool(row["kind"] == "invoice")


def _invoice(row: Fields) -> Json:
    """What Autotask says of an invoice."""
    return {
        "number": row["source_number"],
        "date": row["source_date"],
        "due_date": row["source_due_date"],
        "company": _company(row),
        "total": row["source_total"],
        "tax_total": row["source_tax_total"],
        "currency": row["source_currency"],
    }


def _order(row: Fields) -> Json:
    """What Autotask says of a purchase order. It has no totals there: what they will be in Xero, or are if it was voided, is told."""
    in_xero = _xero(row) is not None
    predicted = row["mapping_total"] is not None or not in_xero
    return {
        "number": row["source_number"],
        "date": row["source_date"],
        "expected_on": row["source_expected_on"],
        "vendor": _company(row),
        "autotask_status": {"id": row["source_order_status"], "name": row["source_order_status_name"]}
        if row["source_order_status"] is not None
        else None,
        "total": row["mapping_total"] if predicted else row["synced_total"],
        "tax_total": row["mapping_tax_total"] if predicted else row["synced_total_tax"],
        "currency": row["source_currency"],
        "changed_since": row["hold_changed_since"],
    }


def _company(row: Fields) -> Json | None:
    if row["source_company_id"] is None:
        return None
    return {"id": row["source_company_id"], "name": row["source_company_name"]}


def _phase(row: Fields) -> str | None:
    """What Processing Now is doing."""
    if row["status"] != "Processing Now":
        return None
    return "verifying" if row["processing_verifying"] else "writing"


def _cause(row: Fields) -> Json | None:
    """Why it is as it is, if there is a reason: a fault's code and words, a skip's, or ours."""
    code = row["cause"]
    if code is None or row["resync_open"]:
        return None  # a resync starts anew
    if code == row["skip_reason"] and row["stage"] == _SKIPPED:
        return {"code": code, "text": row["skip_text"]}
    return {"code": code, "text": REASONS.get(code, row["fault_text"])}


def _xero(row: Fields) -> Json | None:
    """The document in Xero, once there was one; voided ones stay there. None too if a void found nothing of it."""
    if not row["synced_revision"] or (row["synced_outcome"] == "voided" and row["synced_xero_id"] is None):
        return None
    return {
        "id": row["synced_xero_id"],
        "kind": row["synced_xero_kind"],
        "number": row["synced_number"],
        "url": row["synced_url"],
        "status": row["synced_xero_status"],
        "currency": row["synced_currency"],
        "total": row["synced_total"],
        "synced_at": row["synced_at"],
    }


def document_detail(row: Fields) -> Json:
    """A document opened: what lists show, and each group of what is known."""
    due = "due_date" if _is_invoice(row) else ""
    more: Json = {
        "stage": STAGES.get(row["stage"]),
        "open_command": {"command_id": row["open_command_id"], "issued_at": row["open_command_at"]}
        if row["open_command_id"] is not None
        else None,
        "first_synced_at": row["first_synced_at"],
        "source": _source(row),
        "mapping": _group(
            row,
            "mapping",
            f"revision at attempt xero_kind number {due} total tax_total settings_version reference_version warnings",
        ),
        "processing": _group(row, "processing", "revision at attempt request_id verifying"),
        "synced": _group(
            row,
            "synced",
            f"revision at attempt outcome sub_total total_tax contact_id contact_name {due} warnings",
        ),
        "fault": _group(
            row, "fault", "revision at attempt code text side service strike final details xero_id"
        ),
        "skip": _group(row, "skip", "revision at attempt reason text"),
        "held": {"at": row["hold_at"], "hold": row["hold"], "actor": row["hold_actor"]}
        if row["hold_version"]
        else None,
    }
    return document_item(row) | told(more)


def _source(row: Fields) -> Json | None:
    known = _group(row, "source", "revision at attempt command_id settings_version line_count")
    if known is None:
        return None
    if _is_invoice(row):
        return known | {"is_voided": row["source_is_voided"], "stamped_at": row["source_stamped_at"]}
    return known | {"is_cancelled": row["source_is_voided"]}


def _group(row: Fields, prefix: str, columns: str) -> Json | None:
    if not row[f"{prefix}_revision"]:
        return None
    group = {name: row[f"{prefix}_{name}"] for name in columns.split()}
    if "warnings" in group:
        group["warnings"] = group["warnings"] or []  # what an older release folded has none
    return group
