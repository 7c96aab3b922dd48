"""One sentence per event of a timeline, of either kind of document.

Timelines keep events as they were folded: what an older release folded lacks the fields that came later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from invoice_events import names
from status_api.core.commands import RECREATE

Payload = dict[str, Any]

_XERO_KINDS = {"invoice": "invoice", "credit_note": "credit note", "purchase_order": "purchase order"}
_HOLDS = {"skip": "Skipped by hand", "diagnose": "Taken into Diagnostic Mode"}


def summary(topic: str, payload: Payload) -> str:
    """What the event says, for people."""
    return _SENTENCES[names.stage_of(topic)](payload)


def _discovered(event: Payload) -> str:
    verb = "Read from Autotask for a diagnosis" if event["purpose"] == "diagnose" else "Read from Autotask"
    if event["action"] == "void":
        verb += ", where it is voided" if "invoice" in event else ", where it is cancelled"
    if "invoice" in event:
        what = f"total {event['invoice']['total']} {event['invoice']['currency']}"
    else:
        what = f"status {event['order']['status_name'] or event['order']['status']}"
    return f"{verb}: {len(event['lines'])} lines, {what}, try {event['attempt']}{_recreate(event)}"


def _recreate(event: Payload) -> str:
    return (
        ", to be written anew if the document in Xero was deleted or voided" if event.get("recreate") else ""
    )


def _mapped(event: Payload) -> str:
    """Also of a dry run, which may have met what a try would end with."""
    dry = "Diagnosis: " if event["purpose"] == "diagnose" else ""
    obstacle = event.get("obstacle")
    if obstacle is not None:
        return f"{dry}would be {obstacle['outcome']}: {obstacle['text']} ({obstacle['code']})"
    if event["prediction"] is None:
        return f"{dry}{'mapped' if dry else 'Mapped'}: to be voided in Xero"
    kind, total = _XERO_KINDS[event["xero_kind"]], event["prediction"]["total"]
    told = f"{dry}{'mapped' if dry else 'Mapped'} to a Xero {kind} of {total} {event['xero']['currency']}"
    return f"{told}{_recreate(event)}{_with_warnings(event.get('warnings', []))}"


def _processing(event: Payload) -> str:
    if event["phase"] == "verifying":
        return "The outcome of the request to Xero is unknown and is being looked up"
    return "Being written to Xero"


def _synced(event: Payload) -> str:
    name = event["xero_number"] or event["xero_document_id"]
    if event["outcome"] != "voided":
        told = f"In Xero as {name} ({event['outcome']}, {event['xero_status']})"
    elif name and event["xero_status"]:
        told = f"Voided in Xero as in Autotask: {name} is {event['xero_status']}"
    else:
        told = "Voided in Autotask, and nothing of it is in Xero"
    return f"{told}{_with_warnings(event['warnings'])}"


def _with_warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    return f"; {'warning' if len(warnings) == 1 else 'warnings'}: {'; '.join(warnings)}"


def _faulted(event: Payload) -> str:
    count = f"fault {event['attempt']} of 3" if event["strike"] else "not counted"
    return f"{event['text']} ({event['code']}, {'final' if event['final'] else count})"


def _skipped(event: Payload) -> str:
    return f"Skipped: {event['text'] or event['reason']}"


def _held(event: Payload) -> str:
    """What lies over the document after it. A purchase order's event tells its hold and its difference, whichever has changed."""
    by = f" by {event['actor']}" if event["actor"] else ""
    hold = _HOLDS.get(event["hold"])
    if "changed_since" not in event:
        return f"{hold or 'Hold lifted'}{by}"
    if event["changed_since"] is not None:
        changed = f"Changed in Autotask since it went over, first seen {event['changed_since']}; a resync takes it over"
        return f"{hold}{by}. {changed}" if hold else changed
    if hold or by:
        return f"{hold or 'Hold lifted'}{by}"
    return "Neither held nor different in Autotask from what went over"


def _command(event: Payload) -> str:
    recreates = RECREATE.items() <= event["options"].items()
    new = " with a new document, should the one in Xero be deleted or voided," if recreates else ""
    return f"{event['kind']}{new} asked for by {event['actor']}"


def _result(event: Payload) -> str:
    reason = f": {event['reason']}" if event["reason"] else ""
    return f"{event['kind']} {event['state']} by {event['service']}{reason}"


def _log(event: Payload) -> str:
    return f"{event['message']} ({event['service']})"


_SENTENCES: dict[str, Callable[[Payload], str]] = {
    names.stage_of(topic): sentence
    for topic, sentence in {
        names.DISCOVERED: _discovered,
        names.MAPPED: _mapped,
        names.PROCESSING: _processing,
        names.SYNCED: _synced,
        names.FAULTED: _faulted,
        names.SKIPPED: _skipped,
        names.HELD: _held,
        names.COMMANDS: _command,
        names.COMMAND_RESULTS: _result,
        names.LOGS: _log,
    }.items()
}
"""By what a topic tells: invoices and purchase orders share their sentences."""
