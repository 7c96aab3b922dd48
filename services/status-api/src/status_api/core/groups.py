"""Each topic's own group of columns: which values of an event they hold, and which of two events is the newer.

A group follows the newest try of its own topic and nothing else, so a later fault never hides the link of an earlier
success, and the order in which topics are read does not matter. Of several events of one try the first counts: a mapper that
reads its topic again from the beginning says everything a second time, with later times.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from invoice_events import names
from invoice_events.codec import Event

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of columns of the document table.

    Attributes:
        topic: whose events fill it.
        rank: columns that say which of two events is the newer, most important first; the first is 0 while the group is empty.
        columns: every column, the rank's included.
        values: an event's values, by column.
        earliest: keep the oldest event instead of the newest (the first time a document got into Xero).
        first_of_try: of events with the same first rank column the oldest is kept.
    """

    topic: str
    rank: tuple[str, ...]
    columns: tuple[str, ...]
    values: Callable[[Event], Row]
    earliest: bool = False
    first_of_try: bool = False

    def outranks(self, left: Row, right: Row) -> bool:
        """Whether `left` replaces `right`; both hold this group."""
        a, b = tuple(left[name] for name in self.rank), tuple(right[name] for name in self.rank)
        if self.first_of_try and a[0] == b[0]:
            return a < b
        return a < b if self.earliest else a > b


def searchable(*words: str) -> str:
    """Words as the search column holds them and queries ask for them."""
    return " ".join(words).casefold()


def _source(event: Event) -> Row:
    invoice, company = event["invoice"], event["company"]
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
        "source_number": invoice["number"],
        "source_date": invoice["date"],
        "source_due_date": invoice["due_date"],
        "source_total": invoice["total"],
        "source_tax_total": invoice["tax_total"],
        "source_currency": invoice["currency"],
        "source_company_id": company["id"],
        "source_company_name": company["name"],
        "source_line_count": len(event["lines"]),
        "source_is_voided": invoice["is_voided"],
        "source_stamped_at": invoice["web_service_date"],
        "source_search": searchable(invoice["number"], company["name"]),
    }


def _mapping(event: Event) -> Row:
    xero, prediction = event["xero"], event["prediction"]
    return {
        "mapping_revision": event["revision"],
        "mapping_at": event["occurred_at"],
        "mapping_event_id": event["event_id"],
        "mapping_attempt": event["attempt"],
        "mapping_xero_kind": event["xero_kind"],
        "mapping_number": xero["number"] if xero else None,
        "mapping_due_date": event["due_date"],
        "mapping_total": prediction["total"] if prediction else None,
        "mapping_settings_version": event["settings_version"],
        "mapping_reference_version": event["reference_version"],
    }


def _processing(event: Event) -> Row:
    return {
        "processing_revision": event["revision"],
        "processing_at": event["occurred_at"],
        "processing_event_id": event["event_id"],
        "processing_attempt": event["attempt"],
        "processing_request_id": event["request_id"],
        "processing_verifying": event["phase"] == "verifying",
    }


def _synced(event: Event) -> Row:
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
        "synced_due_date": event["due_date"],
        "synced_warnings": json.dumps(event["warnings"], ensure_ascii=False),
        "synced_search": searchable(event["xero_number"], event["contact_name"]),
    }


def _first_synced(event: Event) -> Row:
    return {"first_synced_revision": event["revision"], "first_synced_at": event["occurred_at"]}


def _fault(event: Event) -> Row:
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


def _skip(event: Event) -> Row:
    return {
        "skip_revision": event["revision"],
        "skip_at": event["occurred_at"],
        "skip_event_id": event["event_id"],
        "skip_attempt": event["attempt"],
        "skip_reason": event["reason"],
        "skip_text": event["text"],
    }


def _hold(event: Event) -> Row:
    return {
        "hold_version": event["hold_version"],
        "hold_at": event["occurred_at"],
        "hold_event_id": event["event_id"],
        "hold": event["hold"],
        "hold_actor": event["actor"],
    }


def _columns(prefix: str, text: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{name}" for name in text.split())


def _rank(prefix: str) -> tuple[str, ...]:
    return (f"{prefix}_revision", f"{prefix}_at", f"{prefix}_event_id")


SOURCE = Group(
    names.DISCOVERED,
    _rank("source"),
    _columns(
        "source",
        "revision at event_id attempt command_id action priority settings_version url number date due_date total tax_total"
        " currency company_id company_name line_count is_voided stamped_at search",
    ),
    _source,
    first_of_try=True,
)
MAPPING = Group(
    names.MAPPED,
    _rank("mapping"),
    _columns(
        "mapping",
        "revision at event_id attempt xero_kind number due_date total settings_version reference_version",
    ),
    _mapping,
    first_of_try=True,
)
PROCESSING = Group(
    names.PROCESSING,
    (*_rank("processing"), "processing_verifying"),
    _columns("processing", "revision at event_id attempt request_id verifying"),
    _processing,
)
SYNCED = Group(
    names.SYNCED,
    _rank("synced"),
    _columns(
        "synced",
        "revision at event_id attempt xero_id xero_kind outcome number url xero_status currency sub_total total_tax total"
        " contact_id contact_name due_date warnings search",
    ),
    _synced,
    first_of_try=True,
)
FIRST_SYNCED = Group(
    names.SYNCED,
    ("first_synced_revision", "first_synced_at"),
    ("first_synced_revision", "first_synced_at"),
    _first_synced,
    earliest=True,
)
FAULT = Group(
    names.FAULTED,
    _rank("fault"),
    _columns("fault", "revision at event_id attempt code text side service strike final details xero_id"),
    _fault,
    first_of_try=True,
)
SKIP = Group(
    names.SKIPPED,
    _rank("skip"),
    _columns("skip", "revision at event_id attempt reason text"),
    _skip,
    first_of_try=True,
)
HOLD = Group(
    names.HELD,
    ("hold_version", "hold_at", "hold_event_id"),
    ("hold_version", "hold_at", "hold_event_id", "hold", "hold_actor"),
    _hold,
)

GROUPS = (SOURCE, MAPPING, PROCESSING, SYNCED, FIRST_SYNCED, FAULT, SKIP, HOLD)
BY_TOPIC = {
    topic: tuple(group for group in GROUPS if group.topic == topic) for topic in names.DOCUMENT_TOPICS
}
DOCUMENT_COLUMNS = tuple(column for group in GROUPS for column in group.columns)
